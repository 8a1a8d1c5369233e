/**
 * JSON patch as the real server's library (evanphx/json-patch) reads it: RFC 6902, in which a field that an object does
 * not have counts as null, so that it can be replaced, copied and tested for nothing; and items of lists can be counted
 * from their end. Refusals are worded as that library words them.
 */
import { cloneJson, equalJson, goTypeOf, isRecord } from '../json.ts';
import { badRequest, refuse } from '../status.ts';

export interface PatchOperation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

export type PatchOutcome = { document: unknown } | { problem: string };

/** What an operation works in. */
type Container = Record<string, unknown> | unknown[];

/** Why an operation cannot be done. */
class Unfit extends Error {
  override readonly name = 'Unfit';
}

const MISSING = 'missing value';

/** One operation on a copy of the document; `problem` is what the real server's library says. */
export function applyOperation(document: unknown, operation: PatchOperation): PatchOutcome {
  return applyOperations(document, [operation]);
}

/** One operation after the other, on a copy of the document. */
export function applyOperations(target: unknown, operations: readonly unknown[]): PatchOutcome {
  const patch = new Patch(cloneJson(target));
  try {
    for (const operation of operations) patch.apply(isRecord(operation) ? operation : {});
  } catch (error) {
    if (error instanceof Unfit) return { problem: error.message };
    throw error;
  }
  return { document: patch.finish() };
}

class Patch {
  #document: unknown;
  /** Maps that an operation goes through: the real server writes these with their keys in order, which refusals quote. */
  readonly #touched = new Set<Record<string, unknown>>();

  constructor(document: unknown) {
    this.#document = document;
  }

  finish(): unknown {
    for (const map of this.#touched) sortKeys(map);
    return this.#document;
  }

  apply(operation: Record<string, unknown>): void {
    const kind = typeof operation.op === 'string' ? operation.op : 'unknown';
    const value = cloneJson(operation.value ?? null);
    switch (kind) {
      case 'add':
        this.#add(placeOf(operation, 'path', kind), value);
        break;
      case 'remove':
        this.#remove(placeOf(operation, 'path', kind));
        break;
      case 'replace':
        this.#replace(placeOf(operation, 'path', kind), value);
        break;
      case 'move':
        this.#move(operation);
        break;
      case 'copy':
        this.#copy(operation);
        break;
      case 'test':
        this.#test(placeOf(operation, 'path', kind), value);
        break;
      default:
        throw new Unfit(`Unexpected kind: ${kind}`);
    }
  }

  #add(path: string, value: unknown): void {
    const at = this.#locate(path);
    if (at === null) throw new Unfit(`add operation does not apply: doc is missing path: "${path}": ${MISSING}`);
    within(`error in add for path: '${path}'`, () => insert(at.container, at.key, value));
  }

  #remove(path: string): void {
    const at = this.#locate(path);
    if (at === null) throw new Unfit(`remove operation does not apply: doc is missing path: "${path}": ${MISSING}`);
    within(`error in remove for path: '${path}'`, () => take(at.container, at.key));
  }

  #replace(path: string, value: unknown): void {
    if (path === '') {
      if (typeof value !== 'object' || value === null)
        throw new Unfit('replace operation value must be object or array: %!w(<nil>)');
      this.#document = value;
      return;
    }
    const at = this.#locate(path);
    const refused = (what: string) =>
      new Unfit(`replace operation does not apply: doc is missing ${what}: ${path}: ${MISSING}`);
    if (at === null) throw refused('path');
    const { container, key } = at;
    if (!Array.isArray(container)) put(container, key, value);
    else {
      const index = indexIn(container, key);
      if (typeof index === 'string') throw refused('key');
      container[index] = value;
    }
  }

  #move(operation: Record<string, unknown>): void {
    const from = placeOf(operation, 'from', 'move');
    const source = this.#locate(from);
    if (source === null)
      throw new Unfit(`move operation does not apply: doc is missing from path: ${from}: ${MISSING}`);
    const { container, key } = source;
    const value = within(`error in move for path: '${key}'`, () => {
      const found = read(container, key);
      take(container, key);
      return found;
    });
    const path = placeOf(operation, 'path', 'move');
    const target = this.#locate(path);
    if (target === null)
      throw new Unfit(`move operation does not apply: doc is missing destination path: ${path}: ${MISSING}`);
    within(`error in move for path: '${path}'`, () => insert(target.container, target.key, value));
  }

  #copy(operation: Record<string, unknown>): void {
    const from = placeOf(operation, 'from', 'copy');
    const source = this.#locate(from);
    if (source === null)
      throw new Unfit(`copy operation does not apply: doc is missing from path: ${from}: ${MISSING}`);
    const value = within(`error in copy for from: '${from}'`, () => read(source.container, source.key));
    const path = placeOf(operation, 'path', 'copy');
    const target = this.#locate(path);
    if (target === null)
      throw new Unfit(`copy operation does not apply: doc is missing destination path: ${path}: ${MISSING}`);
    within('error while adding value during copy', () => insert(target.container, target.key, this.#copyOf(value)));
  }

  /** A copy is made by writing, which puts the keys of what was gone through in order. */
  #copyOf(value: unknown): unknown {
    const order = (place: unknown): void => {
      if (Array.isArray(place)) place.forEach(order);
      if (!isRecord(place) || !this.#touched.has(place)) return;
      sortKeys(place);
      Object.values(place).forEach(order);
    };
    order(value);
    return cloneJson(value);
  }

  #test(path: string, wanted: unknown): void {
    const failed = new Unfit(`testing value ${path} failed: test failed`);
    if (path === '') {
      if (!equalJson(this.#document, wanted)) throw failed;
      return;
    }
    const at = this.#locate(path);
    if (at === null) throw new Unfit(`test operation does not apply: is missing path: ${path}: ${MISSING}`);
    const value = within(`error in test for path: '${path}'`, () => read(at.container, at.key));
    if (!equalJson(value, wanted)) throw failed;
  }

  /** Null where the path leads nowhere; the whole document is in nothing. */
  #locate(path: string): { container: Container; key: string } | null {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const key = keys.pop();
    if (key === undefined) return null;
    let container = this.#document;
    for (const step of keys) {
      if (!this.#enter(container)) return null;
      const index = Array.isArray(container) ? indexIn(container, step) : step;
      if (Array.isArray(container) && typeof index === 'string') return null;
      container = Object.hasOwn(container, index) ? (container as Record<string | number, unknown>)[index] : undefined;
    }
    return this.#enter(container) ? { container, key } : null;
  }

  #enter(place: unknown): place is Container {
    if (isRecord(place)) this.#touched.add(place);
    return typeof place === 'object' && place !== null;
  }
}

