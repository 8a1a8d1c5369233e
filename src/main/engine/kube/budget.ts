/**
 * How much is asked of one API server at a time, and in which order. What a person waits for goes before what merely
 * goes on: every kind of work may use only its share of the places, so that some are always free for more urgent work,
 * and only so many requests a second. When the server asks to be spared (429 with Retry-After, API Priority and
 * Fairness), everything for it waits, not only the request that was refused.
 */
import { AppError } from '#shared/errors.ts';

/**
 * `health` never waits: probes must tell a busy cluster from a dead one. `foreground` is what a person looks at,
 * `background` what nobody waits for (inspections, totals, lists on the side).
 */
export type RequestPriority = 'health' | 'foreground' | 'normal' | 'background';

export interface BudgetLimits {
  /** Requests under way at once; each kind of work and those less urgent together have at most so many. */
  atOnce: Record<Queued, number>;
  /** Of normal and background requests, averaged; `burst` may come at once after a quiet time. */
  perSecond: number;
  burst: number;
}

export interface BudgetState {
  /** Of each priority: under way, and waiting to be sent. */
  running: Record<RequestPriority, number>;
  waiting: Record<Queued, number>;
  atOnce: number;
  /** Requests sent since the connection was made. */
  sent: number;
  /** Of these refused with 429. */
  refused: number;
  /** Milliseconds since the epoch; null: the server does not ask to be spared. */
  pausedUntil: number | null;
  /** How long the longest waited that was sent in the last minute, or is still waiting. */
  longestWaitMs: number;
}

export interface RequestBudget {
  /** Resolves when the request may be sent; the result says that it is over. Rejects with CANCELLED, or the flush's reason. */
  acquire(priority: RequestPriority, signal?: AbortSignal): Promise<() => void>;
  /** The same for a stream, which holds no place while it is open. */
  pass(priority: RequestPriority, signal?: AbortSignal): Promise<void>;
  /** The server refused with 429 and wants to be left alone so long. */
  refused(retryAfterSeconds: number | undefined): void;
  /** What waits is refused with this reason. */
  flush(reason: AppError): void;
  state(): BudgetState;
}

type Queued = Exclude<RequestPriority, 'health'>;

interface Waiter {
  holdsPlace: boolean;
  since: number;
  go(): void;
  refuse(reason: AppError): void;
}

const ORDER: readonly Queued[] = ['foreground', 'normal', 'background'];
const DEFAULT_LIMITS: BudgetLimits = {
  atOnce: { foreground: 8, normal: 6, background: 3 },
  perSecond: 200,
  burst: 400,
};
/** Without a time given: what kube-apiserver says itself. */
const DEFAULT_PAUSE_SECONDS = 1;
/** A longer wait is believed for so long, then tried again. */
const MAX_PAUSE_MS = 60_000;
/** A person is told rather than kept waiting longer than this. */
const PATIENCE_MS = 5_000;
const MINUTE_MS = 60_000;

