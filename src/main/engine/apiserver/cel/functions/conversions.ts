/** Conversions between types, and what timestamps and durations can be asked. Source: CEL specification; RFC 3339. */
import { BOOL, BYTES, DOUBLE, DURATION, INT, parameter, STRING, TIMESTAMP, TYPE, UINT } from '../types.ts';
import {
  type CelValue,
  checkedInt,
  checkedUint,
  Duration,
  EvaluationError,
  runtimeType,
  Timestamp,
  TypeValue,
  type Uint,
} from '../values.ts';
import { fn, method, type Overload } from './overload.ts';

const SECOND = 1_000_000_000n;
const UNITS: Record<string, bigint> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};

/** `1h30m`, `-1.5s`; undefined for what is none. Source: Go, time.ParseDuration. */
export function parseDuration(text: string): Duration | undefined {
  const signed = /^([+-]?)(.*)$/s.exec(text);
  const [, sign = '', body = ''] = signed ?? [];
  if (body === '0') return new Duration(0n);
  if (!/^((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined;
  let nanos = 0n;
  for (const [, amount = '', unit = ''] of body.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const [whole = '', fraction = ''] = amount.split('.');
    const scale = UNITS[unit]!;
    nanos += BigInt(whole || '0') * scale;
    if (fraction !== '') nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  return new Duration(sign === '-' ? -nanos : nanos);
}

export function parseTimestamp(text: string): Timestamp | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  if (parts === null) return undefined;
  const milliseconds = Date.parse(`${parts[1]}T${parts[2]}${parts[4]!.toUpperCase()}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return new Timestamp(BigInt(milliseconds) * 1_000_000n + BigInt((parts[3] ?? '').padEnd(9, '0')));
}

export function durationText({ nanos }: Duration): string {
  const absolute = nanos < 0n ? -nanos : nanos;
  const fraction = String(absolute % SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${absolute / SECOND}${fraction === '' ? '' : `.${fraction}`}s`;
}

export function timestampText({ nanos }: Timestamp): string {
  const seconds = nanos >= 0n ? nanos / SECOND : (nanos - SECOND + 1n) / SECOND;
  const fraction = String(nanos - seconds * SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** As Go prints a float with the fewest digits that give the same number. */
export function doubleText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (value === 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e21)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function intOf(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text))
    throw new EvaluationError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return checkedInt(BigInt(text.replace(/^\+/, '')));
}

function intOfDouble(value: number): bigint {
  if (!Number.isFinite(value)) throw new EvaluationError('integer overflow');
  return checkedInt(BigInt(Math.trunc(value)));
}

function doubleOf(text: string): number {
  const value = /^[+-]?inf(inity)?$/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
  if (text.trim() !== text || text === '' || (Number.isNaN(value) && !/^nan$/i.test(text)))
    throw new EvaluationError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
  return value;
}

function boolOf(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new EvaluationError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new EvaluationError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const same = (value: CelValue): CelValue => value;

/** A part of a point in time, in UTC or in the time zone given. */
function part(read: (utc: Date) => number): Overload[] {
  return [
    method([TIMESTAMP], INT, (time: Timestamp) => BigInt(read(shifted(time, 'UTC')))),
    method([TIMESTAMP, STRING], INT, (time: Timestamp, zone: string) => BigInt(read(shifted(time, zone)))),
  ];
}

/** A date whose UTC fields read as the clock does in the zone. */
function shifted({ nanos }: Timestamp, zone: string): Date {
  const at = Number(nanos / 1_000_000n);
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (offset !== null)
    return new Date(at + (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000);
  if (zone === 'UTC' || zone === '') return new Date(at);
  try {
    const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(
      at,
    );
    return new Date(Date.parse(`${wall.replace(' ', 'T')}Z`) + (at % 1000));
  } catch {
    throw new EvaluationError(`unknown time zone ${zone}`);
  }
}

const dayOfYear = (date: Date): number =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000);

function durationIn(unit: bigint): Overload {
  return method([DURATION], INT, ({ nanos }: Duration) => nanos / unit);
}

export const conversions: Readonly<Record<string, readonly Overload[]>> = {
  int: [
    fn([INT], INT, same),
    fn([UINT], INT, ({ value }: Uint) => checkedInt(value)),
    fn([DOUBLE], INT, intOfDouble),
    fn([STRING], INT, intOf),
    fn([TIMESTAMP], INT, ({ nanos }: Timestamp) => nanos / SECOND),
    fn([DURATION], INT, ({ nanos }: Duration) => nanos),
  ],
  uint: [
    fn([UINT], UINT, same),
    fn([INT], UINT, checkedUint),
    fn([DOUBLE], UINT, (value: number) => checkedUint(intOfDouble(value))),
    fn([STRING], UINT, (text: string) => checkedUint(intOf(text))),
  ],
  double: [
    fn([DOUBLE], DOUBLE, same),
    fn([INT], DOUBLE, Number),
    fn([UINT], DOUBLE, ({ value }: Uint) => Number(value)),
    fn([STRING], DOUBLE, doubleOf),
  ],
  bool: [fn([BOOL], BOOL, same), fn([STRING], BOOL, boolOf)],
  string: [
    fn([STRING], STRING, same),
    fn([BOOL], STRING, String),
    fn([INT], STRING, String),
    fn([UINT], STRING, ({ value }: Uint) => String(value)),
    fn([DOUBLE], STRING, doubleText),
    fn([BYTES], STRING, textOf),
    fn([TIMESTAMP], STRING, timestampText),
    fn([DURATION], STRING, durationText),
  ],
  bytes: [fn([BYTES], BYTES, same), fn([STRING], BYTES, (text: string) => Buffer.from(text, 'utf8'))],
  type: [fn([parameter('T')], TYPE, (value: CelValue) => new TypeValue(runtimeType(value)))],
  timestamp: [
    fn([TIMESTAMP], TIMESTAMP, same),
    fn([INT], TIMESTAMP, (seconds: bigint) => new Timestamp(seconds * SECOND)),
    fn([STRING], TIMESTAMP, (text: string) => {
      const value = parseTimestamp(text);
      if (value === undefined)
        throw new EvaluationError('type conversion error from string to google.protobuf.Timestamp');
      return value;
    }),
  ],
  duration: [
    fn([DURATION], DURATION, same),
    fn([STRING], DURATION, (text: string) => {
      const value = parseDuration(text);
      if (value === undefined)
        throw new EvaluationError('type conversion error from string to google.protobuf.Duration');
      return value;
    }),
  ],
  getFullYear: part((date) => date.getUTCFullYear()),
  getMonth: part((date) => date.getUTCMonth()),
  getDate: part((date) => date.getUTCDate()),
  getDayOfMonth: part((date) => date.getUTCDate() - 1),
  getDayOfWeek: part((date) => date.getUTCDay()),
  getDayOfYear: part(dayOfYear),
  getHours: [...part((date) => date.getUTCHours()), durationIn(3600n * SECOND)],
  getMinutes: [...part((date) => date.getUTCMinutes()), durationIn(60n * SECOND)],
  getSeconds: [...part((date) => date.getUTCSeconds()), durationIn(SECOND)],
  getMilliseconds: [
    ...part((date) => date.getUTCMilliseconds()),
    method([DURATION], INT, ({ nanos }: Duration) => (nanos / 1_000_000n) % 1000n),
  ],
};
