/**
 * Strategic merge patch: lists merged by key, directives `$patch`, `$retainKeys`, `$deleteFromPrimitiveList/x`,
 * `$setElementOrder/x`. Source: Kubernetes documentation, "Update API Objects in Place Using kubectl patch", and the
 * design note "strategic-merge-patch". How a list merges comes from the schema of the kind.
 */
import { cloneJson, equalJson, isRecord } from '../json.ts';
import { badRequest, internal } from '../status.ts';

export interface PatchStrategy {
  mergeKey?: string | undefined;
  strategy: readonly string[];
}

/** How the field at `path` (names only, list items skipped) merges; undefined: replace lists, merge maps. */
export type StrategyLookup = (path: readonly string[]) => PatchStrategy | undefined;

const SET_ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const RETAIN_KEYS = '$retainKeys';
const DIRECTIVE = '$patch';

/** A new object; neither argument is changed. */
export function strategicPatch(target: unknown, patch: unknown, lookup: StrategyLookup): unknown {
  if (!isRecord(patch))
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${Array.isArray(patch) ? 'array' : typeof patch} into Go value of type map[string]interface {}`,
    );
  return mergeMap(isRecord(target) ? target : {}, patch, [], lookup);
}

type Map_ = Record<string, unknown>;

function mergeMap(target: Map_, patch: Map_, path: readonly string[], lookup: StrategyLookup): Map_ {
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') {
    const { [DIRECTIVE]: _, ...rest } = patch;
    return cloneJson(rest);
  }
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw internal(`unknown patch type: ${String(directive)} in map: ${goMap(patch)}`);

  const result: Map_ = { ...target };
  const retain = patch[RETAIN_KEYS];
  if (retain !== undefined) {
    const kept = new Set(Array.isArray(retain) ? retain.map(String) : []);
    // What the patch itself sets has to be among what is kept.
    const stray = (key: string): boolean =>
      !kept.has(key) && patch[key] !== null && ![DELETE_FROM, SET_ORDER].some((prefix) => key.startsWith(prefix));
    if (!Array.isArray(retain) || Object.keys(patch).some((key) => key !== RETAIN_KEYS && stray(key)))
      throw badRequest('invalid patch format of retainKeys');
    for (const key of Object.keys(result)) if (!kept.has(key)) delete result[key];
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key === DIRECTIVE || key === RETAIN_KEYS || key === '__proto__') continue;
    if (key.startsWith(DELETE_FROM)) {
      const field = key.slice(DELETE_FROM.length);
      const current = result[field];
      if (Array.isArray(current) && Array.isArray(value))
        result[field] = current.filter((item) => !value.some((gone) => equalJson(gone, item)));
    } else if (!key.startsWith(SET_ORDER)) {
      if (value === null) delete result[key];
      else {
        const order = patch[SET_ORDER + key];
        result[key] = mergeField(result[key], value, [...path, key], lookup, Array.isArray(order) ? order : undefined);
      }
    }
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(SET_ORDER) || !Array.isArray(order)) continue;
    const field = key.slice(SET_ORDER.length);
    const list = result[field];
    if (Array.isArray(list)) {
      const strategy = lookup([...path, field]);
      const before = target[field];
      result[field] = sortByOrder(list, order, Array.isArray(before) ? before : [], strategy?.mergeKey);
    }
  }
  return result;
}

function mergeField(
  target: unknown,
  patch: unknown,
  path: readonly string[],
  lookup: StrategyLookup,
  order: unknown[] | undefined,
): unknown {
  const strategy = lookup(path);
  if (isRecord(patch)) {
    if (strategy?.strategy.includes('replace') && patch[DIRECTIVE] === undefined) return cloneJson(patch);
    return mergeMap(isRecord(target) ? target : {}, patch, path, lookup);
  }
  if (!Array.isArray(patch)) return patch;
  if (strategy === undefined || !strategy.strategy.includes('merge')) return withoutDirectives(patch);
  const current = Array.isArray(target) ? target : [];
  checkElements(current, patch);
  if (strategy.mergeKey === undefined || !patch.every(isRecord)) {
    const merged = [...current];
    for (const item of patch) if (!merged.some((known) => equalJson(known, item))) merged.push(cloneJson(item));
    return order === undefined ? sortByOrder(merged, patch, current, undefined) : merged;
  }
  if (order !== undefined) checkOrder(patch as Map_[], order, strategy.mergeKey);
  const merged = mergeKeyed(current, patch as Map_[], strategy.mergeKey, path, lookup);
  // Without an order of its own the patch's items stand as it lists them, new ones ahead of what the server has.
  return order === undefined ? sortByOrder(merged, patch, current, strategy.mergeKey) : merged;
}

function checkElements(...lists: readonly (readonly unknown[])[]): void {
  const types = new Set(lists.flat().map(typeOf));
  if (types.size > 1) throw internal(`list element types are not identical: ${goList(lists)}`);
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function mergeKeyed(
  target: unknown[],
  patch: Map_[],
  mergeKey: string,
  path: readonly string[],
  lookup: StrategyLookup,
): unknown[] {
  if (patch.some((item) => item[DIRECTIVE] === 'replace'))
    return patch.filter((item) => item[DIRECTIVE] === undefined).map((item) => cloneJson(item));
  const result = [...target];
  for (const item of patch) {
    const key = item[mergeKey];
    if (key === undefined) throw internal(`map: ${goMap(item)} does not contain declared merge key: ${mergeKey}`);
    const at = result.findIndex((known) => isRecord(known) && equalJson(known[mergeKey], key));
    if (item[DIRECTIVE] === 'delete') {
      for (let i = result.length - 1; i >= 0; i--) {
        const known = result[i];
        if (isRecord(known) && equalJson(known[mergeKey], key)) result.splice(i, 1);
      }
    } else if (at < 0) result.push(mergeMap({}, item, path, lookup));
    else result[at] = mergeMap(result[at] as Map_, item, path, lookup);
  }
  return result;
}

function withoutDirectives(list: unknown[]): unknown[] {
  return cloneJson(
    list.filter((item) => !(isRecord(item) && item[DIRECTIVE] !== undefined && Object.keys(item).length === 1)),
  );
}

/** The patch's own items have to come in the order it declares. */
function checkOrder(patch: Map_[], order: unknown[], mergeKey: string): void {
  const ranks = order.map((item) => (isRecord(item) ? item[mergeKey] : item));
  let last = -1;
  for (const item of patch) {
    if (item[DIRECTIVE] === 'delete') continue;
    const rank = ranks.findIndex((key) => equalJson(key, item[mergeKey]));
    if (rank < last || rank < 0)
      throw internal(
        `The order in patch list:\n${goList(patch)}\n doesn't match ${SET_ORDER.slice(0, -1)} list:\n${goList(order)}\n`,
      );
    last = rank;
  }
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
  const serverOnly = merged.filter((item) => indexIn(order, item) < 0);
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
