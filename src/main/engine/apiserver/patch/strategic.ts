/**
 * Strategic merge patch: lists merged by key, directives `$patch`, `$retainKeys`, `$deleteFromPrimitiveList/x`,
 * `$setElementOrder/x`. Source: Kubernetes documentation, "Update API Objects in Place Using kubectl patch", and the
 * design note "strategic-merge-patch". How a list merges comes from the schema of the kind.
 */
import { cloneJson, equalJson, goTypeOf, isRecord } from '../json.ts';
import { badRequest, internal, refuse } from '../status.ts';

export interface PatchStrategy {
  mergeKey?: string | undefined;
  strategy: readonly string[];
  /** Why nothing can be merged into the field: there is none in the declared type. */
  unknown?: string | undefined;
}

/** How the field at `path` (names only, list items skipped) merges; undefined: replace lists, merge maps. */
export type StrategyLookup = (path: readonly string[]) => PatchStrategy | undefined;

const SET_ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const RETAIN_KEYS = '$retainKeys';
const DIRECTIVE = '$patch';

/**
 * A new object; `target` stays as it is. Out of the patch goes what was followed, so that what is left is what the real
 * server quotes of it.
 */
export function strategicPatch(target: unknown, patch: unknown, lookup: StrategyLookup): unknown {
  if (!isRecord(patch))
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${goTypeOf(patch)} into Go value of type map[string]interface {}`,
    );
  return mergeMap(isRecord(target) ? target : {}, patch, [], lookup);
}

type Map_ = Record<string, unknown>;

function mergeMap(target: Map_, patch: Map_, path: readonly string[], lookup: StrategyLookup): Map_ {
  if (DIRECTIVE in patch) {
    const directive = patch[DIRECTIVE];
    if (directive === 'delete') return {};
    if (directive !== 'replace') throw unknownDirective(patch);
    delete patch[DIRECTIVE];
    return cloneJson(patch);
  }
  const result: Map_ = { ...target };
  retainKeys(result, patch);
  const merged = new Set<string>();
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(SET_ORDER)) continue;
    const field = key.slice(SET_ORDER.length);
    if (field === '__proto__') continue;
    merged.add(field);
    delete patch[key];
    mergeInOrder(result, patch, field, order, [...path, field], lookup);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key === RETAIN_KEYS || key.startsWith(SET_ORDER) || merged.has(key)) continue;
    const deleting = key.startsWith(DELETE_FROM);
    const field = deleting ? key.slice(DELETE_FROM.length) : key;
    if (field === '__proto__') continue;
    if (value === null) delete result[field];
    else if (typeOf(value) === typeOf(result[field])) {
      const at = [...path, field];
      if (isRecord(value))
        result[field] = known(at, lookup)?.strategy.includes('replace')
          ? cloneJson(value)
          : mergeMap(result[field] as Map_, value, at, lookup);
      else if (Array.isArray(value)) result[field] = mergeList(result[field] as unknown[], value, at, lookup, deleting);
      else result[field] = value;
    } else if (!deleting) {
      // What the object does not have is taken as it is, without what only says how to merge.
      dropNulls(value);
      const taken = withoutDirectives(value);
      if (taken === undefined) delete result[field];
      else result[field] = taken;
    }
  }
  return result;
}

/** Nulls of the patch that have nothing to take away. */
function dropNulls(value: unknown): void {
  if (Array.isArray(value)) value.forEach(dropNulls);
  if (!isRecord(value)) return;
  for (const [key, item] of Object.entries(value))
    if (item === null) delete value[key];
    else dropNulls(item);
}

/** How the field merges. Throws 500 for one that there is not. */
function known(path: readonly string[], lookup: StrategyLookup): PatchStrategy | undefined {
  const strategy = lookup(path);
  if (strategy?.unknown !== undefined) throw internal(strategy.unknown);
  return strategy;
}

/** Drops what `$retainKeys` does not name; what the patch itself sets has to be among what is kept. */
function retainKeys(result: Map_, patch: Map_): void {
  const retain = patch[RETAIN_KEYS];
  if (retain === undefined) return;
  delete patch[RETAIN_KEYS];
  if (!Array.isArray(retain)) throw badRequest('invalid patch format of retainKeys');
  const kept = new Set<unknown>(retain);
  const stray = (key: string): boolean =>
    !kept.has(key) &&
    patch[key] !== null &&
    ![RETAIN_KEYS, DELETE_FROM, SET_ORDER].some((prefix) => key.startsWith(prefix));
  if (Object.keys(patch).some(stray)) throw badRequest('invalid patch format of retainKeys');
  for (const key of Object.keys(result)) if (!kept.has(key)) delete result[key];
}

/** Merges a list that comes with an order of its own, which may also order what the object already has. */
function mergeInOrder(
  result: Map_,
  patch: Map_,
  field: string,
  order: unknown,
  path: readonly string[],
  lookup: StrategyLookup,
): void {
  const wanted = listOrNone(order) ?? [];
  const current = listOrNone(result[field]);
  const sent = listOrNone(patch[field]);
  const mergeKey = known(path, lookup)?.mergeKey;
  if (sent !== undefined) checkOrder(sent, wanted, mergeKey);
  let merged = current;
  if (sent !== undefined)
    merged = current === undefined ? (withoutDirectives(sent) as unknown[]) : mergeList(current, sent, path, lookup);
  if (merged === undefined) return;
  if ((current ?? []).length + (sent ?? []).length === 0) throw internal('no elements in any of the given slices');
  checkElements(current ?? [], sent ?? []);
  requireKeys([...merged, ...wanted], mergeKey);
  result[field] = sortByOrder(merged, wanted, current ?? [], mergeKey);
  delete patch[field];
}

function listOrNone(value: unknown): unknown[] | undefined {
  if (value === undefined || Array.isArray(value)) return value;
  throw internal(`expected a []interface {}, but received a ${goType(value)}`);
}

function mergeList(
  current: unknown[],
  patch: unknown[],
  path: readonly string[],
  lookup: StrategyLookup,
  deleting = false,
): unknown[] {
  const strategy = known(path, lookup);
  const merging = strategy?.strategy.includes('merge') === true;
  if (!merging && !deleting) return cloneJson(patch);
  if (current.length + patch.length === 0) return current;
  checkElements(current, patch);
  if (!isRecord(current[0] ?? patch[0])) {
    if (deleting) return current.filter((item) => !patch.some((gone) => equalJson(gone, item)));
    const all = [...current];
    for (const item of patch) if (!all.some((known) => equalJson(known, item))) all.push(item);
    return sortByOrder(all, patch, current, undefined);
  }
  const mergeKey = strategy?.mergeKey;
  // Lists that merge without a key are those of texts.
  if (mergeKey === undefined)
    throw internal(`cannot merge lists without merge key for ${merging ? 'string' : 'struct'}`);
  return mergeKeyed(current as Map_[], patch as Map_[], mergeKey, path, lookup);
}

function checkElements(...lists: readonly (readonly unknown[])[]): void {
  const types = new Set(lists.flat().map(typeOf));
  if ([...types][0] === 'slice')
    throw refuse(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  if (types.size > 1) throw internal(`list element types are not identical: ${goList(lists)}`);
}

/** Kinds of values as Go's reflection tells them apart. */
function typeOf(value: unknown): string {
  if (value === null) return 'nil';
  if (Array.isArray(value)) return 'slice';
  return typeof value === 'number' ? (Number.isInteger(value) ? 'int64' : 'float64') : typeof value;
}

function goType(value: unknown): string {
  const names: Record<string, string> = { nil: '%!s(<nil>)', object: 'map[string]interface {}', boolean: 'bool' };
  return names[typeOf(value)] ?? typeOf(value);
}

const unknownDirective = (map: Map_) => internal(`unknown patch type: ${asText(map[DIRECTIVE])} in map: ${goMap(map)}`);

/** As Go prints with %s what may be no text. */
function asText(value: unknown): string {
  if (value === null) return '%!s(<nil>)';
  return typeof value === 'number' || typeof value === 'boolean' ? `%!s(${goType(value)}=${value})` : goValue(value);
}

function requireKeys(list: readonly unknown[], mergeKey: string | undefined): void {
  if (mergeKey === undefined) return;
  for (const item of list) {
    if (!isRecord(item)) throw internal(`expected a map[string]interface {}, but received a ${goType(item)}`);
    if (item[mergeKey] === undefined)
      throw internal(`map: ${goMap(item)} does not contain declared merge key: ${mergeKey}`);
  }
}

function mergeKeyed(
  current: Map_[],
  patch: Map_[],
  mergeKey: string,
  path: readonly string[],
  lookup: StrategyLookup,
): unknown[] {
  let result: Map_[] = [...current];
  const sent = patch.filter((item) => !(DIRECTIVE in item));
  let replace = false;
  for (const item of patch) {
    if (!(DIRECTIVE in item)) continue;
    const directive = item[DIRECTIVE];
    if (directive === 'delete') {
      requireKeys([item], mergeKey);
      result = result.filter((known) => !equalJson(known[mergeKey], item[mergeKey]));
    } else if (directive === 'replace') replace = true;
    else if (directive === 'merge') throw internal('merging lists cannot yet be specified in the patch');
    else throw unknownDirective(item);
  }
  requireKeys(sent, mergeKey);
  if (replace) return cloneJson(sent);
  const before = result;
  result = [...before];
  for (const item of sent) {
    const at = result.findIndex((known) => equalJson(known[mergeKey], item[mergeKey]));
    if (at < 0) result.push(cloneJson(item));
    else result[at] = mergeMap(result[at] as Map_, item, path, lookup);
  }
  requireKeys(result, mergeKey);
  // The patch's items stand as it lists them, new ones ahead of what the server has.
  return sortByOrder(result, sent, before, mergeKey);
}

/** A copy without maps that carry a directive and without members that are null; undefined: nothing is left. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isRecord(value)) return value;
  if (DIRECTIVE in value) return undefined;
  const kept = Object.entries(value)
    .filter(([key, item]) => item !== null && key !== '__proto__')
    .map(([key, item]) => [key, withoutDirectives(item)])
    .filter(([, item]) => item !== undefined);
  return Object.fromEntries(kept);
}

/** The patch's own items have to come in the order it declares. */
function checkOrder(patch: unknown[], order: unknown[], mergeKey: string | undefined): void {
  if (order.length === 0 || patch.length === 0) return;
  const sent = patch.filter((item) => !(isRecord(item) && DIRECTIVE in item));
  requireKeys([...sent, ...order], mergeKey);
  const idOf = (item: unknown): unknown => (mergeKey === undefined ? item : (item as Map_)[mergeKey]);
  let at = 0;
  for (const item of order) if (at < sent.length && equalJson(idOf(item), idOf(sent[at]))) at++;
  if (at < sent.length)
    throw internal(
      `The order in patch list:\n${goList(patch)}\n doesn't match ${SET_ORDER.slice(0, -1)} list:\n${goList(order)}\n`,
    );
}

