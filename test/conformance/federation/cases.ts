/** The form in which answers are compared. */

/**
 * JSON with sorted keys, without nulls and empty objects: Karmada's answers passed through typed structures that add
 * `resources: {}` and `creationTimestamp: null`, which mean the same as their absence.
 */
export function canonical(value: unknown): string {
  return JSON.stringify(tidy(value)) ?? 'absent';
}

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .map(([key, inner]) => [key, tidy(inner)] as const)
    .filter(([, inner]) => !isEmpty(inner))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0;
}
