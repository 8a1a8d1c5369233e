import { expect, test } from 'vitest';
import { createPace } from './pace.ts';

const LIMITS = { windowMs: 1_000, slowBytesPerSecond: 1_000_000 };

function paceAt(busy = 0) {
  const clock = { now: 0 };
  const pace = createPace(
    LIMITS,
    () => clock.now,
    () => busy,
  );
  return { clock, pace };
}

test('a stream is slow when little came through a whole window', () => {
  const { clock, pace } = paceAt();
  pace.add(100_000);
  clock.now = 999;
  expect(pace.isSlow()).toBe(false);
  clock.now = 1_000;
  expect(pace.isSlow()).toBe(true);
});

test('time before the first byte does not count: the server was thinking', () => {
  const { clock, pace } = paceAt();
  clock.now = 5_000;
  expect(pace.isSlow()).toBe(false);
  pace.add(2_000_000);
  clock.now = 6_000;
  expect(pace.isSlow()).toBe(false);
});

test('each window is judged by itself, so that a fast beginning hides nothing', () => {
  const { clock, pace } = paceAt();
  pace.add(9_000_000);
  clock.now = 1_500;
  expect(pace.isSlow()).toBe(false);
  pace.add(100_000);
  clock.now = 2_500;
  expect(pace.isSlow()).toBe(true);
});

test('who has no time to read does not blame the way', () => {
  const { clock, pace } = paceAt(0.9);
  pace.add(100_000);
  clock.now = 2_000;
  expect(pace.isSlow()).toBe(false);
});

test('a few objects say nothing', () => {
  const { clock, pace } = paceAt();
  pace.add(2_000);
  clock.now = 4_000;
  expect(pace.isSlow()).toBe(false);
});
