/** Tells watchers that something has changed: the state at once, then after changes, at most ten times a second. */

export interface ChangeSignal {
  changed(): void;
  /** Ends when the signal aborts or `close` is called. */
  watch<T>(snapshot: () => T, signal: AbortSignal | undefined): AsyncIterable<T>;
  close(): void;
}

const PAUSE_MS = 100;

export function createChangeSignal(): ChangeSignal {
  let revision = 0;
  let closed = false;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  return {
    changed() {
      revision += 1;
      wake();
    },
    async *watch<T>(snapshot: () => T, signal: AbortSignal | undefined): AsyncIterable<T> {
      signal?.addEventListener('abort', wake, { once: true });
      while (!closed && !signal?.aborted) {
        const seen = revision;
        yield snapshot();
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        while (revision === seen && !closed && !signal?.aborted)
          await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
    close() {
      closed = true;
      wake();
    },
  };
}
