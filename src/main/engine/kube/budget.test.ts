import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { createRequestBudget, type RequestBudget, type RequestPriority } from './budget.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const LIMITS = { atOnce: { foreground: 4, normal: 3, background: 1 }, perSecond: 10, burst: 1000 };

/** Asks for a place; `started` tells which names got one, in order. */
function asker(budget: RequestBudget) {
  const started: string[] = [];
  const done = new Map<string, () => void>();
  const refused: [string, unknown][] = [];
  return {
    started,
    refused,
    async ask(name: string, priority: RequestPriority, signal?: AbortSignal) {
      budget.acquire(priority, signal).then(
        (release) => {
          started.push(name);
          done.set(name, release);
        },
        (error: unknown) => refused.push([name, error]),
      );
      await settle();
    },
    async end(name: string) {
      done.get(name)?.();
      await settle();
    },
  };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('places', () => {
  test('what a person waits for finds one however much is under way behind it', async () => {
    const { started, ask } = asker(createRequestBudget('s', LIMITS));
    for (let i = 0; i < 5; i++) await ask(`inspection ${i}`, 'background');
    for (let i = 0; i < 5; i++) await ask(`work ${i}`, 'normal');
    expect(started).toEqual(['inspection 0', 'work 0', 'work 1']);
    await ask('page', 'foreground');
    expect(started.at(-1)).toBe('page');
  });

  test('a place that becomes free goes to the most urgent, in their order among equals', async () => {
    const budget = createRequestBudget('s', LIMITS);
    const { started, ask, end } = asker(budget);
    for (const name of ['a', 'b', 'c', 'd']) await ask(name, 'foreground');
    await ask('inspection', 'background');
    await ask('work', 'normal');
    await ask('page 1', 'foreground');
    await ask('page 2', 'foreground');
    expect(budget.state()).toMatchObject({
      running: { foreground: 4 },
      waiting: { foreground: 2, normal: 1, background: 1 },
    });
    for (const name of ['a', 'b', 'c', 'd', 'page 1', 'page 2']) await end(name);
    expect(started.slice(4)).toEqual(['page 1', 'page 2', 'work', 'inspection']);
    await end('work');
    await end('inspection');
    // What has ended twice has ended once.
    await end('inspection');
    expect(budget.state().running).toEqual({ health: 0, foreground: 0, normal: 0, background: 0 });
  });

  test('a probe never waits, and an open stream takes no place', async () => {
    const budget = createRequestBudget('s', LIMITS);
    const { started, ask } = asker(budget);
    for (const name of ['a', 'b', 'c', 'd', 'e']) await ask(name, 'foreground');
    await ask('probe', 'health');
    await budget.pass('background');
    await budget.pass('foreground');
    expect(started).toEqual(['a', 'b', 'c', 'd', 'probe']);
  });

  test('who goes away while waiting is forgotten', async () => {
    const budget = createRequestBudget('s', LIMITS);
    const { started, refused, ask, end } = asker(budget);
    const abort = new AbortController();
    await ask('first', 'background');
    await ask('gone', 'background', abort.signal);
    await ask('next', 'background');
    abort.abort();
    await end('first');
    expect(started).toEqual(['first', 'next']);
    expect(refused).toMatchObject([['gone', { code: 'CANCELLED' }]]);
    await expect(budget.acquire('normal', abort.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('what waits for a cluster that is gone is told so', async () => {
    const budget = createRequestBudget('s', LIMITS);
    const { refused, ask } = asker(budget);
    await ask('first', 'background');
    await ask('second', 'background');
    budget.flush(new AppError('CLUSTER_TIMEOUT', 'no answer'));
    await settle();
    expect(refused).toMatchObject([['second', { code: 'CLUSTER_TIMEOUT' }]]);
    expect(budget.state()).toMatchObject({ running: { background: 1 }, waiting: { background: 0 } });
  });
});

describe('requests a second', () => {
  test('are bounded for what nobody waits for, not for a person', async () => {
    const budget = createRequestBudget('s', { ...LIMITS, perSecond: 10, burst: 2 });
    const { started, ask, end } = asker(budget);
    for (const name of ['1', '2', '3', '4']) {
      await ask(name, 'normal');
      await end(name);
    }
    expect(started).toEqual(['1', '2']);
    await ask('page', 'foreground');
    expect(started.at(-1)).toBe('page');
    await vi.advanceTimersByTimeAsync(100);
    await end('3');
    expect(started.at(-1)).toBe('3');
    await vi.advanceTimersByTimeAsync(100);
    expect(started.at(-1)).toBe('4');
    expect(budget.state().longestWaitMs).toBe(200);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(budget.state()).toMatchObject({ longestWaitMs: 0, sent: 5 });
  });
});

describe('a server that asks to be spared', () => {
  test('is, by everything but probes, for as long as it says', async () => {
    const budget = createRequestBudget('s', LIMITS);
    const { started, ask } = asker(budget);
    budget.refused(3);
    await ask('work', 'normal');
    await ask('page', 'foreground');
    await ask('probe', 'health');
    const watching = vi.fn();
    void budget.pass('normal').then(watching);
    await vi.advanceTimersByTimeAsync(2_900);
    expect(started).toEqual(['probe']);
    expect(budget.state()).toMatchObject({ refused: 1, pausedUntil: Date.now() + 100, waiting: { normal: 2 } });
    await vi.advanceTimersByTimeAsync(200);
    expect(started).toEqual(['probe', 'page', 'work']);
    expect(watching).toHaveBeenCalledOnce();
    expect(budget.state().pausedUntil).toBeNull();
  });

  test('for one second when it gives no time, and never for longer than a minute', async () => {
    const budget = createRequestBudget('s', LIMITS);
    const { started, ask } = asker(budget);
    budget.refused(undefined);
    await ask('a', 'background');
    await vi.advanceTimersByTimeAsync(1_001);
    budget.refused(3_600);
    await ask('b', 'normal');
    await vi.advanceTimersByTimeAsync(60_001);
    expect(started).toEqual(['a', 'b']);
  });

  test('a person is told instead of being kept waiting long', async () => {
    const budget = createRequestBudget('https://api:6443', LIMITS);
    const { refused, ask } = asker(budget);
    budget.refused(2);
    await ask('waiting', 'foreground');
    budget.refused(30);
    await ask('new', 'foreground');
    expect(refused).toMatchObject([
      ['waiting', { code: 'TOO_MANY_REQUESTS', params: { seconds: 30 } }],
      ['new', { code: 'TOO_MANY_REQUESTS', retryable: true, params: { server: 'https://api:6443', seconds: 30 } }],
    ]);
  });
});
