/** Claims for storage. Source: texts of the real server's warnings. */
import type { Json } from '#shared/kubernetes/types.ts';
import { nanoOf } from '../validation/quantity.ts';

const WHOLE = 1_000_000_000n;

/** Of the spec of a claim at `at`. */
export function claimWarnings(spec: Json, at: string): string[] {
  return ['requests', 'limits'].flatMap((kind) => {
    const size = spec?.resources?.[kind]?.storage;
    if (size === undefined || nanoOf(size) % WHOLE === 0n) return [];
    return [`${at}.resources.${kind}[storage]: fractional byte value "${size}" is invalid, must be an integer`];
  });
}
