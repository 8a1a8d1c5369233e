/** Exponential back-off with jitter, and the abortable sleep that goes with it. */

export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
  /** Between 0 and 1; replaced in tests. */
  random?: () => number;
}

/**
 * Delay before attempt number `attempt` (1 after the first failure): between half and the whole of base * 2^(attempt-1),
 * so that many clients of one server never come back in step.
 */
export function backoffDelay(attempt: number, options: BackoffOptions): number {
  const random = options.random ?? Math.random;
  const full = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(30, Math.max(0, attempt - 1)));
  return full / 2 + (full / 2) * random();
}

/** Resolves after `ms`, or at once when `signal` aborts; never rejects: the caller looks at the signal. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
