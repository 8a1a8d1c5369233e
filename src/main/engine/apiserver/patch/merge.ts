/**
 * JSON merge patch. Source: RFC 7386, and beyond it the library that the real server uses (json-patch): what is put where
 * no object was loses its nulls even inside of lists, and has its keys in order.
 */
import { cloneJson, isRecord } from '../json.ts';

/** A new value; neither argument is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(target)) return withoutNulls(patch);
  if (!isRecord(patch)) return cloneJson(patch);
  const result: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__') continue;
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const kept = Object.keys(value)
    .filter((key) => key !== '__proto__' && value[key] !== null)
    .sort();
  return Object.fromEntries(kept.map((key) => [key, withoutNulls(value[key])]));
}
