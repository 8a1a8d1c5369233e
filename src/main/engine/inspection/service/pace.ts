/** Being a good neighbour of the API server: requests per second, and clusters at once. */
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
