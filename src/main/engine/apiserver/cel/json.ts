/** JSON that no schema describes as values of expressions: objects are maps, whole numbers are ints. And back again. */
import { isRecord } from '../json.ts';
import { durationText, timestampText } from './functions/conversions.ts';
import { Message } from './messages.ts';
import { type CelValue, Duration, isObjectValue, type MapKey, runtimeType, Timestamp, Uint } from './values.ts';

export function fromJson(json: unknown): CelValue {
  if (typeof json === 'string' || typeof json === 'boolean') return json;
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json;
  if (Array.isArray(json)) return json.map(fromJson);
  if (!isRecord(json)) return null;
  const given = Object.entries(json).filter(([, value]) => value !== undefined);
  return new Map<MapKey, CelValue>(given.map(([key, value]) => [key, fromJson(value)]));
}

/** What an expression came to as JSON. Throws an Error for what JSON has no word for. */
export function toJson(value: CelValue): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return record(value);
  if (value instanceof Message) return record(value.fields);
  if (isObjectValue(value)) return value.json;
  throw new Error(`unsupported type '${runtimeType(value)}'`);
}

function record(entries: ReadonlyMap<MapKey, CelValue>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    if (typeof key !== 'string') throw new Error(`map key "${String(key)}" is no string`);
    Object.defineProperty(result, key, { value: toJson(value), enumerable: true, configurable: true, writable: true });
  }
  return result;
}
