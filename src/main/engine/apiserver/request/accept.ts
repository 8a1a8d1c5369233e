/**
 * Content negotiation of answers. Source: API reference, "API concepts": Accept with `as=Table` and
 * `as=PartialObjectMetadata`; the first entry that can be served wins, as the clients rely on.
 */
import { notAcceptable, refuse } from '../status.ts';

export interface AcceptedView {
  /** What an object or list is turned into. */
  view: 'object' | 'table' | 'metadata';
  /** For metadata: whether the list form was asked for. */
  list: boolean;
  /** `v1` or `v1beta1` of meta.k8s.io, for table and metadata. */
  version: 'v1' | 'v1beta1';
  format: 'json' | 'yaml';
}

const PLAIN: AcceptedView = { view: 'object', list: false, version: 'v1', format: 'json' };
/** What collections can be watched as. */
const STREAMED = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const SERVED_MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** Throws 406 when nothing of what is asked for can be served. Parsed headers are remembered: clients send very few. */
export function parseAccept(header: string | undefined, custom = false, isCollection = false): AcceptedView {
  if (header === undefined || header === '' || header === 'application/json') return PLAIN;
  const key = custom ? `custom ${header}` : header;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const parsed = parse(header, custom);
  if (parsed === null) throw unservable(header, custom, isCollection);
  if (remembered.size < 200) remembered.set(key, parsed);
  return parsed;
}

/** Worded differently for unknown media types and for unknown ways to transform; custom resources have one way. */
function unservable(header: string, custom: boolean, isCollection: boolean): Error {
  if (custom || header.includes('as=')) return notAcceptable(SERVED_MEDIA_TYPES);
  const text = `406: Not Acceptable\n\nAvailable representations: ${[...SERVED_MEDIA_TYPES, ...(isCollection ? STREAMED : [])].join(', ')}`;
  return refuse(406, 'NotAcceptable', text, {});
}

/**
 * The form in which a document of discovery is sent; throws 406. Roots are offered in aggregated form as well; all but
 * `/apis` are behind a router that knows media types by their whole names.
 */
export function discoveryFormat(header: string | undefined, path: string): 'json' | 'yaml' {
  if (header === undefined || header === '') return 'json';
  let known = path === '/apis';
  for (const entry of header.split(',')) {
    const [type = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const format = type === 'application/*' && known ? 'json' : formatOf(type, false);
    known ||= format !== null || type === 'application/vnd.kubernetes.protobuf';
    if (format === null) continue;
    if (!parameters.some((parameter) => parameter.startsWith('as='))) return format;
    if ((path === '/api' || path === '/apis') && parameters.includes('as=APIGroupDiscoveryList')) return format;
  }
  // There is no protobuf here, but who asks for it alone is not told that there is none.
  if (/protobuf(?!.*as=)/.test(header)) return 'json';
  if (known) throw notAcceptable(SERVED_MEDIA_TYPES);
  throw refuse(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${SERVED_MEDIA_TYPES.join(', ')}`,
    {},
  );
}

const remembered = new Map<string, AcceptedView>();

/** Media types are compared letter by letter; that there is a version is not taken for granted. */
function parse(header: string, custom: boolean): AcceptedView | null {
  for (const entry of header.split(',')) {
    const [type = '', ...rest] = entry.split(';').map((part) => part.trim());
    const format = formatOf(type, custom);
    if (format === null) continue;
    const parameters = new Map(rest.map((part) => part.split('=', 2).map((side) => side.trim()) as [string, string]));
    const as = parameters.get('as')?.toLowerCase();
    if (as === undefined) return { ...PLAIN, format };
    const version = parameters.get('v');
    if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) continue;
    if (as === 'table') return { view: 'table', list: false, version, format };
    if (as === 'partialobjectmetadata' || as === 'partialobjectmetadatalist')
      return { view: 'metadata', list: as.endsWith('list'), version, format };
  }
  return null;
}

/** Custom resources are behind no router that would have to know the media type by its whole name. */
function formatOf(type: string, custom: boolean): 'json' | 'yaml' | null {
  if (type === 'application/json' || type === '*/*' || type === '') return 'json';
  if (custom && type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : null;
}
