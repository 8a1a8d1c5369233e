/** Field errors with the texts of the field's own validation library (k8s.io/apimachinery util/validation/field). */
import type { Json } from '#shared/kubernetes/types.ts';
import { goQuoted } from '../../go-quote.ts';
import { withoutMarkup } from '../../json.ts';
import { shownField } from '../../openapi/shown.ts';
import type { FieldError } from '../../types.ts';

/** A value as Go's validation prints it: JSON for structures, quoted text, plain numbers. */
export function show(value: unknown): string {
  return typeof value === 'string' ? goQuoted(value) : asJson(value);
}

/** As Go's encoder writes it, which is how texts of declared types and those that are optional are printed, too. */
export function asJson(value: unknown): string {
  if (value === undefined) return 'null';
  return withoutMarkup(JSON.stringify(value));
}

/** Labels, and other maps of texts, as they are printed: by key. */
export function sortedMap(map: Json): Json {
  return map === undefined || map === null ? null : Object.fromEntries(Object.entries(map).sort(byName));
}
const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

export function required(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, message: detail === '' ? 'Required value' : `Required value: ${detail}` };
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return {
    type: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${show(value)}${detail === '' ? '' : `: ${detail}`}`,
  };
}

/** `supported` is listed as given: most callers give it in alphabetical order, as the server prints it. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((each) => JSON.stringify(each)).join(', ');
  return {
    type: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${asJson(value)}: supported values: ${list}`,
  };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, message: `Duplicate value: ${show(value)}` };
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, message: `Forbidden: ${detail}` };
}

export function fieldNotFound(field: string, value: unknown): FieldError {
  return { type: 'FieldValueNotFound', field, message: `Not found: ${show(value)}` };
}

export function tooMany(field: string, count: number, max: number): FieldError {
  return { type: 'FieldValueTooMany', field, message: `Too many: ${count}: must have at most ${max} items` };
}

export function tooLong(field: string, max: number): FieldError {
  return { type: 'FieldValueTooLong', field, message: `Too long: may not be more than ${max} bytes` };
}

/** One error for each complaint about a value. */
export function invalidAll(field: string, value: unknown, complaints: readonly string[]): FieldError[] {
  return complaints.map((complaint) => invalidValue(field, value, complaint));
}

/** The errors of every element of a list, each with its own path. What is no list has no elements. */
export function eachAt(
  list: Json,
  at: string,
  check: (element: Json, at: string, index: number) => FieldError[],
): FieldError[] {
  return ((list ?? []) as Json[]).flatMap((element, index) => check(element ?? {}, `${at}[${index}]`, index));
}

/** Same value, compared as JSON regardless of the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keysA = Object.keys(a).filter((key) => (a as Record<string, unknown>)[key] !== undefined);
  const keysB = Object.keys(b).filter((key) => (b as Record<string, unknown>)[key] !== undefined);
  if (keysA.length !== keysB.length) return false;
  return keysA.every(
    (key) => key in b && sameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

/** A field of a type (`events.Event`, `note`) that may not change, shown the way the server prints it. */
export function immutableField(id: string, name: string, at: string, holder: Json, old: Json): FieldError[] {
  const [now, before] = [shownField(id, name, holder), shownField(id, name, old)];
  return sameJson(withoutEmpty(now), withoutEmpty(before)) ? [] : [invalidValue(at, now, 'field is immutable')];
}

/** Nothing is told from a list or map without items. */
function withoutEmpty(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(withoutEmpty);
  const entries = Object.entries(value).map(([key, each]) => [key, withoutEmpty(each)] as const);
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

export function immutable(field: string, value: unknown, old: unknown): FieldError[] {
  return sameJson(value, old) ? [] : [invalidValue(field, value, 'field is immutable')];
}
