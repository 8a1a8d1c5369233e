/** get and list, with selectors, paging and resource version semantics. Source: API reference, "API concepts". */
import type { ApiError } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { collectionOf, inVersion, keyOf } from '../core.ts';
import { isRecord, jsonProblem } from '../json.ts';
import { base64Problem } from '../openapi/scalars.ts';
import { type ListOptions, parseListOptions } from '../request/options.ts';
import { presentStored, presentStoredList } from '../request/present.ts';
import { isTrue } from '../request/route.ts';
import type { ApiAnswer } from '../request/types.ts';
import { type FieldMatcher, parseFieldSelector } from '../selectors/fields.ts';
import { type LabelMatcher, type Labels, parseLabelSelector } from '../selectors/labels.ts';
import { badRequest, expired, notFound, refuse } from '../status.ts';
import type { Collection } from '../storage/collection.ts';
import type { Stored } from '../storage/stored.ts';
import { needsWebhook, rowsIn, storedIn } from '../versions.ts';
import type { VerbContext } from './context.ts';

export function readObject(context: VerbContext): { stored: Stored; object: KubeObject } {
  const stored = readStored(context);
  return { stored, object: inVersion(context.kind, stored.object) };
}

function readStored({ core, kind, route }: VerbContext): Stored {
  const stored = collectionOf(core, kind).items.get(keyOf(kind, route.namespace, route.name));
  if (stored === undefined) throw notFound(kind, route.name);
  return stored;
}

export function get(context: VerbContext): ApiAnswer | Promise<ApiAnswer> {
  checkGet(context);
  const { core, kind, accept, include } = context;
  const shown = storedIn(core.store, kind, readStored(context));
  return shown instanceof Promise
    ? shown.then((stored) => presentStored(kind, stored, accept, include))
    : presentStored(kind, shown, accept, include);
}

/** Throws for options that no object can be read with. */
export function checkGet(context: VerbContext): void {
  if (isTrue(context.request.query.get('export')))
    throw badRequest('the export parameter, deprecated since v1.14, is no longer supported');
  const asked = context.request.query.get('resourceVersion') ?? '';
  if (asked !== '' && !/^\d+$/.test(asked))
    throw refuse(
      500,
      '',
      `resourceVersion: Invalid value: ${JSON.stringify(asked)}: strconv.ParseUint: parsing ${JSON.stringify(asked)}: invalid syntax`,
    );
  if (asked !== '') checkReached(context, revisionOf(asked));
}

export interface Selection {
  labels: LabelMatcher | null;
  fields: FieldMatcher | null;
  /** `namespace/` or empty. */
  prefix: string;
}

export function selectionOf(context: VerbContext, options: ListOptions): Selection {
  const { kind, route } = context;
  const labels = parseLabelSelector(options.labelSelector);
  const selected = parseFieldSelector(options.fieldSelector, kind);
  if (route.name !== '' && selected !== null && selected.name !== route.name)
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  const fields = route.name === '' ? selected : parseFieldSelector(`metadata.name=${route.name}`, kind);
  return {
    labels,
    fields,
    prefix: kind.namespaced && route.namespace !== '' ? `${route.namespace}/` : '',
  };
}

/** What is asked of a candidate only when the selection needs it: most objects need not be decoded. */
export type Candidate = { readonly labels: Labels; readonly object: KubeObject };

export function selects(selection: Selection, key: string, candidate: Candidate): boolean {
  if (selection.prefix !== '' && !key.startsWith(selection.prefix)) return false;
  if (selection.labels !== null && !selection.labels(candidate.labels)) return false;
  return selection.fields === null || selection.fields.matches(candidate.object);
}

export function list(context: VerbContext): ApiAnswer | Promise<ApiAnswer> {
  const { core, kind, request } = context;
  const options = parseListOptions(request.query, false);
  const selection = selectionOf(context, options);
  const collection = collectionOf(core, kind);
  const page = pageOf(context, options);
  const source = rows(context, collection, selection, page.revision, page.startAfter === '' ? null : page.startAfter);
  const { store } = core;
  if (!needsWebhook(kind)) return answer(context, options, selection, page, source, (selected) => selected);
  if (!isFiltered(selection)) {
    const converted = (selected: readonly Stored[]) => rowsIn(store, kind, selected);
    return answer(context, options, selection, page, source, converted);
  }
  // What is selected may depend on the version.
  const all = source.keys.map((_, index) => source.storedAt(index));
  return Promise.resolve(rowsIn(store, kind, all)).then((converted) => {
    const shown = { keys: source.keys, storedAt: (index: number) => converted[index]! };
    return answer(context, options, selection, page, shown, (selected) => selected);
  });
}

