/** Tables of cases about one part of a spec: what is refused with which words, and what passes. */
import { expect, test } from 'vitest';
import type { FieldError } from '../types.ts';

/** Lines as clients read them: `spec.hostname: Invalid value: ...`. */
export const lines = (errors: readonly FieldError[]): string[] =>
  errors.map((error) => `${error.field}: ${error.message}`);

/** A value that is refused with exactly these lines, beside one like it that passes. */
export type Case = [what: string, refused: unknown, lines: string[], accepted: unknown];

export function judge(check: (value: never) => FieldError[], cases: readonly Case[]): void {
  test.each(cases)('%s', (_what, refused, expected, accepted) => {
    expect(lines(check(refused as never))).toEqual(expected);
    expect(lines(check(accepted as never))).toEqual([]);
  });
}
