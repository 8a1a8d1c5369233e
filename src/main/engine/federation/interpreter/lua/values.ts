/** Values on their way into Lua and back: it knows no null, and cannot tell an empty list from an empty map. Pure. */
import type { Json } from '#shared/kubernetes/types.ts';

/** Fields that are null are left out, as a table would leave them out. */
export function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => item !== null && item !== undefined).map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null && field !== undefined)
      .map(([key, field]) => [key, withoutNulls(field)]),
  );
}

/**
 * A table that came back empty is a list where one of the objects that went in has a list there, else a map. Fields that
 * were null before are null again.
 */
export function restored(value: Json, references: readonly Json[]): Json {
  const known = references.filter((reference) => reference !== undefined && reference !== null);
  if (Array.isArray(value))
    return value.map((item, index) =>
      restored(
        item,
        known.map((list) => list[index]),
      ),
    );
  if (typeof value !== 'object' || value === null) return value;
  if (Object.keys(value).length === 0) return known.some(Array.isArray) ? [] : {};
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key,
      restored(
        field,
        known.map((object) => object[key]),
      ),
    ]),
  );
}
