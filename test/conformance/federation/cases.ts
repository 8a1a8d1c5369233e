/** The form in which answers are compared. */

/** JSON with sorted keys: nothing else is taken to be the same. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'absent';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
