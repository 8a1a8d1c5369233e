import { expect, test } from 'vitest';
import { Work } from './work.ts';

const START = 1_700_000_000_000;

/** `perSecond` requests of `cpuSeconds` each, evenly, for so many seconds. */
function loaded(seconds: number, perSecond: number, cpuSeconds: number, cores = Number.POSITIVE_INFINITY): Work {
  const work = new Work();
  for (let at = 0; at < seconds * 1000; at += 1000 / perSecond) work.spend(START + at, cpuSeconds, cores);
  return work;
}

test('the rate rises to what requests take and falls when they stop', () => {
  const work = loaded(60, 10, 0.05);
  expect(work.rate(START + 30_000)).toBeCloseTo(0.5, 5);
  expect(work.rate(START + 7500)).toBeCloseTo(0.25, 5);
  expect(work.rate(START + 80_000)).toBe(0);
});

test('the counter grows with time and never falls, also past what is kept by the second', () => {
  const work = loaded(1200, 2, 0.01);
  let before = -1;
  for (let at = -1000; at < 1_300_000; at += 777) {
    const total = work.total(START + at);
    expect(total).toBeGreaterThanOrEqual(before - 1e-9);
    before = Math.max(before, total);
  }
  expect(work.total(START + 1_300_000)).toBeCloseTo(24, 5);
});

test('a limit caps what a second can take', () => {
  expect(loaded(30, 100, 0.05, 0.5).rate(START + 25_000)).toBeCloseTo(0.5, 5);
});

test('without requests there is nothing', () => {
  const work = new Work();
  expect([work.total(START), work.rate(START)]).toEqual([0, 0]);
});
