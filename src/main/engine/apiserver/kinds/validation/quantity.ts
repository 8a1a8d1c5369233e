/**
 * Kubernetes quantities: `100m`, `1.5Gi`, `12e6`. Source: API reference, "Quantity".
 * Values are kept exactly as integers of nano units, so that the canonical text is exact too.
 */

/** A sign, digits, a fraction, and what may be a suffix. Nothing but a sign or a dot is a zero. */
const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?((?:[eEinumkKMGTP]*)[+-]?\d*)$/;
const EXPONENT = /^[eE]([+-]?\d+)$/;
const NANO = 1_000_000_000n;
/** What is given in powers of two is capped at what a signed word holds. */
const MOST_BINARY = (2n ** 63n - 1n) * NANO;
const MOST_WORD = 2n ** 63n - 1n;
const MILLI = 1_000_000n;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** So many decimal digits are sure to fit into a signed word. */
const MOST_DIGITS = 18;
const MOST_BINARY_DIGITS = 15;

export const QUANTITY_TEXT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NUMBER_TEXT = 'unable to parse numeric part of quantity';
const SUFFIX_TEXT = "unable to parse quantity's suffix";

type Format = 'decimal' | 'binary' | 'exponent';

interface Parsed {
  /** Value in nano units, rounded up as the field does. */
  nano: bigint;
  format: Format;
  /** It is shown as it was given. */
  asGiven: boolean;
}

interface Suffix {
  format: Format;
  /** Power of ten, or of two. */
  power: number;
}

function suffixOf(text: string): Suffix | null {
  const decimal = DECIMAL.indexOf(text);
  if (decimal >= 0) return { format: 'decimal', power: (decimal - 3) * 3 };
  const binary = BINARY.indexOf(text);
  if (binary > 0) return { format: 'binary', power: binary * 10 };
  const exponent = EXPONENT.exec(text);
  // Beyond that nobody means it, and numbers would grow without end.
  if (exponent === null || Math.abs(Number(exponent[1])) > 100) return null;
  return { format: 'exponent', power: Number(exponent[1]) };
}

/** A text says what is wrong. */
function read(value: unknown): Parsed | string {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
  const match = text === '' ? null : SHAPE.exec(text);
  if (match === null) return QUANTITY_TEXT;
  const [, sign = '', given = '', fraction = '', end = ''] = match;
  const suffix = suffixOf(end);
  if (suffix === null) return SUFFIX_TEXT;
  const { format, power } = suffix;
  const whole = given.replace(/^0+/, '') || '0';
  const digits = BigInt(whole + fraction);
  // Without a single digit it is zero where numbers are read as words, and nothing that can be read elsewhere.
  if (given === '' && fraction === '' && end !== '' && !isWord(whole, fraction, suffix)) return NUMBER_TEXT;
  let numerator = digits * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  if (format === 'binary') numerator *= 2n ** BigInt(power);
  else if (power >= 0) numerator *= 10n ** BigInt(power);
  else denominator *= 10n ** BigInt(-power);
  const rounded = (numerator + denominator - 1n) / denominator;
  const nano = format === 'binary' && rounded > MOST_BINARY ? MOST_BINARY : rounded;
  const asGiven = isWord(whole, fraction, suffix) && isCanonical(digits, whole + fraction, fraction.length, suffix);
  return { nano: sign === '-' ? -nano : nano, format, asGiven };
}

/** Whether the number is kept as a word and a scale. */
function isWord(whole: string, fraction: string, { format, power }: Suffix): boolean {
  if (format !== 'binary')
    return whole.length + fraction.length <= MOST_DIGITS && power - fraction.length >= -9 && power <= 100;
  if (fraction !== '' || MOST_BINARY_DIGITS - whole.length - Math.trunc(Math.fround(power * 3) / 10) - 1 < 0)
    return false;
  return BigInt(whole) * 2n ** BigInt(power) <= MOST_WORD;
}

/** Words whose text is near enough to the canonical one stay as they were written, leading zeros, signs and all. */
function isCanonical(word: bigint, digits: string, places: number, { format, power }: Suffix): boolean {
  if (format === 'binary') return word % 8n !== 0n;
  return (power - places) % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

function parse(value: unknown): Parsed | null {
  const found = read(value);
  return typeof found === 'string' ? null : found;
}

/** What is wrong with a quantity, in the words of the decoder; null when nothing is. */
export function quantityProblem(value: unknown): string | null {
  const found = read(value);
  return typeof found === 'string' ? found : null;
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
  return parsed === null || parsed.asGiven ? String(value) : canonical(parsed);
}

/** In thousandths at least, as resources are kept. */
export function roundedToMilli(value: string): string {
  const parsed = parse(value);
  if (parsed === null || parsed.nano % MILLI === 0n) return value;
  const up = (parsed.nano / MILLI + (parsed.nano > 0n ? 1n : -1n)) * MILLI;
  return canonical({ nano: up, format: parsed.format });
}

const NOTHING: Parsed = { nano: 0n, format: 'decimal', asGiven: false };

/** Exact sum of `a` and `sign` times `b` in the notation of the first that is not zero. What is no quantity counts as 0. */
export function addQuantities(a: unknown, b: unknown, sign: 1 | -1 = 1): string {
  const left = parse(a) ?? NOTHING;
  const right = parse(b) ?? NOTHING;
  const nano = sign === 1 ? left.nano + right.nano : left.nano - right.nano;
  return canonical({ nano, format: left.nano === 0n ? right.format : left.format });
}

function canonical(parsed: Pick<Parsed, 'nano' | 'format'>): string {
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

/** Rounded away from zero to what a signed word holds. */
export function wholeOf(value: unknown): bigint {
  return wordOf(value, NANO);
}

/** In thousandths, likewise. */
export function milliOf(value: unknown): bigint {
  return wordOf(value, MILLI);
}

/** The most that the server compares in thousandths. */
export const MOST_MILLI = (2n ** 63n - 1n) / 1000n;

/** What does not fit runs over, but decimals of few digits, which the server keeps as words: they come to nothing. */
function wordOf(value: unknown, unit: bigint): bigint {
  const nano = nanoOf(value);
  const rest = nano % unit;
  const exact = nano / unit + (rest === 0n ? 0n : rest > 0n ? 1n : -1n);
  const word = BigInt.asIntN(64, exact);
  return word === exact || !isShort(canonicalQuantity(value as string)) ? word : 0n;
}

const isShort = (text: string): boolean =>
  !text.endsWith('i') && text.replace(/[^\d].*$/, '').replace(/^0+/, '').length <= 18;

/** Canonical text of a value in units of 10^-9. */
export function quantityOfNano(nano: bigint): string {
  return canonicalQuantity(`${nano}n`);
}

/** Divides by `base` as often as it goes without rest. The real server has no name for what is beyond the last suffix. */
function scaled(value: bigint, base: bigint, suffixes: readonly string[]): string {
  let rest = value;
  let index = 0;
  while (rest % base === 0n) {
    rest /= base;
    index += 1;
  }
  return `${rest}${suffixes[index] ?? ''}`;
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