export function createRequestBudget(server: string, limits: Partial<BudgetLimits> = {}): RequestBudget {
  const { atOnce, perSecond, burst } = { ...DEFAULT_LIMITS, ...limits };
  const running: Record<RequestPriority, number> = { health: 0, foreground: 0, normal: 0, background: 0 };
  const queues: Record<Queued, Waiter[]> = { foreground: [], normal: [], background: [] };
  const waits = new RecentMaximum(MINUTE_MS);
  let sent = 0;
  let refusals = 0;
  let pausedUntil = 0;
  let tokens = burst;
  let refilledAt = performance.now();
  let timer: NodeJS.Timeout | undefined;

  function refill(): void {
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - refilledAt) / 1000) * perSecond);
    refilledAt = now;
  }

  /** Whether there is a place for it: of its own share, and of the shares of all more urgent work. */
  function hasPlace(priority: Queued): boolean {
    let below = 0;
    for (const each of [...ORDER].reverse()) {
      below += running[each];
      if (ORDER.indexOf(each) <= ORDER.indexOf(priority) && below >= atOnce[each]) return false;
    }
    return true;
  }

  /** Milliseconds until time alone no longer stands in the way of this kind of request. */
  function delay(priority: Queued): number {
    const paused = pausedUntil - Date.now();
    if (paused > 0) return paused;
    return priority === 'foreground' || tokens >= 1 ? 0 : ((1 - tokens) / perSecond) * 1000;
  }

  function start(priority: Queued, waiter: Waiter): void {
    tokens = Math.max(0, tokens - 1);
    waits.add(performance.now() - waiter.since);
    if (waiter.holdsPlace) running[priority] += 1;
    sent += 1;
    waiter.go();
  }

  /** Sends on what may go, the most urgent first. */
  function pump(): void {
    refill();
    let soonest = Number.POSITIVE_INFINITY;
    for (const priority of ORDER) {
      const queue = queues[priority];
      while (queue.length > 0) {
        const wait = delay(priority);
        if (wait > 0) {
          soonest = Math.min(soonest, wait);
          break;
        }
        const next = hasPlace(priority) ? 0 : queue.findIndex(({ holdsPlace }) => !holdsPlace);
        const [waiter] = next < 0 ? [] : queue.splice(next, 1);
        if (waiter === undefined) break;
        start(priority, waiter);
      }
    }
    clearTimeout(timer);
    if (soonest < Number.POSITIVE_INFINITY) timer = setTimeout(pump, Math.ceil(soonest));
  }

  function wait(priority: Queued, holdsPlace: boolean, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new AppError('CANCELLED', 'cancelled'));
      const paused = pausedUntil - Date.now();
      if (priority === 'foreground' && paused > PATIENCE_MS) return reject(spared(server, paused));
      const queue = queues[priority];
      const settled = () => signal?.removeEventListener('abort', onAbort);
      const waiter: Waiter = {
        holdsPlace,
        since: performance.now(),
        go() {
          settled();
          resolve();
        },
        refuse(reason) {
          settled();
          reject(reason);
        },
      };
      const onAbort = () => {
        const at = queue.indexOf(waiter);
        if (at >= 0) queue.splice(at, 1);
        waiter.refuse(new AppError('CANCELLED', 'cancelled'));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.push(waiter);
      pump();
    });
  }

  return {
    async acquire(priority, signal) {
      if (priority === 'health') {
        running.health += 1;
        sent += 1;
      } else await wait(priority, true, signal);
      let over = false;
      return () => {
        if (over) return;
        over = true;
        running[priority] -= 1;
        if (priority !== 'health') pump();
      };
    },
    async pass(priority, signal) {
      if (priority !== 'health') await wait(priority, false, signal);
    },
    refused(retryAfterSeconds) {
      refusals += 1;
      const ms = Math.min(MAX_PAUSE_MS, (retryAfterSeconds ?? DEFAULT_PAUSE_SECONDS) * 1000);
      pausedUntil = Math.max(pausedUntil, Date.now() + ms);
      if (ms > PATIENCE_MS) for (const waiter of queues.foreground.splice(0)) waiter.refuse(spared(server, ms));
    },
    flush(reason) {
      for (const priority of ORDER) for (const waiter of queues[priority].splice(0)) waiter.refuse(reason);
    },
    state() {
      const now = performance.now();
      const oldest = Math.min(now, ...ORDER.flatMap((priority) => queues[priority][0]?.since ?? []));
      return {
        running: { ...running },
        waiting: {
          foreground: queues.foreground.length,
          normal: queues.normal.length,
          background: queues.background.length,
        },
        atOnce: atOnce.foreground,
        sent,
        refused: refusals,
        pausedUntil: pausedUntil > Date.now() ? pausedUntil : null,
        longestWaitMs: Math.round(Math.max(waits.value, now - oldest)),
      };
    },
  };
}

function spared(server: string, ms: number): AppError {
  const seconds = Math.ceil(ms / 1000);
  return new AppError('TOO_MANY_REQUESTS', `${server} asked for ${seconds} s without requests`, {
    retryable: true,
    params: { server, seconds },
  });
}

/** The largest of the values of the last one to two spans of time; no list is kept. */
class RecentMaximum {
  readonly #spanMs: number;
  #startedAt = performance.now();
  #present = 0;
  #before = 0;

  constructor(spanMs: number) {
    this.#spanMs = spanMs / 2;
  }

  add(value: number): void {
    this.#turn();
    this.#present = Math.max(this.#present, value);
  }

  get value(): number {
    this.#turn();
    return Math.max(this.#present, this.#before);
  }

  #turn(): void {
    const spans = Math.floor((performance.now() - this.#startedAt) / this.#spanMs);
    if (spans === 0) return;
    this.#before = spans === 1 ? this.#present : 0;
    this.#present = 0;
    this.#startedAt += spans * this.#spanMs;
  }
}
