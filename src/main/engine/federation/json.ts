/** Comparisons of JSON values in which an absent field and an undefined one are the same. */
import type { Json } from '#shared/kubernetes/types.ts';

export function equalJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a)) return a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  for (const key of Object.keys(a)) if (!equalJson(a[key], b[key])) return false;
  for (const key of Object.keys(b)) if (a[key] === undefined && b[key] !== undefined) return false;
  return true;
}

/** Whether `actual` has everything `wanted` has: more fields in objects are fine, lists must agree item by item. */
export function covers(actual: Json, wanted: Json): boolean {
  if (wanted === undefined || actual === wanted) return true;
  if (wanted === null) return actual === null || actual === undefined;
  if (typeof wanted !== 'object') return false;
  if (Array.isArray(wanted)) {
    if (wanted.length === 0 && actual === undefined) return true;
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((item, index) => covers(actual[index], item))
    );
  }
  // An empty object says nothing; servers drop and add them as they like.
  if (actual === undefined || actual === null) return Object.values(wanted).every((value) => covers(undefined, value));
  if (typeof actual !== 'object' || Array.isArray(actual)) return false;
  return Object.keys(wanted).every((key) => covers(actual[key], wanted[key]));
}