function isFiltered({ labels, fields }: Selection): boolean {
  return labels !== null || fields !== null;
}

function answer(
  { core, kind, accept, include }: VerbContext,
  options: ListOptions,
  selection: Selection,
  page: Page,
  source: Rows,
  shown: (selected: readonly Stored[]) => readonly Stored[] | Promise<readonly Stored[]>,
): ApiAnswer | Promise<ApiAnswer> {
  const selected: Stored[] = [];
  // Any revision will do: the real server answers from its cache, which knows no pages.
  const whole = options.limit <= 0 || options.resourceVersion === '0';
  const limit = whole ? Number.POSITIVE_INFINITY : options.limit;
  const { keys, storedAt } = source;
  let at = page.startAfter === '' ? 0 : firstAfter(keys, page.startAfter);
  let last = '';
  for (; at < keys.length && selected.length < limit; at++) {
    const stored = storedAt(at);
    if (!selects(selection, keys[at]!, stored)) continue;
    selected.push(stored);
    last = keys[at]!;
  }
  const filtered = isFiltered(selection);
  // Nobody looks ahead for what a selector lets through: the next page may be empty.
  const more = at < keys.length;
  const revision = page.revision ?? core.store.revision;
  const meta = {
    resourceVersion: String(revision),
    continue: more ? encodeContinue(revision, last) : undefined,
    remainingItemCount: more && !filtered ? keys.length - at : undefined,
  };
  const found = shown(selected);
  return found instanceof Promise
    ? found.then((all) => presentStoredList(kind, all, meta, accept, include))
    : presentStoredList(kind, found, meta, accept, include);
}

/** What a write over a collection touches, at which revision it was read, and how many objects stand behind it: nobody looks which of them are meant. */
export function selectMeant(
  context: VerbContext,
  options: ListOptions,
  selection: Selection,
): { selected: { key: string; stored: Stored }[]; behind: number; revision: number } {
  // It is read in pages whatever is asked for, so that a revision means exactly that one.
  const page = pageOf(context, { ...options, limit: Math.max(options.limit, 1) });
  const after = options.continue === '' ? null : page.startAfter;
  const read = options.continue === '' ? page.revision : null;
  const { keys, storedAt } = rows(context, collectionOf(context.core, context.kind), selection, read, after);
  const limit = options.limit > 0 ? options.limit : Number.POSITIVE_INFINITY;
  const selected: { key: string; stored: Stored }[] = [];
  let at = 0;
  for (; at < keys.length && selected.length < limit; at++) {
    const [key, stored] = [keys[at]!, storedAt(at)];
    if (selects(selection, key, stored)) selected.push({ key, stored });
  }
  return { selected, behind: keys.length - at, revision: read ?? context.core.store.revision };
}

/** What a list looks at, in order; a page of a large collection touches only its own rows. */
interface Rows {
  readonly keys: readonly string[];
  storedAt(index: number): Stored;
}

function rows(
  context: VerbContext,
  collection: Collection,
  selection: Selection,
  revision: number | null,
  /** Where a paged list goes on; null: this is its beginning. */
  continued: string | null,
): Rows {
  const { core, kind, route } = context;
  if (revision !== null && revision !== core.store.revision) {
    const snapshot = collection.snapshot(revision, selection.prefix);
    if (snapshot === null) throw continued === null ? expired(TOO_OLD_LIST) : brokenOff(continued);
    return { keys: snapshot.map(({ key }) => key), storedAt: (index) => snapshot[index]!.stored };
  }
  const name = selection.fields?.name ?? null;
  if (name !== null && (!kind.namespaced || route.namespace !== '')) {
    const key = keyOf(kind, route.namespace, name);
    const stored = collection.items.get(key);
    return { keys: stored === undefined ? [] : [key], storedAt: () => stored! };
  }
  const keys = collection.keys(selection.prefix);
  return { keys, storedAt: (index) => collection.items.get(keys[index]!)! };
}

