/** `"%d of %s".format([1, "x"])`. Source: cel-go, strings extension, "Format". */
import {
  type CelValue,
  Duration,
  EvaluationError,
  isObjectValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from '../values.ts';
import { conversions, doubleText } from './conversions.ts';

const DEFAULT_PRECISION = 6;

export function format(text: string, args: CelValue[]): string {
  let next = 0;
  return text.replace(/%(?:%|(?:\.(\d+))?([a-zA-Z]))/g, (clause, precision?: string, verb?: string) => {
    if (verb === undefined) return '%';
    const index = next++;
    const value = args[index];
    if (value === undefined) throw new EvaluationError(`index ${index} out of range`);
    const digits = precision === undefined ? DEFAULT_PRECISION : Number(precision);
    switch (verb) {
      case 's':
        return show(value);
      case 'd':
        return decimal(value);
      case 'f':
        return decimals(value, (amount) => amount.toFixed(Math.min(digits, 100)));
      case 'e':
        return decimals(value, (amount) =>
          amount.toExponential(Math.min(digits, 100)).replace(/e([+-])(\d)$/, 'e$10$2'),
        );
      case 'b':
        return typeof value === 'boolean' ? String(Number(value)) : whole(value, clause).toString(2);
      case 'o':
        return whole(value, clause).toString(8);
      case 'x':
        return hexadecimal(value, clause);
      case 'X':
        return hexadecimal(value, clause).toUpperCase();
      default:
        throw new EvaluationError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
    }
  });
}

function show(value: CelValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${show(key)}: ${show(item)}`).sort();
    return `{${entries.join(', ')}}`;
  }
  if (value instanceof TypeValue) return value.name;
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Optional || isObjectValue(value))
    throw new EvaluationError(
      'error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
    );
  const convert = conversions.string!.find((overload) => overload.accepts([value]));
  if (convert === undefined) throw new EvaluationError('error during formatting: no such overload');
  return String(convert.run([value]));
}

function decimal(value: CelValue): string {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint) return String(value.value);
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  if (typeof value === 'number') return String(value);
  throw new EvaluationError(
    `error during formatting: decimal clause can only be used on integers, was given ${kindOf(value)}`,
  );
}

function decimals(value: CelValue, write: (amount: number) => string): string {
  const amount = value instanceof Uint ? Number(value.value) : typeof value === 'bigint' ? Number(value) : value;
  if (typeof amount !== 'number')
    throw new EvaluationError(
      `error during formatting: fixed-point clause can only be used on doubles, was given ${kindOf(value)}`,
    );
  if (Number.isFinite(amount)) return write(amount);
  return Number.isNaN(amount) ? 'NaN' : amount > 0 ? 'Infinity' : '-Infinity';
}

function whole(value: CelValue, clause: string): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value;
  throw new EvaluationError(
    `error during formatting: ${clause} can only be used on integers, was given ${kindOf(value)}`,
  );
}

function hexadecimal(value: CelValue, clause: string): string {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return whole(value, clause).toString(16);
}

function kindOf(value: CelValue): string {
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  return Array.isArray(value) ? 'list' : typeof value;
}
