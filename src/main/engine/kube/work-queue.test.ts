import { describe, expect, test } from 'vitest';
import { createWorkQueue } from './work-queue.ts';

describe('work queue', () => {
  test('keys added twice before they are handled are handled once', async () => {
    const handled: string[] = [];
    const queue = createWorkQueue({
      name: 'q',
      async reconcile(key) {
        handled.push(key);
        return undefined;
      },
    });
    queue.add('a');
    queue.add('b');
    queue.add('b');
    await queue.idle();
    expect(handled).toEqual(['a', 'b']);
    await queue.stop();
  });

  test('what has priority comes first, the longest waiting among equals', async () => {
    const handled: string[] = [];
    const priorities: Record<string, number> = { low: -5, high: 100, higher: 1000 };
    const queue = createWorkQueue({
      name: 'q',
      priorityOf: (key) => priorities[key] ?? 0,
      async reconcile(key) {
        handled.push(key);
        return undefined;
      },
    });
    for (const key of ['first', 'low', 'plain', 'high', 'higher', 'plain', 'high']) queue.add(key);
    await queue.idle();
    expect(handled).toEqual(['first', 'higher', 'high', 'plain', 'low']);
    await queue.stop();
  });

  test('a key that comes again while it is handled is handled once more afterwards, never at the same time', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    const queue = createWorkQueue({
      name: 'q',
      concurrency: 4,
      async reconcile(key) {
        running += 1;
        most = Math.max(most, running);
        runs += 1;
        if (runs === 1) {
          queue.add(key);
          queue.add(key);
        }
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return undefined;
      },
    });
    queue.add('a');
    await queue.idle();
    expect(runs).toBe(2);
    expect(most).toBe(1);
    await queue.stop();
  });

  test('different keys run side by side up to the concurrency', async () => {
    let running = 0;
    let most = 0;
    const queue = createWorkQueue({
      name: 'q',
      concurrency: 3,
      async reconcile() {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return undefined;
      },
    });
    for (const key of 'abcdefgh') queue.add(key);
    await queue.idle();
    expect(most).toBe(3);
    await queue.stop();
  });

  test('a failing key comes back with a growing delay until it succeeds; the attempts are told', async () => {
    const attempts: number[] = [];
    const at: number[] = [];
    const queue = createWorkQueue({
      name: 'q',
      baseDelayMs: 10,
      async reconcile() {
        at.push(performance.now());
        if (at.length < 4) throw new Error('not yet');
        return undefined;
      },
      onError: (_key, _error, attempt) => attempts.push(attempt),
    });
    queue.add('a');
    await queue.idle();
    expect(attempts).toEqual([1, 2, 3]);
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    // Base 10 ms with half of it jitter: at least 5, 10 and 20 ms (timers may fire a millisecond early).
    expect(gaps[0]).toBeGreaterThanOrEqual(4);
    expect(gaps[1]).toBeGreaterThanOrEqual(9);
    expect(gaps[2]).toBeGreaterThanOrEqual(19);
    await queue.stop();
  });

  test('a reporter that throws does not stop the queue', async () => {
    let runs = 0;
    const queue = createWorkQueue({
      name: 'q',
      baseDelayMs: 1,
      async reconcile() {
        runs += 1;
        if (runs === 1) throw new Error('once');
        return undefined;
      },
      onError() {
        throw new Error('reporter');
      },
    });
    queue.add('a');
    await queue.idle();
    expect(runs).toBe(2);
    await queue.stop();
  });

  test('a number returned brings the key back after so many milliseconds', async () => {
    const at: number[] = [];
    const queue = createWorkQueue({
      name: 'q',
      async reconcile() {
        at.push(performance.now());
        return at.length === 1 ? 20 : undefined;
      },
    });
    queue.add('a');
    await queue.idle();
    expect(at).toHaveLength(2);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(19);
    await queue.stop();
  });

  test('of several delays for one key the earliest counts', async () => {
    let runs = 0;
    const queue = createWorkQueue({
      name: 'q',
      async reconcile() {
        runs += 1;
        return undefined;
      },
    });
    const started = performance.now();
    queue.addAfter('a', 60_000);
    queue.addAfter('a', 5);
    queue.addAfter('a', 60_000);
    await queue.idle();
    expect(runs).toBe(1);
    expect(performance.now() - started).toBeLessThan(10_000);
    await queue.stop();
  });

  test('stop waits for what runs, forgets what is queued and takes nothing more', async () => {
    const handled: string[] = [];
    let finish: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const queue = createWorkQueue({
      name: 'q',
      async reconcile(key) {
        await gate;
        handled.push(key);
        return undefined;
      },
    });
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 60_000);
    let stopped = false;
    const stopping = queue.stop().then(() => {
      stopped = true;
    });
    queue.add('d');
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    finish();
    await stopping;
    expect(handled).toEqual(['a']);
  });

  test('what fails because everything is being closed is not told', async () => {
    const told: string[] = [];
    let close: (error: Error) => void = () => {};
    const closed = new Promise<undefined>((_, reject) => {
      close = reject;
    });
    const queue = createWorkQueue({ name: 'q', reconcile: () => closed, onError: (key) => told.push(key) });
    queue.add('a');
    await new Promise((resolve) => setImmediate(resolve));
    const stopping = queue.stop();
    close(new Error('the connection is closed'));
    await stopping;
    expect(told).toEqual([]);
  });
});
