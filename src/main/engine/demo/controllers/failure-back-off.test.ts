import { expect, test } from 'vitest';
import { FailureBackOff } from './failure-back-off.ts';

test('pauses double up to the longest, each key for itself, and start anew after a long time', () => {
  const pauses = new FailureBackOff(1, 4);
  expect(pauses.waits('a', 0)).toBe(0);
  pauses.tried('a', 0);
  expect([pauses.waits('a', 0), pauses.waits('a', 0.5), pauses.waits('a', 1), pauses.waits('b', 0)]).toEqual([
    1, 0.5, 0, 0,
  ]);
  pauses.tried('a', 1);
  pauses.tried('a', 3);
  pauses.tried('a', 7);
  expect(pauses.waits('a', 7)).toBe(4);
  pauses.tried('a', 16);
  expect(pauses.waits('a', 16)).toBe(1);
});