function placeOf(operation: Record<string, unknown>, field: 'path' | 'from', kind: string): string {
  const place = operation[field] ?? null;
  if (typeof place === 'string') return place;
  const start = `${kind} operation failed to decode ${field}`;
  // Some of them say why, others that it is missing whatever was there.
  if (kind === 'add' || kind === 'remove' || (kind === 'copy' && field === 'path'))
    throw new Unfit(`${start}: ${MISSING}`);
  if (place !== null)
    throw new Unfit(`${start}: json: cannot unmarshal ${goTypeOf(place)} into Go value of type string`);
  throw new Unfit(`${start}: operation${field === 'from' ? ', missing from' : ' missing path'} field: ${MISSING}`);
}

function within<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Unfit) throw new Unfit(`${place}: ${error.message}`);
    throw error;
  }
}

function read(container: Container, key: string): unknown {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : null;
  const index = indexIn(container, key);
  if (typeof index === 'string') throw new Unfit(index);
  return container[index];
}

function take(container: Container, key: string): void {
  if (Array.isArray(container)) {
    const index = indexIn(container, key);
    if (typeof index === 'string') throw new Unfit(index);
    container.splice(index, 1);
  } else {
    if (!Object.hasOwn(container, key)) throw new Unfit(`Unable to remove nonexistent key: ${key}: ${MISSING}`);
    delete container[key];
  }
}

function insert(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) {
    put(container, key, value);
    return;
  }
  const index = key === '-' ? container.length : indexIn(container, key, 1);
  if (typeof index === 'string')
    throw new Unfit(index.startsWith('strconv') ? `value was not a proper array index: '${key}': ${index}` : index);
  container.splice(index, 0, value);
}

/** A place in a list, of which there may be `more` than it has items; a text says why it is none. */
function indexIn(list: readonly unknown[], key: string, more = 0): number | string {
  if (!/^[+-]?\d+$/.test(key)) return `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`;
  const size = list.length + more;
  const index = Number(key);
  if (index >= size || index < -size) return `Unable to access invalid index: ${index}: invalid index referenced`;
  return index < 0 ? index + size : index;
}

function sortKeys(map: Record<string, unknown>): void {
  for (const key of Object.keys(map).sort()) {
    const value = map[key];
    delete map[key];
    put(map, key, value);
  }
}

/** Also under a name that would be the object's prototype. */
function put(map: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
}

/** More operations than this are refused before any is applied. Source: apiserver, maxJSONPatchOperations. */
const MAX_OPERATIONS = 10_000;

/** A patch as the API takes it. Throws 400, 413 and 422. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${goTypeOf(patch)} into Go value of type []handlers.jsonPatchOp`,
    );
  if (patch.length > MAX_OPERATIONS)
    throw refuse(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    );
  const outcome = applyOperations(target, patch);
  if ('document' in outcome) return outcome.document;
  throw refuse(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}
