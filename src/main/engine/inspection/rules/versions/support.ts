/** Until when minor versions get fixes. Source: kubernetes.io/releases/patch-releases, "Support period". */

/** By minor version of 1.x; what is older ended before. */
const ENDS: Readonly<Record<number, string>> = {
  28: '2024-10-28',
  29: '2025-02-28',
  30: '2025-06-28',
  31: '2025-10-28',
  32: '2026-02-28',
  33: '2026-06-28',
  34: '2026-10-27',
  35: '2027-02-28',
};
const OLDEST = Math.min(...Object.keys(ENDS).map(Number));

/** Day of the end; undefined for versions that were made after this list. */
export function endOfSupport(minor: number): string | undefined {
  return minor < OLDEST ? ENDS[OLDEST] : ENDS[minor];
}
