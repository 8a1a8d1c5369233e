/**
 * Values of expressions. A CEL int is a bigint, a double a number, a list an array (of any CelValue), a map a Map with
 * primitive keys. Errors of an evaluation are EvaluationError with the texts that clients see.
 */
import { equalJson } from '../json.ts';

export class EvaluationError extends Error {}

/** The expression cost more than it may; nothing else of the object is evaluated. */
export class CostExceeded extends EvaluationError {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since the epoch. */
export class Timestamp {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Optional {
  static readonly none = new Optional(undefined);
  readonly value: CelValue | undefined;
  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A value that only functions look into; `text` identifies it. */
export class Opaque<T = unknown> {
  readonly type: string;
  readonly value: T;
  readonly text: string;
  constructor(type: string, value: T, text: string) {
    this.type = type;
    this.value = value;
    this.text = text;
  }
}

/** An object of a schema. `get` gives undefined for a field that is not set. */
export interface ObjectValue {
  readonly isObject: true;
  /** Of a message; objects of schemas have none. */
  readonly typeName?: string;
  readonly json: unknown;
  get(field: string): CelValue | undefined;
}

export type MapKey = string | bigint | boolean;

export type CelValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | Uint
  | Uint8Array
  | Timestamp
  | Duration
  | Optional
  | TypeValue
  | Opaque
  | ObjectValue
  | CelValue[]
  | Map<MapKey, CelValue>;

/** How a list that came from a schema compares and adds up: as a set, or as a map by these keys. */
export const LIST_KEYS = Symbol('list keys');
export type KeyedList = CelValue[] & { [LIST_KEYS]?: 'set' | readonly string[] };

export function isObjectValue(value: CelValue): value is ObjectValue {
  return value !== null && typeof value === 'object' && 'isObject' in value;
}

/** Name of the type at run time, as `type()` and messages show it. */
export function runtimeType(value: CelValue): string {
  if (value === null) return 'null_type';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'double';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'map';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  return value instanceof Opaque ? value.type : (value.typeName ?? 'object');
}

export function numeric(value: CelValue): number | bigint | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value instanceof Uint ? value.value : undefined;
}

/** A key under which a map finds a value; undefined for what can be no key. Numbers of all types are one. */
export function mapKey(value: CelValue): MapKey | undefined {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  if (value instanceof Uint) return value.value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

export function equals(a: CelValue, b: CelValue): boolean {
  if (a === b) return true;
  const [left, right] = [numeric(a), numeric(b)];
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of the same value are equal in CEL.
  if (left !== undefined && right !== undefined) return left == right;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  if (a instanceof Map)
    return (
      b instanceof Map &&
      a.size === b.size &&
      [...a].every(([key, value]) => b.has(key) && equals(value, b.get(key) as CelValue))
    );
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Opaque) return b instanceof Opaque && a.type === b.type && a.text === b.text;
  if (a instanceof Optional)
    return (
      b instanceof Optional &&
      (a.value === undefined ? b.value === undefined : b.value !== undefined && equals(a.value, b.value))
    );
  return isObjectValue(a) && isObjectValue(b) && equalJson(a.json, b.json);
}

function equalLists(a: KeyedList, b: CelValue[]): boolean {
  if (a.length !== b.length) return false;
  const keys = a[LIST_KEYS];
  if (keys === undefined) return a.every((item, index) => equals(item, b[index] as CelValue));
  return a.every((item) => b.some((other) => equals(item, other)));
}

/** Whether two items of a list are the same entry of it. */
export function sameEntry(a: CelValue, b: CelValue, keys: 'set' | readonly string[]): boolean {
  if (keys === 'set' || !isObjectValue(a) || !isObjectValue(b)) return equals(a, b);
  return keys.every((key) => {
    const [left, right] = [a.get(key), b.get(key)];
    return left === undefined || right === undefined ? left === right : equals(left, right);
  });
}

/** Negative, zero or positive; undefined when the two cannot be compared. */
export function compare(a: CelValue, b: CelValue): number | undefined {
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== undefined && right !== undefined) {
    if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration))
    return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  return undefined;
}

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);

export function checkedInt(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new EvaluationError('integer overflow');
  return value;
}

export function checkedUint(value: bigint): Uint {
  if (value < 0n || value > 2n ** 64n - 1n) throw new EvaluationError('unsigned integer overflow');
  return new Uint(value);
}
