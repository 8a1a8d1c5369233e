import { expect, test } from 'vitest';
import { secondsOn, stepFor } from './node-ttl.ts';

test.each([
  [1, 0, 0],
  [100, 0, 0],
  [101, 0, 15],
  [1000, 0, 30],
  [1001, 0, 60],
  // Once larger, a cluster has to become markedly smaller before anything changes.
  [95, 1, 15],
  [89, 1, 0],
  [450, 2, 30],
  [449, 2, 15],
  [3, 4, 0],
])('%d nodes, coming from step %d: %d s', (nodes, before, seconds) => {
  expect(secondsOn(stepFor(nodes, before))).toBe(seconds);
});
