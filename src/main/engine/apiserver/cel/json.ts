/** JSON that no schema describes as values of expressions: objects are maps, whole numbers are ints. */
import { isRecord } from '../json.ts';
import type { CelValue, MapKey } from './values.ts';

export function fromJson(json: unknown): CelValue {
  if (typeof json === 'string' || typeof json === 'boolean') return json;
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json;
  if (Array.isArray(json)) return json.map(fromJson);
  if (!isRecord(json)) return null;
  const given = Object.entries(json).filter(([, value]) => value !== undefined);
  return new Map<MapKey, CelValue>(given.map(([key, value]) => [key, fromJson(value)]));
}
