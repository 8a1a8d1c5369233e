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
  const known = remembered.get(header);
  if (known !== undefined) return known;
  const parsed = parse(header);
  if (parsed === null) throw unservable(header, custom, isCollection);
  if (remembered.size < 200) remembered.set(header, parsed);
  return parsed;
}

/** Worded differently for unknown media types and for unknown ways to transform; custom resources have one way. */
function unservable(header: string, custom: boolean, isCollection: boolean): Error {
  if (custom || header.includes('as=')) return notAcceptable(SERVED_MEDIA_TYPES);
  const text = `406: Not Acceptable\n\nAvailable representations: ${[...SERVED_MEDIA_TYPES, ...(isCollection ? STREAMED : [])].join(', ')}`;
  return refuse(406, 'NotAcceptable', text, {});
}

const remembered = new Map<string, AcceptedView>();

function parse(header: string): AcceptedView | null {
  for (const entry of header.split(',')) {
    const [type = '', ...rest] = entry.split(';').map((part) => part.trim().toLowerCase());
    const format = formatOf(type);
    if (format === null) continue;
    const parameters = new Map(rest.map((part) => part.split('=', 2).map((side) => side.trim()) as [string, string]));
    const as = parameters.get('as');
    if (as === undefined) return { ...PLAIN, format };
    const version = parameters.get('v') ?? 'v1';
    if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) continue;
    if (as === 'table') return { view: 'table', list: false, version, format };
    if (as === 'partialobjectmetadata' || as === 'partialobjectmetadatalist')
      return { view: 'metadata', list: as.endsWith('list'), version, format };
  }
  return null;
}

function formatOf(type: string): 'json' | 'yaml' | null {
  if (type === 'application/json' || type === '*/*' || type === '') return 'json';
  return type === 'application/yaml' ? 'yaml' : null;
}
