/**
 * Kubernetes quantities (`100m`, `16Gi`, `1e3`) as plain numbers, for sums and comparisons a person looks at: cores for CPU,
 * bytes for memory. Exact arithmetic, where an API demands it, is in the API server. Source: apimachinery, resource.Quantity.
 */
const FACTORS: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const PATTERN = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?\d+))?$/;

/** Null for text that is not a quantity. */
export function quantityValue(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const value = Number(match[1]) * (match[3] === undefined ? (FACTORS[match[2] ?? ''] ?? 1) : 10 ** Number(match[3]));
  return Number.isFinite(value) ? value : null;
}

/** 0 for what is no quantity: one odd object must not spoil a sum. */
export function parseQuantity(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : 0;
  return typeof value === 'string' ? (quantityValue(value) ?? 0) : 0;
}
