/**
 * Kubernetes quantities: `100m`, `1.5Gi`, `12e6`. Source: API reference, "Quantity".
 * Values are kept exactly as integers of nano units, so that the canonical text is exact too.
 */

const PATTERN = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([eE][+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/;
const NANO = 1_000_000_000n;
/** What is given in powers of two is capped at what a signed word holds. */
const MOST_BINARY = (2n ** 63n - 1n) * NANO;
const MILLI = 1_000_000n;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

export const QUANTITY_TEXT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

type Format = 'decimal' | 'binary' | 'exponent';

interface Parsed {
  /** Value in nano units, rounded up as the field does. */
  nano: bigint;
  format: Format;
}

function parse(value: unknown): Parsed | null {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : null;
  const match = text === null ? null : PATTERN.exec(text);
  if (match === null) return null;
  const [, sign, digits = '0', exponent, suffix = ''] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  let numerator = BigInt(`${whole}${fraction}` || '0') * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  let format: Format = 'decimal';
  if (exponent !== undefined) {
    format = 'exponent';
    const power = Number(exponent.slice(1));
    if (Math.abs(power) > 100) return null;
    if (power >= 0) numerator *= 10n ** BigInt(power);
    else denominator *= 10n ** BigInt(-power);
  } else if (BINARY.indexOf(suffix) > 0) {
    format = 'binary';
    numerator *= 1024n ** BigInt(BINARY.indexOf(suffix));
  } else {
    const power = (DECIMAL.indexOf(suffix) - 3) * 3;
    if (power >= 0) numerator *= 10n ** BigInt(power);
    else denominator *= 10n ** BigInt(-power);
  }
  const rounded = (numerator + denominator - 1n) / denominator;
  const nano = format === 'binary' && rounded > MOST_BINARY ? MOST_BINARY : rounded;
  return { nano: sign === '-' ? -nano : nano, format };
}

export function isQuantity(value: unknown): boolean {
  return parse(value) !== null;
}

/** As a number, for comparing and adding; null when it is none. */
export function parseQuantity(value: unknown): number | null {
  const parsed = parse(value);
  return parsed === null ? null : Number(parsed.nano) / 1e9;
}

/** Negative, zero or positive, exactly. Both must be quantities. */
export function compareQuantities(a: unknown, b: unknown): number {
  const difference = (parse(a)?.nano ?? 0n) - (parse(b)?.nano ?? 0n);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The text the API server answers with: `0.1` is `100m`, `1000m` is `1`, `0.5Gi` is `512Mi`. */
export function canonicalQuantity(value: string | number): string {
  const parsed = parse(value);
  if (parsed === null) return String(value);
  const text = canonical(parsed);
  // A sign that says nothing stays before what is in canonical form, but for binary multiples of eight.
  const keepsSign = value === `+${text}` && (parsed.format !== 'binary' || Number.parseInt(text, 10) % 8 !== 0);
  return keepsSign ? value : text;
}

/** In thousandths at least, as resources are kept. */
export function roundedToMilli(value: string): string {
  const parsed = parse(value);
  if (parsed === null || parsed.nano % MILLI === 0n) return value;
  const up = (parsed.nano / MILLI + (parsed.nano > 0n ? 1n : -1n)) * MILLI;
  return canonical({ nano: up, format: parsed.format });
}

/** Exact sum of `a` and `sign` times `b` in the notation of the first that is not zero. What is no quantity counts as 0. */
export function addQuantities(a: unknown, b: unknown, sign: 1 | -1 = 1): string {
  const left = parse(a) ?? { nano: 0n, format: 'decimal' };
  const right = parse(b) ?? { nano: 0n, format: 'decimal' };
  const nano = sign === 1 ? left.nano + right.nano : left.nano - right.nano;
  return canonical({ nano, format: left.nano === 0n ? right.format : left.format });
}

function canonical(parsed: Parsed): string {
  const { nano } = parsed;
  if (nano === 0n) return '0';
  const sign = nano < 0n ? '-' : '';
  const size = nano < 0n ? -nano : nano;
  const wholeBytes = size % NANO === 0n;
  if (parsed.format === 'binary' && wholeBytes && size / NANO >= 1024n)
    return sign + scaled(size / NANO, 1024n, BINARY);
  if (parsed.format === 'exponent') return sign + exponentText(size);
  return sign + scaled(size, 1000n, DECIMAL);
}

/** Exact value in units of 10^-9; zero for what is no quantity. */
export function nanoOf(value: unknown): bigint {
  return parse(value)?.nano ?? 0n;
}

/** Canonical text of a value in units of 10^-9. */
export function quantityOfNano(nano: bigint): string {
  return canonicalQuantity(`${nano}n`);
}

/** Divides by `base` as often as it goes without rest. */
function scaled(value: bigint, base: bigint, suffixes: readonly string[]): string {
  let rest = value;
  let index = 0;
  while (index < suffixes.length - 1 && rest % base === 0n) {
    rest /= base;
    index += 1;
  }
  return `${rest}${suffixes[index]}`;
}

function exponentText(nano: bigint): string {
  let rest = nano;
  let power = -9;
  while (rest % 1000n === 0n) {
    rest /= 1000n;
    power += 3;
  }
  return power === 0 ? String(rest) : `${rest}e${power}`;
}
