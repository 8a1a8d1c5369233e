/** Being a good neighbour: of the API server (requests per second) and of everybody else in this process (slices). */
import { sleep } from '../../kube/index.ts';

/** Awaited before each request, lets `perSecond` of them through, evenly. */
export function pacer(perSecond: number): (signal: AbortSignal | undefined) => Promise<void> {
  const gapMs = 1000 / perSecond;
  let free = 0;
  return async (signal) => {
    const now = performance.now();
    const mine = Math.max(now, free);
    free = mine + gapMs;
    if (mine > now) await sleep(mine - now, signal);
    signal?.throwIfAborted();
  };
}

/** Longest time that work in slices holds the event loop. */
const SLICE_MS = 8;

/** Awaited between pieces of work: gives the event loop away once a slice is used up (or at once, with `now`). */
export function slices(signal: AbortSignal): (now: boolean) => Promise<void> | undefined {
  let began = performance.now();
  return (now) => {
    if (!now && performance.now() - began < SLICE_MS) return undefined;
    return new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        began = performance.now();
        if (signal.aborted) reject(signal.reason);
        else resolve();
      });
    });
  };
}

/** At most `limit()` pieces of work at once, in the order they came. */
export function createGate(limit: () => number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit()) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      if (running < limit()) waiting.shift()?.();
    }
  };
}
