/** The WorkQueue of informer-types.ts. Semantics after client-go's rate limited work queue: dirty set, processing set. */
import { backoffDelay } from './backoff.ts';
import type { WorkQueue, WorkQueueOptions } from './informer-types.ts';

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const concurrency = Math.max(1, options.concurrency ?? 1);
  const backoff = { baseMs: options.baseDelayMs ?? 50, maxMs: options.maxDelayMs ?? 30_000 };
  const queued = new Waiting(options.priorityOf ?? (() => 0));
  /** Keys that came again while they were being worked on: once more afterwards. */
  const again = new Set<string>();
  const running = new Set<string>();
  const delayed = new Map<string, { timer: NodeJS.Timeout; due: number }>();
  const failures = new Map<string, number>();
  let idleWaiters: (() => void)[] = [];
  let stopped = false;

  function add(key: string): void {
    if (stopped) return;
    if (running.has(key)) {
      again.add(key);
      return;
    }
    queued.add(key);
    pump();
  }

  function addAfter(key: string, delayMs: number): void {
    if (stopped) return;
    if (!(delayMs > 0)) {
      add(key);
      return;
    }
    const due = Date.now() + delayMs;
    const existing = delayed.get(key);
    // Only the earliest wish counts: the key is level-triggered, a later look would find nothing new.
    if (existing !== undefined && existing.due <= due) return;
    if (existing !== undefined) clearTimeout(existing.timer);
    const timer = setTimeout(
      () => {
        delayed.delete(key);
        add(key);
      },
      Math.min(delayMs, 2 ** 31 - 1),
    );
    delayed.set(key, { timer, due });
  }

  function pump(): void {
    while (!stopped && running.size < concurrency) {
      const next = queued.take();
      if (next === undefined) break;
      running.add(next);
      void work(next);
    }
  }

  async function work(key: string): Promise<void> {
    // Reconcilers never run inside the caller of add: an informer's handler must not be re-entered.
    await Promise.resolve();
    try {
      const wait = await options.reconcile(key);
      failures.delete(key);
      if (typeof wait === 'number') addAfter(key, wait);
    } catch (error) {
      // What it needed is being closed under it; the next start looks again.
      if (stopped) return;
      const attempt = (failures.get(key) ?? 0) + 1;
      failures.set(key, attempt);
      report(key, error, attempt);
      addAfter(key, backoffDelay(attempt, backoff));
    } finally {
      running.delete(key);
      if (again.delete(key) && !stopped) queued.add(key);
      pump();
      settle();
    }
  }

  function report(key: string, error: unknown, attempt: number): void {
    try {
      options.onError?.(key, error, attempt);
    } catch {
      // A reporter that fails must not stop the queue.
    }
  }

  function settle(): void {
    const busy = running.size > 0 || (!stopped && (queued.size > 0 || delayed.size > 0));
    if (busy) return;
    const waiters = idleWaiters;
    idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  function idle(): Promise<void> {
    return new Promise((resolve) => {
      idleWaiters.push(resolve);
      settle();
    });
  }

  return {
    add,
    addAfter,
    get length() {
      return queued.size;
    },
    idle,
    async stop() {
      stopped = true;
      queued.clear();
      again.clear();
      for (const { timer } of delayed.values()) clearTimeout(timer);
      delayed.clear();
      await idle();
    },
  };
}

/** Keys in the order of work: by priority, then by arrival. Few different priorities are expected. */
class Waiting {
  readonly #priorityOf: (key: string) => number;
  readonly #known = new Set<string>();
  readonly #byPriority = new Map<number, Set<string>>();

  constructor(priorityOf: (key: string) => number) {
    this.#priorityOf = priorityOf;
  }

  get size(): number {
    return this.#known.size;
  }

  add(key: string): void {
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const priority = this.#priorityOf(key);
    const keys = this.#byPriority.get(priority);
    if (keys === undefined) this.#byPriority.set(priority, new Set([key]));
    else keys.add(key);
  }

  take(): string | undefined {
    if (this.#known.size === 0) return undefined;
    const highest = Math.max(...this.#byPriority.keys());
    const keys = this.#byPriority.get(highest);
    const [key] = keys ?? [];
    if (key === undefined) return undefined;
    keys?.delete(key);
    if (keys?.size === 0) this.#byPriority.delete(highest);
    this.#known.delete(key);
    return key;
  }

  clear(): void {
    this.#known.clear();
    this.#byPriority.clear();
  }
}
