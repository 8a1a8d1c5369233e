/**
 * How fast a long stream comes, to tell a slow way to the server from a process that has no time to read: while that
 * waits for bytes, its event loop has nothing to do.
 */
import { performance } from 'node:perf_hooks';

export interface PaceLimits {
  /** How long is looked at before it is judged. */
  windowMs: number;
  /** Fewer bytes a second than this are slow. */
  slowBytesPerSecond: number;
}

export interface Pace {
  /** So many bytes have come. */
  add(count: number): void;
  /** True once a window has passed in which little came although we had the time; each window is judged once. */
  isSlow(): boolean;
}

/** Less than this in a window says something about the collection or the server, not about the way. */
const TELLING_BYTES = 64 * 1024;
/** An event loop that is busy for more than this part of the time is what is slow. */
const BUSY = 0.5;

/** `busy` measures how busy the event loop was since it was last asked, 0 to 1. */
export function createPace(limits: PaceLimits, now = () => performance.now(), busy = eventLoopBusy()): Pace {
  let began: number | null = null;
  let bytes = 0;
  return {
    add(count) {
      if (began === null) {
        began = now();
        busy();
      }
      bytes += count;
    },
    isSlow() {
      if (began === null) return false;
      const elapsed = now() - began;
      if (elapsed < limits.windowMs) return false;
      const slow = bytes >= TELLING_BYTES && bytes / (elapsed / 1000) < limits.slowBytesPerSecond && busy() < BUSY;
      began = null;
      bytes = 0;
      return slow;
    },
  };
}

function eventLoopBusy(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const present = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(present, last);
    last = present;
    return utilization;
  };
}
