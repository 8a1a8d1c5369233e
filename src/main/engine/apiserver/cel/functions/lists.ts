/** Functions of lists, sets and optional values. Source: Kubernetes CEL lists library; cel-go "Lists", "Sets", "OptionalTypes". */
import { BOOL, DOUBLE, DURATION, DYN, INT, list, optional, parameter, UINT } from '../types.ts';
import {
  type CelValue,
  checkedInt,
  checkedUint,
  compare,
  Duration,
  EvaluationError,
  equals,
  Optional,
  Uint,
} from '../values.ts';
import { fn, method, type Overload, quadratic } from './overload.ts';

const T = parameter('T');

function ordered(a: CelValue, b: CelValue): number {
  const order = compare(a, b);
  if (order === undefined) throw new EvaluationError('no such overload');
  return order;
}

function extreme(name: string, better: (order: number) => boolean): Overload {
  return method([list(T)], T, (items: CelValue[]) => {
    const [first, ...rest] = items;
    if (first === undefined) throw new EvaluationError(`${name} called on empty list`);
    return rest.reduce((best, item) => (better(ordered(item, best)) ? item : best), first);
  });
}

function flatten(items: CelValue[], depth: bigint): CelValue[] {
  if (depth < 0n) throw new EvaluationError('level must be non-negative');
  return items.flatMap((item) => (Array.isArray(item) && depth > 0n ? flatten(item, depth - 1n) : [item]));
}

function slice(items: CelValue[], start: bigint, end: bigint): CelValue[] {
  if (start < 0n || end < 0n)
    throw new EvaluationError(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end)
    throw new EvaluationError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > items.length) throw new EvaluationError(`cannot slice(${start}, ${end}), list is length ${items.length}`);
  return items.slice(Number(start), Number(end));
}

const has = (items: CelValue[], item: CelValue): boolean => items.some((known) => equals(known, item));
const distinct = (items: CelValue[]): CelValue[] =>
  items.filter((item, index) => items.findIndex((known) => equals(known, item)) === index);

const isZero = (value: CelValue): boolean => {
  if (value === null || value === false || value === 0 || value === 0n || value === '') return true;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Map) return value.size === 0;
  return Array.isArray(value) && value.length === 0;
};

export const lists: Readonly<Record<string, readonly Overload[]>> = {
  isSorted: [
    method([list(T)], BOOL, (items: CelValue[]) =>
      items.every((item, index) => index === 0 || ordered(items[index - 1]!, item) <= 0),
    ),
  ],
  sum: [
    method([list(INT)], INT, (items: bigint[]) => checkedInt(items.reduce((sum, item) => sum + item, 0n))),
    method([list(UINT)], UINT, (items: Uint[]) => checkedUint(items.reduce((sum, { value }) => sum + value, 0n))),
    method([list(DOUBLE)], DOUBLE, (items: number[]) => items.reduce((sum, item) => sum + item, 0)),
    method(
      [list(DURATION)],
      DURATION,
      (items: Duration[]) => new Duration(checkedInt(items.reduce((sum, { nanos }) => sum + nanos, 0n))),
    ),
  ],
  min: [extreme('min', (order) => order < 0)],
  max: [extreme('max', (order) => order > 0)],
  indexOf: [
    method([list(T), T], INT, (items: CelValue[], item: CelValue) =>
      BigInt(items.findIndex((known) => equals(known, item))),
    ),
  ],
  lastIndexOf: [
    method([list(T), T], INT, (items: CelValue[], item: CelValue) =>
      BigInt(items.findLastIndex((known) => equals(known, item))),
    ),
  ],
  distinct: [method([list(T)], list(T), distinct, quadratic)],
  reverse: [method([list(T)], list(T), (items: CelValue[]) => [...items].reverse())],
  sort: [method([list(T)], list(T), (items: CelValue[]) => [...items].sort(ordered))],
  flatten: [
    method([list(T)], list(DYN), (items: CelValue[]) => flatten(items, 1n)),
    method([list(T), INT], list(DYN), flatten),
  ],
  slice: [method([list(T), INT, INT], list(T), slice)],
  first: [method([list(T)], optional(T), (items: CelValue[]) => new Optional(items[0]))],
  last: [method([list(T)], optional(T), (items: CelValue[]) => new Optional(items.at(-1)))],
  'lists.range': [
    fn([INT], list(INT), (count: bigint) => {
      if (count > 100_000n) throw new EvaluationError(`size exceeds limit: ${count}`);
      return Array.from({ length: Math.max(0, Number(count)) }, (_, index) => BigInt(index));
    }),
  ],
  'sets.contains': [
    fn(
      [list(T), list(T)],
      BOOL,
      (all: CelValue[], some: CelValue[]) => some.every((item) => has(all, item)),
      quadratic,
    ),
  ],
  'sets.equivalent': [
    fn(
      [list(T), list(T)],
      BOOL,
      (a: CelValue[], b: CelValue[]) => a.every((item) => has(b, item)) && b.every((item) => has(a, item)),
      quadratic,
    ),
  ],
  'sets.intersects': [
    fn([list(T), list(T)], BOOL, (a: CelValue[], b: CelValue[]) => a.some((item) => has(b, item)), quadratic),
  ],
  'optional.of': [fn([T], optional(T), (value: CelValue) => new Optional(value))],
  'optional.ofNonZeroValue': [
    fn([T], optional(T), (value: CelValue) => (isZero(value) ? Optional.none : new Optional(value))),
  ],
  'optional.none': [fn([], optional(T), () => Optional.none)],
  hasValue: [method([optional(T)], BOOL, ({ value }: Optional) => value !== undefined)],
  value: [
    method([optional(T)], T, ({ value }: Optional) => {
      if (value === undefined) throw new EvaluationError('optional.none() dereference');
      return value;
    }),
  ],
  orValue: [method([optional(T), T], T, ({ value }: Optional, other: CelValue) => value ?? other)],
  or: [
    method([optional(T), optional(T)], optional(T), (value: Optional, other: Optional) =>
      value.value === undefined ? other : value,
    ),
  ],
};
