/**
 * Content negotiation of answers. Source: API reference, "API concepts": Accept with `as=Table` and
 * `as=PartialObjectMetadata`; the first entry that can be served wins, as the clients rely on.
 */
import { notAcceptable, refuse } from '../status.ts';
import type { ResourceRoute } from './route.ts';

export interface AcceptedView {
  /** What an object or list is turned into. */
  view: 'object' | 'table' | 'metadata';
  /** For metadata: whether the list form was asked for. */
  list: boolean;
  /** `v1` or `v1beta1` of meta.k8s.io, for table and metadata. */
  version: 'v1' | 'v1beta1';
  format: 'json' | 'yaml';
}

export const PLAIN: AcceptedView = { view: 'object', list: false, version: 'v1', format: 'json' };
/** What collections can be watched as. */
const STREAMED = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const SERVED_MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

interface Clause {
  type: string;
  parameters: string[];
  quality: number;
}

/** What is asked for, best first: what is named before what is any, the better before the worse. Source: goautoneg. */
function clausesOf(header: string): Clause[] {
  const sorted: Clause[] = [];
  for (const entry of header.split(',')) {
    const [type = '', ...parameters] = entry.split(';').map((part) => part.trim());
    if (type.split('/').length !== 2 && type !== '*') continue;
    const given = parameters.find((each) => each.startsWith('q='))?.slice(2);
    const clause = {
      type: type === '*' ? '*/*' : type,
      parameters,
      quality: given === undefined ? 1 : Number(given) || 0,
    };
    let place = sorted.length;
    while (place > 0 && isBefore(clause, sorted[place - 1]!)) place -= 1;
    sorted.splice(place, 0, clause);
  }
  return sorted;
}

function isBefore(a: Clause, b: Clause): boolean {
  const isAny = ({ type }: Clause) => type.startsWith('*/');
  const isAnyOfIts = ({ type }: Clause) => type.endsWith('/*');
  return a.quality > b.quality || (!isAny(a) && isAny(b)) || (!isAnyOfIts(a) && isAnyOfIts(b));
}

/** What the log of a pod can be had as, beside what everything can. */
const TEXT = 'text/plain';

/**
 * Throws 406 when nothing of what is asked for can be served; `tables`: whether that may be one. Parsed headers are
 * remembered: clients send very few.
 */
export function parseAccept(header: string | undefined, tables = true): AcceptedView {
  if (header === undefined || header === '' || header === 'application/json') return PLAIN;
  const known = remembered.get(header);
  if (known !== undefined && (tables || known.view !== 'table')) return known;
  const parsed = parse(header, tables);
  if (parsed === null) throw notAcceptable(SERVED_MEDIA_TYPES);
  if (tables && remembered.size < 200) remembered.set(header, parsed);
  return parsed;
}

/** A watch is no document: it cannot be sent as YAML. Throws 406. */
export function refuseUnstreamed({ format }: AcceptedView): void {
  if (format === 'yaml') throw notAcceptable(STREAMED);
}

/**
 * Built-in kinds are behind a router that knows media types by their whole names and looks at nothing else of them. Throws
 * 406 for a header without any of its own.
 */
export function refuseUnknownForm(header: string | undefined, { verb, subresource, name }: ResourceRoute): void {
  if (header === undefined || header === '' || /^(exec|attach|portforward|proxy)(\/|$)/.test(subresource)) return;
  const streamed = (verb === 'list' || verb === 'watch') && name === '' ? STREAMED : [];
  const offered = [...(subresource === 'log' ? [TEXT] : []), ...SERVED_MEDIA_TYPES, ...streamed];
  refuseUnproduced(header, offered);
}

/** The same for a document in forms of its own. */
export function refuseUnproduced(header: string, offered: readonly string[]): void {
  const names = header.split(',').map((entry) => entry.split(';', 1)[0]!.trim());
  if (header !== '' && !names.some((each) => each === '*/*' || offered.includes(each))) throw unroutable(offered);
}

const unroutable = (offered: readonly string[]): Error =>
  refuse(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${offered.join(', ')}`, {});

/** The form of a Status, which is never transformed: the first that it can have, JSON otherwise. */
export function statusFormat(header: string | undefined): 'json' | 'yaml' {
  for (const { type, parameters } of clausesOf(header ?? '')) {
    const format = formatOf(type);
    if (format !== null && !parameters.some((each) => /^(as|g|v|sv|stream)=/.test(each))) return format;
  }
  return 'json';
}

/**
 * The form in which a document of discovery is sent; throws 406. Roots are offered in aggregated form as well. Some are
 * `routed`: behind a router that knows media types by their whole names.
 */
export function discoveryFormat(header: string | undefined, path: string, routed: boolean): 'json' | 'yaml' {
  if (header === undefined || header === '') return 'json';
  if (routed) refuseUnproduced(header, SERVED_MEDIA_TYPES);
  for (const { type, parameters } of clausesOf(header)) {
    const format = formatOf(type);
    if (format === null) continue;
    if (!parameters.some((parameter) => parameter.startsWith('as='))) return format;
    const isAggregated = parameters.includes('as=APIGroupDiscoveryList') && parameters.includes('v=v2');
    if ((path === '/api' || path === '/apis') && isAggregated) return format;
  }
  // There is no protobuf here, but who asks for it alone is not told that there is none.
  if (/vnd\.kubernetes\.protobuf(?!.*as=)/.test(header)) return 'json';
  throw notAcceptable(SERVED_MEDIA_TYPES);
}

const remembered = new Map<string, AcceptedView>();

/** Media types are compared letter by letter; that there is a version is not taken for granted. */
function parse(header: string, tables: boolean): AcceptedView | null {
  for (const { type, parameters: rest } of clausesOf(header)) {
    const format = formatOf(type);
    if (format === null) continue;
    const parameters = new Map(rest.map((part) => part.split('=', 2).map((side) => side.trim()) as [string, string]));
    const as = parameters.get('as')?.toLowerCase();
    if (as === undefined) return { ...PLAIN, format };
    const version = parameters.get('v');
    if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) continue;
    if (as === 'table' && !tables) continue;
    if (as === 'table') return { view: 'table', list: false, version, format };
    if (as === 'partialobjectmetadata' || as === 'partialobjectmetadatalist')
      return { view: 'metadata', list: as.endsWith('list'), version, format };
  }
  return null;
}

function formatOf(type: string): 'json' | 'yaml' | null {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : null;
}

/** Whether a person is to read it: who says so, browsers and tools for the command line. Source: apiserver, isPrettyPrint. */
export function wantsIndented(uri = '', agent = ''): boolean {
  const asked = uri.includes('pretty') ? new URL(uri, 'https://localhost').searchParams.get('pretty') : null;
  if (asked) return /^(1|t|T|TRUE|true|True)$/.test(asked);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(agent);
}
