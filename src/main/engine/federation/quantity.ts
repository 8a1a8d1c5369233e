/** Kubernetes quantities as numbers: milli-units for exact sums, whole units rounded up. Source: API reference, Quantity. */
import { quantityValue } from '#shared/kubernetes/quantity.ts';

const CACHE_LIMIT = 4096;
const cache = new Map<string, number>();

/** Value in thousandths, rounded up like Quantity.MilliValue; NaN for what is no quantity. */
export function milliValue(quantity: string | number | undefined): number {
  if (quantity === undefined) return 0;
  if (typeof quantity === 'number') return Math.ceil(quantity * 1000);
  const known = cache.get(quantity);
  if (known !== undefined) return known;
  const value = parse(quantity);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(quantity, value);
  return value;
}

/** Whole units, rounded up like Quantity.Value. */
export function unitValue(quantity: string | number | undefined): number {
  return Math.ceil(milliValue(quantity) / 1000);
}

/** Canonical text of a number of milli-units: `1500m`, `2`. */
export function formatMilli(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

/** Canonical text of bytes with the largest binary suffix that stays whole: `1536Mi`. */
export function formatBytes(bytes: number): string {
  const suffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
  let value = bytes;
  let step = 0;
  while (value !== 0 && value % 1024 === 0 && step < suffixes.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${value}${suffixes[step]}`;
}

function parse(text: string): number {
  const milli = (quantityValue(text) ?? Number.NaN) * 1000;
  // A decimal like 0.1 is not exact in binary: what is within rounding noise of a whole number of thousandths is that number.
  const nearest = Math.round(milli);
  return Math.abs(milli - nearest) <= 1e-6 * Math.max(1, Math.abs(milli) * 1e-6) ? nearest : Math.ceil(milli);
}

/** Sum as canonical text, in the notation of the first operand (binary suffixes stay binary). */
export function addQuantities(a: string | number, b: string | number): string {
  const sum = milliValue(a) + milliValue(b);
  return isBinary(a) && sum % 1000 === 0 ? formatBytes(sum / 1000) : formatDecimal(sum);
}

/** So many times a quantity, in its notation. */
export function multiplyQuantity(quantity: string | number, times: number): string {
  const product = milliValue(quantity) * times;
  return isBinary(quantity) && product % 1000 === 0 ? formatBytes(product / 1000) : formatDecimal(product);
}

/** The larger of two, as it was written. */
export function maxQuantity(a: string | number, b: string | number): string | number {
  return milliValue(b) > milliValue(a) ? b : a;
}

function isBinary(quantity: string | number): boolean {
  return typeof quantity === 'string' && quantity.endsWith('i');
}

function formatDecimal(milli: number): string {
  if (milli % 1000 !== 0) return `${milli}m`;
  const suffixes = ['', 'k', 'M', 'G', 'T', 'P'];
  let value = milli / 1000;
  let step = 0;
  while (value !== 0 && value % 1000 === 0 && step < suffixes.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${value}${suffixes[step]}`;
}