/**
 * Sorts a merged list: items the order names stand in that order; items only the server knows keep their place relative
 * to the neighbours they had.
 */
function sortByOrder(merged: unknown[], order: unknown[], before: unknown[], mergeKey: string | undefined): unknown[] {
  const idOf = (item: unknown) => (mergeKey !== undefined && isRecord(item) ? item[mergeKey] : item);
  const indexIn = (list: unknown[], item: unknown) => list.findIndex((each) => equalJson(idOf(each), idOf(item)));
  const named = merged
    .filter((item) => indexIn(order, item) >= 0)
    .sort((a, b) => indexIn(order, a) - indexIn(order, b));
  const serverOnly = inOrderOf(
    merged.filter((item) => indexIn(order, item) < 0),
    (item) => indexIn(before, item),
  );
  const result: unknown[] = [];
  let i = 0;
  let j = 0;
  while (i < named.length && j < serverOnly.length) {
    const namedBefore = indexIn(before, named[i]);
    // What was not there before goes ahead of the server's own items.
    if (namedBefore < 0 || namedBefore < indexIn(before, serverOnly[j])) result.push(named[i++]);
    else result.push(serverOnly[j++]);
  }
  return [...result, ...named.slice(i), ...serverOnly.slice(j)];
}

/** As Go's sort puts them with a comparison that takes everything unknown to come first. */
function inOrderOf(items: readonly unknown[], placeOf: (item: unknown) => number): unknown[] {
  const sorted = [...items];
  const precedes = (one: unknown, other: unknown): boolean => {
    const [a, b] = [placeOf(one), placeOf(other)];
    return a < 0 || b < 0 || a < b;
  };
  for (let i = 1; i < sorted.length; i++)
    for (let j = i; j > 0 && precedes(sorted[j], sorted[j - 1]); j--)
      [sorted[j - 1], sorted[j]] = [sorted[j], sorted[j - 1]];
  return sorted;
}

/** Values as Go prints them with %v: maps sorted by key. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return goList(value);
  return isRecord(value) ? goMap(value) : String(value);
}
function goMap(value: Map_): string {
  const pairs = Object.keys(value)
    .sort()
    .map((key) => `${key}:${goValue(value[key])}`);
  return `map[${pairs.join(' ')}]`;
}
function goList(list: readonly unknown[]): string {
  return `[${list.map(goValue).join(' ')}]`;
}
