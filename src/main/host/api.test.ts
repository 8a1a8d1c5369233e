import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { firstOf } from './api.ts';

const engine = { context: () => Promise.reject(new Error('nothing is asked of the engine here')) };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Says the next value every `everyMs`, and the last one for ever. */
function told(values: readonly string[], everyMs: number) {
  return async (): Promise<AsyncIterable<string>> => ({
    async *[Symbol.asyncIterator]() {
      for (let at = 0; ; at++) {
        await new Promise((resolve) => setTimeout(resolve, everyMs));
        yield values[Math.min(at, values.length - 1)] ?? '';
      }
    },
  });
}

async function outcome(values: readonly string[], progressOf?: (value: string) => string): Promise<string> {
  const first = firstOf(
    engine as never,
    told(values, 40),
    (value) => value === 'done',
    100,
    () => 'given up',
    progressOf,
  );
  await vi.advanceTimersByTimeAsync(2000);
  return await first;
}

test('waits beyond its time for as long as something new is said', async () => {
  const values = ['1', '2', '3', '4', '5', 'done'];
  expect(await outcome(values, (value) => value)).toBe('done');
  expect(await outcome(values)).toBe('given up');
});

test('gives up when what is said has all been said before', async () => {
  expect(await outcome(['1', '2', '1', '2', '1', '2', '1', 'done'], (value) => value)).toBe('given up');
});
