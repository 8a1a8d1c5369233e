/** Arithmetic, comparison, membership, size. Source: CEL specification, "List of Standard Definitions". */
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  list,
  map,
  parameter,
  STRING,
  TIMESTAMP,
  UINT,
} from '../types.ts';
import {
  type CelValue,
  checkedInt,
  checkedUint,
  compare,
  Duration,
  EvaluationError,
  equals,
  type KeyedList,
  LIST_KEYS,
  type MapKey,
  mapKey,
  sameEntry,
  Timestamp,
  type Uint,
} from '../values.ts';
import { fn, method, type Overload, quadratic } from './overload.ts';

const T = parameter('T');
const K = parameter('K');
const V = parameter('V');

function divide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new EvaluationError('division by zero');
  return a / b;
}

function remainder(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new EvaluationError('modulus by zero');
  return a % b;
}

/** One operator over int, uint and double. */
function arithmetic(ints: (a: bigint, b: bigint) => bigint, doubles?: (a: number, b: number) => number): Overload[] {
  return [
    fn([INT, INT], INT, (a: bigint, b: bigint) => checkedInt(ints(a, b))),
    fn([UINT, UINT], UINT, (a: Uint, b: Uint) => checkedUint(ints(a.value, b.value))),
    ...(doubles === undefined ? [] : [fn([DOUBLE, DOUBLE], DOUBLE, doubles)]),
  ];
}

/** Lists that are sets or maps to their schema stay so: what is there already is not added again. */
function concat(a: KeyedList, b: CelValue[]): CelValue[] {
  const keys = a[LIST_KEYS];
  if (keys === undefined) return [...a, ...b];
  const result: KeyedList = [...a];
  for (const item of b) {
    const at = result.findIndex((known) => sameEntry(known, item, keys));
    if (at < 0) result.push(item);
    else result[at] = item;
  }
  result[LIST_KEYS] = keys;
  return result;
}

const addingCost = (values: readonly CelValue[]): number => {
  const [a, b] = values as [KeyedList, CelValue[]];
  return a[LIST_KEYS] === undefined ? a.length + b.length : quadratic(values);
};

const COMPARABLE: readonly CelType[] = [INT, UINT, DOUBLE, STRING, BOOL, BYTES, TIMESTAMP, DURATION];
const NUMBERS = [INT, UINT, DOUBLE];

function ordering(holds: (order: number) => boolean): Overload[] {
  const run = (a: CelValue, b: CelValue): boolean => {
    const order = compare(a, b);
    if (order === undefined) throw new EvaluationError('no such overload');
    return holds(order);
  };
  const mixed = NUMBERS.flatMap((a) => NUMBERS.filter((b) => b !== a).map((b): [CelType, CelType] => [a, b]));
  return [...COMPARABLE.map((type): [CelType, CelType] => [type, type]), ...mixed].map((params) =>
    fn(params, BOOL, run),
  );
}

const length = (text: string): bigint => {
  let count = 0;
  for (const _ of text) count += 1;
  return BigInt(count);
};

// biome-ignore lint/suspicious/noExplicitAny: each is called with values of its own type.
const sizes: [CelType, (value: any) => bigint][] = [
  [STRING, length],
  [BYTES, (bytes: Uint8Array) => BigInt(bytes.length)],
  [list(T), (items: CelValue[]) => BigInt(items.length)],
  [map(K, V), (entries: Map<MapKey, CelValue>) => BigInt(entries.size)],
];

const moment = (nanos: bigint): Timestamp => new Timestamp(nanos);
const span = (nanos: bigint): Duration => new Duration(checkedInt(nanos));

export const operators: Readonly<Record<string, readonly Overload[]>> = {
  '_==_': [fn([T, T], BOOL, equals, quadratic), ...mixedNumbers(equals)],
  '_!=_': [fn([T, T], BOOL, (a, b) => !equals(a, b), quadratic), ...mixedNumbers((a, b) => !equals(a, b))],
  '_<_': ordering((order) => order < 0),
  '_<=_': ordering((order) => order <= 0),
  '_>_': ordering((order) => order > 0),
  '_>=_': ordering((order) => order >= 0),
  '_+_': [
    ...arithmetic(
      (a, b) => a + b,
      (a, b) => a + b,
    ),
    fn([STRING, STRING], STRING, (a: string, b: string) => a + b),
    fn([BYTES, BYTES], BYTES, (a: Uint8Array, b: Uint8Array) => Buffer.concat([a, b])),
    fn([list(T), list(T)], list(T), concat, addingCost),
    fn([TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) => moment(a.nanos + b.nanos)),
    fn([DURATION, TIMESTAMP], TIMESTAMP, (a: Duration, b: Timestamp) => moment(a.nanos + b.nanos)),
    fn([DURATION, DURATION], DURATION, (a: Duration, b: Duration) => span(a.nanos + b.nanos)),
  ],
  '_-_': [
    ...arithmetic(
      (a, b) => a - b,
      (a, b) => a - b,
    ),
    fn([TIMESTAMP, TIMESTAMP], DURATION, (a: Timestamp, b: Timestamp) => span(a.nanos - b.nanos)),
    fn([TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) => moment(a.nanos - b.nanos)),
    fn([DURATION, DURATION], DURATION, (a: Duration, b: Duration) => span(a.nanos - b.nanos)),
  ],
  '_*_': arithmetic(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  '_/_': arithmetic(divide, (a, b) => a / b),
  '_%_': arithmetic(remainder),
  '!_': [fn([BOOL], BOOL, (value: boolean) => !value)],
  '-_': [fn([INT], INT, (value: bigint) => checkedInt(-value)), fn([DOUBLE], DOUBLE, (value: number) => -value)],
  '@in': [
    fn([T, list(T)], BOOL, (item: CelValue, items: CelValue[]) => items.some((known) => equals(known, item))),
    fn([K, map(K, V)], BOOL, (key: CelValue, entries: Map<MapKey, CelValue>) => {
      const name = mapKey(key);
      return name !== undefined && entries.has(name);
    }),
  ],
  size: sizes.flatMap(([type, run]) => [fn([type], INT, run), method([type], INT, run)]),
  dyn: [fn([T], DYN, (value: CelValue) => value)],
};

/** Numbers of different types are comparable. */
function mixedNumbers(run: (a: CelValue, b: CelValue) => boolean): Overload[] {
  return NUMBERS.flatMap((a) => NUMBERS.filter((b) => b !== a).map((b) => fn([a, b], BOOL, run)));
}
