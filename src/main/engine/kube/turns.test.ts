import { setImmediate as loopTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { nextTurn } from './turns.ts';

function busy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('work that never waits lets the event loop come round, and everybody gets a turn in order', async () => {
  const order: number[] = [];
  let rounds = 0;
  let working = true;
  const loop = (async () => {
    while (working) {
      await loopTurn();
      rounds += 1;
    }
  })();
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      await nextTurn();
      order.push(index);
      busy(3);
    }),
  );
  working = false;
  await loop;
  expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(rounds).toBeGreaterThanOrEqual(3);
});

test('within its slice work goes on at once', async () => {
  await nextTurn();
  expect(nextTurn()).toBeUndefined();
});
