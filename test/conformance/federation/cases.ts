/** Reads recorded cases, and the form in which answers are compared. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One JSON object a line, plain or gzip. Throws with the number of a line that is no JSON. */
export function readCases<T>(file: string | URL): T[] {
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as T];
    } catch (error) {
      throw new Error(`${file} line ${index + 1}: ${(error as Error).message}`);
    }
  });
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
