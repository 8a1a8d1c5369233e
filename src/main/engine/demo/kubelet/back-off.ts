/** How long kubelet waits before it tries again: pulls and crashed containers. Pure. */

/** Waits stay noticeable however fast the simulation runs: a crash loop must not become a busy loop. */
export const SLOWEST_PACE = 0.05;
const MAX_BACK_OFF_S = 300;
const FIRST_BACK_OFF_S = 10;

/** The first restart comes at once, then 10 s, 20 s ... up to five minutes. */
export function backOffSeconds(restarts: number): number {
  return restarts <= 0 ? 0 : Math.min(MAX_BACK_OFF_S, FIRST_BACK_OFF_S * 2 ** (restarts - 1));
}

/** Simulated milliseconds, never none. */
export function backOffMs(attempts: number, pace: number): number {
  return backOffSeconds(Math.max(1, attempts)) * 1000 * Math.max(pace, SLOWEST_PACE);
}

const FIRST_MOUNT_MS = 500;
const MAX_MOUNT_MS = 122_000;

/** How long a volume that could not be mounted so many times waits for the next try: kubelet's pending operations. */
export function mountBackOffMs(tries: number): number {
  return Math.min(MAX_MOUNT_MS, FIRST_MOUNT_MS * 2 ** Math.max(0, tries - 1));
}

/** Go's time.Duration: 10s, 1m20s, 5m0s. */
export function durationText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
