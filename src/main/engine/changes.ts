/** "The whole list at once, and again after every change" as an async generator that ends with its signal. */

export interface ChangeSignal {
  changed(): void;
  /** Yields at once and after changes; those that fall between two reads are one. */
  watch<T>(read: () => T, signal: AbortSignal | undefined): AsyncIterable<T>;
}

export function createChangeSignal(): ChangeSignal {
  const listeners = new Set<() => void>();
  return {
    changed() {
      for (const listener of [...listeners]) listener();
    },
    async *watch(read, signal) {
      let dirty = true;
      let wake: (() => void) | null = null;
      const notify = (): void => {
        dirty = true;
        wake?.();
      };
      const end = (): void => wake?.();
      listeners.add(notify);
      signal?.addEventListener('abort', end);
      try {
        while (signal?.aborted !== true) {
          if (dirty) {
            dirty = false;
            yield read();
            continue;
          }
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = null;
        }
      } finally {
        listeners.delete(notify);
        signal?.removeEventListener('abort', end);
      }
    },
  };
}
