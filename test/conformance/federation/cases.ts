/** Reads recorded answers of Karmada: one JSON object a line, gzip. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export function readCases<T>(file: string): T[] {
  const text = gunzipSync(readFileSync(new URL(file, import.meta.url))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

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

/** Ids of the cases whose answer differs, with both answers for the first few. */
export function differences<T extends { id: string }>(
  cases: readonly T[],
  answers: (testCase: T) => { expected: unknown; actual: unknown },
): { id: string; expected: string; actual: string }[] {
  const found: { id: string; expected: string; actual: string }[] = [];
  for (const testCase of cases) {
    const { expected, actual } = answers(testCase);
    const pair = { id: testCase.id, expected: canonical(expected), actual: canonical(actual) };
    if (pair.expected !== pair.actual) found.push(pair);
  }
  return found;
}