function firstAfter(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Page {
  /** Null: the newest. */
  revision: number | null;
  /** Key after which to go on; empty: from the beginning. */
  startAfter: string;
}

/** At which revision to read, and where to go on. */
function pageOf(context: VerbContext, options: ListOptions): Page {
  if (options.continue !== '') {
    const token = decodeContinue(options.continue);
    if (typeof token === 'string') throw badRequest(`invalid continue token: continue key is not valid: ${token}`);
    if (options.resourceVersion !== '' && options.resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    if (token.rv > context.core.store.revision) throw tooLarge(token.rv, context.core.store.revision);
    return { revision: token.rv > 0 ? token.rv : null, startAfter: token.start };
  }
  if (options.resourceVersion === '' || options.resourceVersion === '0') return { revision: null, startAfter: '' };
  const revision = revisionOf(options.resourceVersion);
  // Zero in more digits is no less than any revision.
  if (revision === 0) return { revision: null, startAfter: '' };
  checkReached(context, revision);
  // With a limit and no match rule the real server reads exactly that revision too (legacy behaviour).
  const exact = options.resourceVersionMatch === 'Exact' || (options.resourceVersionMatch === '' && options.limit > 0);
  return { revision: exact ? revision : null, startAfter: '' };
}

export function revisionOf(text: string): number {
  if (!/^\d+$/.test(text))
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
    );
  return Number(text);
}

export function checkReached(context: VerbContext, revision: number): void {
  const current = context.core.store.revision;
  if (revision > current) throw tooLarge(revision, current);
}

export function tooLarge(revision: number, current: number): ApiError {
  return refuse(504, 'Timeout', `Timeout: Too large resource version: ${revision}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

const TOO_OLD_LIST = 'The resourceVersion for the provided list is too old.';
const TOO_OLD_PAGE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
/** Stands for the newest revision in a continue token. */
const NEWEST = -1;

/** The history behind a continue token is gone; the one in the refusal goes on with the present state. */
function brokenOff(startAfter: string): Error {
  const error = expired(TOO_OLD_PAGE);
  if (error.body !== null) error.body.metadata = { continue: encodeContinue(NEWEST, startAfter) };
  return error;
}

export function encodeContinue(rv: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv, start })).toString('base64url');
}

/** A token, or what is wrong with it in the words of Go's decoders. */
function decodeContinue(encoded: string): { rv: number; start: string } | string {
  const problem = base64Problem(encoded, 'url');
  if (problem !== null) return problem;
  const bytes = Buffer.from(encoded, 'base64url');
  // Read byte by byte: what is wrong is told by the first byte that is.
  const text = bytes.toString('latin1');
  let token: unknown;
  try {
    token = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    const first = bytes[0] ?? 0;
    const known = /^[\s[{"\-\dtfn]/.test(text);
    return known || text === ''
      ? jsonProblem(text, error)
      : `invalid character '${shown(first)}' looking for beginning of value`;
  }
  if (!isRecord(token)) {
    const got = Array.isArray(token) ? 'array' : typeof token === 'boolean' ? 'bool' : typeof token;
    return token === null ? UNKNOWN_TOKEN : `json: cannot unmarshal ${got} into Go value of type storage.continueToken`;
  }
  if (token.v !== 'meta.k8s.io/v1') return `${UNKNOWN_TOKEN}${typeof token.v === 'string' ? token.v : ''}`;
  if (typeof token.rv !== 'number' || token.rv === 0)
    return 'incorrect encoded start resourceVersion (version meta.k8s.io/v1)';
  if (typeof token.start !== 'string' || token.start === '') return 'encoded start key empty (version meta.k8s.io/v1)';
  return { rv: token.rv, start: token.start };
}

const UNKNOWN_TOKEN = 'server does not recognize this encoded version ';

function shown(byte: number): string {
  const character = String.fromCharCode(byte);
  const code = byte.toString(16).padStart(byte < 0x80 ? 2 : 4, '0');
  return /\p{C}/u.test(character) ? `\\${byte < 0x80 ? 'x' : 'u'}${code}` : character;
}
