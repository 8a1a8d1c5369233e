/** Small helpers over JSON values: comparing, reading and writing them. */

import type { Json } from '#shared/kubernetes/types.ts';
import { problemOfJson } from './json-text.ts';

export { cloneJson } from '#shared/json.ts';

/** Equality of JSON values; the order of keys does not matter, undefined counts as absent. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equalJson(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of Object.keys(left)) if (!equalJson(left[key], right[key])) return false;
  for (const key of Object.keys(right)) if (right[key] !== undefined && left[key] === undefined) return false;
  return true;
}

/** Far beyond any object of the API, and far within what a walk over it may take of the stack. */
const MAX_DEPTH = 1000;

export class TooDeep extends Error {
  constructor() {
    super('exceeded max depth');
  }
}

/** JSON.parse for what clients send: throws TooDeep where arrays and objects are nested without end. */
export function parseJson(text: string): unknown {
  // Each level takes two characters.
  if (text.length <= 2 * MAX_DEPTH) return JSON.parse(text);
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === 0x5c) at++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_DEPTH) throw new TooDeep();
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return JSON.parse(text);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON with the keys of every object in order, as Go writes maps. */
export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sortedJson(value[key])}`)
    .join(',')}}`;
}

/** JSON as Go writes it: out of the way of markup. */
export function withoutMarkup(text: string): string {
  return text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON errors in the words clients know. */
export function jsonProblem(text: string | Uint8Array, error: unknown): string {
  if (error instanceof TooDeep) return error.message;
  return problemOfJson(text) ?? (error instanceof Error ? error.message : String(error));
}

/** The same fields without those that are undefined: what is written has no field without a value. */
export function compact(fields: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A type of JSON as Go's decoder names it. */
export function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** What is read first of every body is what it says it is, in texts; `inOrder`: keys are. Null: that can be read. */
export function namesProblem(value: unknown, inOrder = false): string | null {
  if (isRecord(value)) {
    const keys = Object.keys(value);
    const bad = (inOrder ? keys.sort() : keys).find((key) => NAMES.has(key) && typeof (value[key] ?? '') !== 'string');
    return bad === undefined
      ? null
      : `json: cannot unmarshal ${goTypeOf(value[bad])} into Go struct field .${bad} of type string`;
  }
  const into =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
  return `json: cannot unmarshal ${goTypeOf(value)} into Go value of type ${into}`;
}

const NAMES = new Set(['apiVersion', 'kind']);

/** The begin of a body as it is quoted: letters where it may be JSON, else its bytes. */
export function summary(given: string | Uint8Array): string {
  const bytes = Buffer.from(given as string);
  if (bytes.length === 0) return '<empty>';
  const shown = bytes.subarray(0, 30).toString(bytes[0] === 0x7b ? 'utf8' : 'hex');
  return bytes.length > 30 ? `${shown} ...` : shown;
}
