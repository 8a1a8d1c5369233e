/** Where two transcripts part. */
import { normalise } from './normalise.ts';
import type { Transcript } from './types.ts';

export interface Difference {
  step: string;
  /** First place that differs, such as `body.details.causes[0].field`. */
  at: string;
  expected: unknown;
  got: unknown;
}

/** The first difference of every step that has one, in the script's order. */
export function differences(expected: Transcript, got: Transcript): Difference[] {
  const answers = new Map(normalise(got).steps.map((step) => [step.id, step]));
  return normalise(expected).steps.flatMap((step) => {
    const found = firstDifference(step, answers.get(step.id), '');
    return found === null ? [] : [{ step: step.id, ...found }];
  });
}

function firstDifference(expected: unknown, got: unknown, at: string): Omit<Difference, 'step'> | null {
  if (Object.is(expected, got)) return null;
  if (isContainer(expected) && isContainer(got) && Array.isArray(expected) === Array.isArray(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      const path = Array.isArray(expected) ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`;
      const found = firstDifference(expected[key], got[key], path);
      if (found !== null) return found;
    }
    return null;
  }
  return { at, expected, got };
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object';
}
