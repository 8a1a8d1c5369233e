/** JSON patch. Source: RFC 6902; refusals as the real server words them. */

import jsonpatch, { type Operation } from 'fast-json-patch';
import { cloneJson, goTypeOf, isRecord } from '../json.ts';
import { badRequest, refuse } from '../status.ts';

export interface PatchOperation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

/** One operation on a copy of the document; `problem` is what the real server's library says (evanphx/json-patch). */
export function applyOperation(document: unknown, operation: PatchOperation): PatchOutcome {
  return applyOperations(document, [operation]);
}

export type PatchOutcome = { document: unknown } | { problem: string };

/** One operation after the other, on a copy of the document. */
export function applyOperations(target: unknown, operations: readonly PatchOperation[]): PatchOutcome {
  let document: unknown = cloneJson(target);
  const touched = new Set<Record<string, unknown>>();
  for (const operation of operations)
    try {
      for (const path of [operation.path, operation.from]) noteWay(document, path, touched);
      // "true" makes missing paths and unknown operations errors instead of surprises.
      const asked = lenient(document, cloneJson(operation)) as Operation;
      document = jsonpatch.applyPatch(document, [asked], true, true, true).newDocument;
    } catch {
      return { problem: problemOf(document, operation) };
    }
  for (const map of touched) sortKeys(map);
  return { document };
}

function problemOf(document: unknown, { op, path, from }: PatchOperation): string {
  switch (op) {
    case 'add':
    case 'remove': {
      const { container, key } = locate(document, path);
      if (container === undefined)
        return `${op} operation does not apply: doc is missing path: "${path}": missing value`;
      const where = `error in ${op} for path: '${path}'`;
      if (Array.isArray(container)) return `${where}: Unable to access invalid index: ${key}: invalid index referenced`;
      return `${where}: Unable to remove nonexistent key: ${key}: missing value`;
    }
    case 'replace': {
      const what = locate(document, path).container === undefined ? 'path' : 'key';
      return `replace operation does not apply: doc is missing ${what}: ${path}: missing value`;
    }
    case 'move':
    case 'copy':
      return `${op} operation does not apply: doc is missing from path: ${from ?? ''}: missing value`;
    case 'test':
      return `testing value ${path} failed: test failed`;
    default:
      return `Unexpected kind: ${op === '' ? 'unknown' : op}`;
  }
}

/** What an operation works in; `container` is undefined where the path leads nowhere. */
function locate(document: unknown, path: string): { container: unknown; key: string } {
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = keys.pop() ?? '';
  let container: unknown = document;
  for (const step of keys) {
    const inside = typeof container === 'object' && container !== null && Object.hasOwn(container, step);
    container = inside ? (container as Record<string, unknown>)[step] : undefined;
  }
  return { container: typeof container === 'object' && container !== null ? container : undefined, key };
}

/**
 * A field that an object does not have counts as null to the real server's library: it can be replaced and copied, and
 * is what a test for nothing expects.
 */
function lenient(document: unknown, operation: PatchOperation): PatchOperation {
  const lacks = (path: string): boolean => {
    const { container, key } = locate(document, path);
    return isRecord(container) && !Object.hasOwn(container, key);
  };
  if (['add', 'replace'].includes(operation?.op) && operation.value === undefined)
    return lenient(document, { ...operation, value: null });
  if (operation?.op === 'replace' && typeof operation.path === 'string' && lacks(operation.path))
    return { ...operation, op: 'add' };
  if (operation?.op === 'copy' && typeof operation.from === 'string' && lacks(operation.from))
    return { op: 'add', path: operation.path, value: null };
  if (operation?.op === 'test' && (operation.value ?? null) === null && lacks(String(operation.path)))
    return { op: 'test', path: '', value: document };
  return operation;
}

/** Maps that an operation goes through: the real server writes these with their keys in order, which refusals quote. */
function noteWay(document: unknown, path: unknown, touched: Set<Record<string, unknown>>): void {
  if (typeof path !== 'string') return;
  let place: unknown = document;
  for (const step of path.split('/').slice(1)) {
    if (isRecord(place)) touched.add(place);
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    const inside = typeof place === 'object' && place !== null && Object.hasOwn(place, key);
    place = inside ? (place as Record<string, unknown>)[key] : undefined;
  }
}

function sortKeys(map: Record<string, unknown>): void {
  for (const key of Object.keys(map).sort()) {
    const value = map[key];
    delete map[key];
    map[key] = value;
  }
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
  const outcome = applyOperations(target, patch as PatchOperation[]);
  if ('document' in outcome) return outcome.document;
  throw refuse(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}
