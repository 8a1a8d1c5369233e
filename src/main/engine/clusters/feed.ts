/** Who wants to know of changes: listeners at once, watchers of the whole list at most ten times a second. */
import { sleep } from '../kube/index.ts';

const COALESCE_MS = 100;

export interface Feed<T> {
  changed(): void;
  watch(snapshot: () => T, signal: AbortSignal | undefined): AsyncGenerator<T>;
  close(): void;
}

export function createFeed<T>(): Feed<T> {
  const wakers = new Set<() => void>();
  const closer = new AbortController();

  return {
    changed() {
      for (const wake of [...wakers]) wake();
    },
    async *watch(snapshot, signal) {
      let dirty = true;
      let wakeUp: () => void = () => {};
      const wake = () => {
        dirty = true;
        wakeUp();
      };
      wakers.add(wake);
      signal?.addEventListener('abort', wake);
      closer.signal.addEventListener('abort', wake);
      try {
        while (!signal?.aborted && !closer.signal.aborted) {
          if (!dirty) {
            await new Promise<void>((resolve) => {
              wakeUp = resolve;
              if (dirty) resolve();
            });
            continue;
          }
          dirty = false;
          yield snapshot();
          await sleep(COALESCE_MS, signal);
        }
      } finally {
        wakers.delete(wake);
        signal?.removeEventListener('abort', wake);
        closer.signal.removeEventListener('abort', wake);
      }
    },
    close: () => closer.abort(),
  };
}
