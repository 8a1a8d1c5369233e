/** Runs one reconciler over a work queue: subscriptions in, errors reported and retried, never thrown. */
import { createWorkQueue, isConflict, isNotFound, nextTurn } from '#engine/kube/index.ts';
import type { Cache, CacheListener } from './cache.ts';
import type { Controller, World } from './world.ts';

export interface ControllerSpec {
  name: string;
  concurrency?: number;
  /** Pause after the first failure of a key, doubled with each further one. */
  baseDelayMs?: number;
  /** Which key comes first: see WorkQueueOptions. */
  priorityOf?(key: string): number;
  reconcile(key: string): Promise<number | undefined>;
  /** What is there at the start comes in the order of its keys, and not as it happened to be made. */
  inOrder?: boolean;
  /** Which changes of which caches put which keys into the queue. */
  watch: { cache: Cache; on(...change: Parameters<CacheListener>): Iterable<string> | string | undefined }[];
}

/** Attempts after which a conflict or a vanished object is no longer the ordinary course of events. */
const QUIET_ATTEMPTS = 8;

export interface RunningController extends Controller {
  enqueue(key: string, delayMs?: number): void;
}

export function runController(world: World, spec: ControllerSpec): RunningController {
  const queue = createWorkQueue({
    name: spec.name,
    concurrency: spec.concurrency ?? 4,
    // As client-go's: the first few tries of what was refused follow at once.
    baseDelayMs: spec.baseDelayMs ?? 5,
    ...(spec.priorityOf === undefined ? {} : { priorityOf: spec.priorityOf }),
    reconcile: async (key) => {
      // One that finds nothing to do never waits for anything.
      await nextTurn();
      return await spec.reconcile(key);
    },
    onError: (key, error, attempt) => {
      if ((isConflict(error) || isNotFound(error)) && attempt < QUIET_ATTEMPTS) return;
      // The 1st, 2nd, 4th, 8th ... failure of one key: enough to notice, no flood.
      if ((attempt & (attempt - 1)) !== 0) return;
      world.report(error, `${spec.name} ${key}`);
    },
  });
  let first: Set<string> | null = spec.inOrder === true ? new Set() : null;
  const add = (key: string): void => void (first === null ? queue.add(key) : first.add(key));
  const stops = spec.watch.map(({ cache, on }) =>
    cache.subscribe((...change) => {
      const keys = on(...change);
      if (keys === undefined) return;
      if (typeof keys === 'string') add(keys);
      else for (const key of keys) add(key);
    }),
  );
  const present = [...(first ?? [])].sort();
  first = null;
  for (const key of present) queue.add(key);
  return {
    name: spec.name,
    enqueue: (key, delayMs) => (delayMs === undefined || delayMs <= 0 ? queue.add(key) : queue.addAfter(key, delayMs)),
    stop: async () => {
      for (const stop of stops) stop();
      await queue.stop();
    },
  };
}
