/** Claims for storage. Source: texts of the real server's warnings. */
import type { Json } from '#shared/kubernetes/types.ts';
import { milliOf } from '../validation/quantity.ts';

/** Of the spec of a claim at `at`. */
export function claimWarnings(spec: Json, at: string): string[] {
  return ['requests', 'limits'].flatMap((kind) => {
    const size = spec?.resources?.[kind]?.storage;
    // What is too large for thousandths runs over, and is said to be a fraction then.
    if (size === undefined || milliOf(size) % 1000n === 0n) return [];
    return [`${at}.resources.${kind}[storage]: fractional byte value "${size}" is invalid, must be an integer`];
  });
}
