/**
 * Gives back the memory that a heap keeps in gaps. Objects of a large cluster that churns live for seconds or for hours,
 * side by side; what the short-lived ones leave is room that no page can be given back for, and V8 moves a few megabytes
 * at a collection. So the heap grows for hours although no more of it is in use. When a collection leaves more than half
 * of a large heap empty, everything is moved together once and what that sets free goes back to the system: two pauses
 * of about a second each for 600 MB in use. Small fleets never come to it.
 */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Flags the process has to be started with. */
export const HEAP_FLAGS = [
  '--expose-gc',
  // Electron's Node may be built to let no flag change after the start.
  '--no-freeze-flags-after-init',
];

/** Bytes of the old space after a collection: objects that live, and pages that hold them. */
export interface OldSpace {
  used: number;
  size: number;
}

/** Less empty room than that is not worth a pause. */
const ROOM_WORTH_IT = 256 << 20;
/** From one time to the next at least; twice as long each time that little was won. */
const SHORTEST_INTERVAL_MS = 120_000;
const LONGEST_INTERVAL_MS = 3_600_000;
/** The fleet answers what has come meanwhile, then the second pause follows. */
const BETWEEN_PAUSES_MS = 500;

/** Whether most of the space is gaps. */
export function isWorthCompacting({ used, size }: OldSpace, roomWorthIt = ROOM_WORTH_IT): boolean {
  return size - used > roomWorthIt && size > 2 * used;
}

/** The wait until the next time, after a time that changed `before` into `after`. */
export function nextInterval(interval: number, before: OldSpace, after: OldSpace): number {
  const won = before.size - after.size;
  if (won > (before.size - before.used) / 2) return SHORTEST_INTERVAL_MS;
  return Math.min(interval * 2, LONGEST_INTERVAL_MS);
}

/** Watches this process's heap from now on; nothing where it was started without HEAP_FLAGS. Returns what ends it. */
export function keepHeapCompact(
  told: (before: OldSpace, after: OldSpace) => void,
  roomWorthIt = ROOM_WORTH_IT,
): () => void {
  const { gc } = globalThis;
  if (gc === undefined) return () => undefined;
  let interval = SHORTEST_INTERVAL_MS;
  let notBefore = 0;
  let timer: NodeJS.Timeout | undefined;
  const observer = new PerformanceObserver((list) => {
    const major = list
      .getEntries()
      .some((entry) => (entry as { detail?: { kind?: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR);
    if (!major || timer !== undefined || performance.now() < notBefore) return;
    const before = oldSpace();
    if (!isWorthCompacting(before, roomWorthIt)) return;
    setFlagsFromString('--compact-on-every-full-gc');
    try {
      gc({ type: 'major', execution: 'sync' });
    } finally {
      setFlagsFromString('--no-compact-on-every-full-gc');
    }
    timer = setTimeout(() => {
      // Pages that are empty now are kept for later ones until memory is asked for.
      gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      const after = oldSpace();
      interval = nextInterval(interval, before, after);
      notBefore = performance.now() + interval;
      timer = undefined;
      told(before, after);
    }, BETWEEN_PAUSES_MS);
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    observer.disconnect();
    clearTimeout(timer);
  };
}

function oldSpace(): OldSpace {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space');
  return { used: space?.space_used_size ?? 0, size: space?.space_size ?? 0 };
}
