/**
 * How a host process ends: at SIGINT, SIGTERM or SIGHUP, or when the process that started it over an IPC channel is
 * gone. Then it has a limited time to close; a second Ctrl-C ends it at once.
 */

/** Time for an orderly end; what is acknowledged is on disk before, so cutting it short loses nothing. */
const CLOSE_MS = 2500;
/** A terminal sends Ctrl-C to every process and parents pass it on: copies within this time are the same key press. */
const SAME_KEY_PRESS_MS = 400;

export type EndReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'parent';

/** Resolves when the process is asked to end. Call once per process. */
export function untilAskedToEnd(onAsked?: (reason: EndReason) => void): Promise<EndReason> {
  return new Promise((resolve) => {
    let askedAt = 0;
    const ask = (reason: EndReason): void => {
      const now = Date.now();
      if (askedAt !== 0) {
        if (reason === 'SIGINT' && now - askedAt > SAME_KEY_PRESS_MS) process.exit(130);
        return;
      }
      askedAt = now;
      onAsked?.(reason);
      resolve(reason);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ask(signal));
    if (process.channel !== undefined) {
      process.on('disconnect', () => ask('parent'));
      // The channel only tells that the parent lives; it must not keep a finished command running.
      process.channel?.unref();
    }
  });
}

/** What is said last has this long to be written. */
const LINGER_MS = 500;

/**
 * Waits for an orderly end, but not longer than a person would. Afterwards the process ends even when something of it
 * still holds on: a connection whose other side says nothing, say.
 */
export async function closeInTime(close: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS);
  });
  await Promise.race([close(), late]);
  clearTimeout(timer);
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
