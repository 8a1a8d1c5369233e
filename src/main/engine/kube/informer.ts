/**
 * The Informer of informer-types.ts: a list-then-watch cache of one collection.
 *
 * Where the server offers WatchList (KEP-3157) the first state comes over the watch itself; else, and over a slow way
 * (no API server compresses a watch), in pages of 500. A relist is staged and swapped in at once, and only differences
 * are told. Whatever happens to the connection ends in the same path: say stale with the reason, wait with jitter,
 * resume from the last resource version, relist when that is gone. What cannot be watched at all, as the metrics API, is
 * listed again and again. Nothing but `stop()` ends it.
 */
import { AppError, type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import { type KubeObject, objectKey, type WatchEvent } from '#shared/kubernetes/types.ts';
import { backoffDelay, sleep } from './backoff.ts';
import { errorEventOf } from './client.ts';
import { ApiError, isGone } from './errors.ts';
import { type Entry, InformerStore } from './informer-store.ts';
import type { Informer, InformerHandler, InformerOptions, InformerState } from './informer-types.ts';
import { MalformedStreamError } from './ndjson.ts';
import { createPace, type Pace } from './pace.ts';
import type { KubeTransport } from './types.ts';

export interface InformerTuning {
  pageSize: number;
  baseDelayMs: number;
  maxDelayMs: number;
  /** A list of more objects than this has no end: nobody's cluster is so large, and memory is not endless either. */
  maxObjects: number;
  /** A WatchList that sends nothing for so long is a server that ignored the question. */
  initialEventsQuietMs: number;
  /** A WatchList slower than this is given up for pages, which can come compressed to a tenth and less (pace.ts). */
  pace: () => Pace;
  /** A watch that once sent bookmarks and then sends nothing for so long is a dead connection (bookmarks come each minute). */
  bookmarkQuietMs: number;
  /** A watch that ends sooner than this counts as a failure: no busy loop against an odd server. */
  minWatchMs: number;
  /** How often what cannot be watched is listed again. */
  pollMs: number;
  /** Asked of the server: random between the two, so that watches do not end in step. */
  minTimeoutSeconds: number;
  maxTimeoutSeconds: number;
  random: () => number;
}

const DEFAULT_TUNING: InformerTuning = {
  pageSize: 500,
  baseDelayMs: 500,
  maxDelayMs: 30_000,
  maxObjects: 1_000_000,
  initialEventsQuietMs: 10_000,
  pace: () => createPace({ windowMs: 3_000, slowBytesPerSecond: 4 * 2 ** 20 }),
  bookmarkQuietMs: 150_000,
  minWatchMs: 1_000,
  pollMs: 15_000,
  minTimeoutSeconds: 290,
  maxTimeoutSeconds: 600,
  random: Math.random,
};

/** Annotation of the bookmark that ends the initial events (KEP-3157). */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';
/** So many pages in a row without a new object, and still a next one: somebody is leading us in a circle. */
const MAX_FRUITLESS_PAGES = 20;
/** How long after the asked time-out the server may still hold the watch before we call the connection dead. */
const OVERTIME_MS = 15_000;

/** Servers that refused WatchList, or are too far away for it: not asked again by other informers of the same connection. */
const withoutWatchList = new WeakSet<KubeTransport>();

export function createInformer<T = KubeObject>(
  options: InformerOptions<T>,
  tuning: Partial<InformerTuning> = {},
): Informer<T> {
  const tune = { ...DEFAULT_TUNING, ...tuning };
  const { client, resource } = options;
  const where = {
    namespace: options.namespace,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    ...(options.table === true ? { table: true } : {}),
  };
  const store = new InformerStore<T>(options.project ?? ((object) => object as unknown as T));
  const stopper = new AbortController();
  let state: InformerState = 'connecting';
  let reason: AppErrorShape | null = null;
  let since = new Date().toISOString();
  /** Resume point; null means: list first. */
  let resourceVersion: string | null = null;
  let everSynced = false;
  let listing: ReadonlyMap<string, unknown> | null = null;
  let failures = 0;
  let shortLived = false;
  /** When the server accepted the present watch; null before. */
  let openedAt: number | null = null;
  /** The server knows no watch of this kind (405): listing is all there is, and nothing is wrong. */
  let unwatchable = false;
  /** The last watch was ended by us because nothing came. */
  let silent = false;
  /** WatchList failed in a way that may mean that this server never can. */
  let doubted = false;

  let resolveSynced: () => void = () => {};
  let rejectSynced: (error: unknown) => void = () => {};
  const synced = new Promise<void>((resolve, reject) => {
    resolveSynced = resolve;
    rejectSynced = reject;
  });
  // Whoever does not wait for it must not crash the process.
  synced.catch(() => {});

  function setState(next: InformerState, why: AppErrorShape | null): void {
    if (state === 'stopped') return;
    if (state === next && reason?.code === why?.code && reason?.message === why?.message) return;
    state = next;
    reason = why;
    since = new Date().toISOString();
    store.announce(state, reason);
  }

  function swapIn(staged: Map<string, Entry<T>>, version: string): void {
    listing = null;
    resourceVersion = version;
    store.replace(staged);
    const relisted = everSynced;
    everSynced = true;
    const before = state;
    setState('live', null);
    // A relist within the live state is told too: rows that were stale for a moment are now as listed.
    if (relisted && before === 'live') store.announce(state, reason);
    resolveSynced();
  }

  function refuseEndless(objects: number): void {
    if (objects > tune.maxObjects) throw endless(`more than ${tune.maxObjects} objects`);
  }

  function endless(what: string): AppError {
    return new AppError('CLUSTER_ERROR', `the list of ${resource.resource} has no end: ${what}`, { retryable: true });
  }

  /** Applies one event to the store and moves the resume point. */
  function apply(event: WatchEvent): void {
    if (event.type === 'ERROR') throw errorEventOf(event.object, `WATCH ${resource.resource}`);
    const version = event.object.metadata.resourceVersion;
    if (event.type === 'DELETED') store.remove(objectKey(event.object));
    else if (event.type !== 'BOOKMARK') store.put(event.object);
    if (version !== undefined && version !== '') resourceVersion = version;
  }

  async function listPages(signal: AbortSignal): Promise<void> {
    const staged = new Map<string, Entry<T>>();
    listing = staged;
    let next: string | undefined;
    let version: string | undefined;
    let restarts = 0;
    let fruitless = 0;
    do {
      try {
        const page = await client.list(resource, { ...where, limit: tune.pageSize, continue: next, signal });
        const before = staged.size;
        for (const item of page.items) store.stage(staged, item);
        refuseEndless(staged.size);
        fruitless = staged.size > before ? 0 : fruitless + 1;
        if (fruitless > MAX_FRUITLESS_PAGES) throw endless('pages that bring nothing new');
        version = page.metadata?.resourceVersion;
        next = page.metadata?.continue === '' ? undefined : page.metadata?.continue;
      } catch (error) {
        // A continue token lives about five minutes; start over rather than show half a list.
        if (!isGone(error) || next === undefined || ++restarts > 2) throw error;
        staged.clear();
        next = undefined;
        continue;
      }
      if (next === undefined) break;
    } while (!signal.aborted);
    if (signal.aborted) return;
    swapIn(staged, version ?? '');
  }

  /** Opens a watch with its own abort, a hard end, and a limit on silence that the caller may move. */
  async function* openWatch(pace?: Pace): AsyncGenerator<{ event: WatchEvent; quietLimit: (ms: number) => void }> {
    const initial = pace !== undefined;
    const seconds = Math.round(
      tune.minTimeoutSeconds + (tune.maxTimeoutSeconds - tune.minTimeoutSeconds) * tune.random(),
    );
    const abort = new AbortController();
    const onStop = () => abort.abort();
    stopper.signal.addEventListener('abort', onStop, { once: true });
    if (stopper.signal.aborted) onStop();
    silent = false;
    openedAt = null;
    const fellSilent = () => {
      silent = true;
      abort.abort();
    };
    let limit = initial ? tune.initialEventsQuietMs : 0;
    let quietTimer: NodeJS.Timeout | undefined;
    const arm = () => {
      clearTimeout(quietTimer);
      if (limit > 0) quietTimer = setTimeout(fellSilent, limit);
    };
    const endTimer = setTimeout(() => abort.abort(), seconds * 1000 + OVERTIME_MS);
    arm();
    try {
      const events = client.watch(resource, {
        ...where,
        resourceVersion: initial ? undefined : resourceVersion || undefined,
        allowBookmarks: true,
        sendInitialEvents: initial ? true : undefined,
        timeoutSeconds: seconds,
        signal: abort.signal,
        onOpen: () => {
          openedAt = Date.now();
          // Resuming after a failure is live only now that the server has accepted it.
          if (!initial) setState('live', null);
        },
        onBytes: pace?.add,
      });
      for await (const event of events) {
        openedAt ??= Date.now();
        arm();
        yield {
          event,
          quietLimit: (ms) => {
            limit = ms;
            arm();
          },
        };
        if (abort.signal.aborted) break;
      }
    } catch (error) {
      // Our own abort is an end, not a failure; what the transport made of it does not matter.
      if (!abort.signal.aborted) throw error;
    } finally {
      clearTimeout(quietTimer);
      clearTimeout(endTimer);
      stopper.signal.removeEventListener('abort', onStop);
      abort.abort();
    }
  }

  /** Lists over the watch and keeps following it. False when that gave no complete list. */
  async function watchList(): Promise<boolean> {
    let staged: Map<string, Entry<T>> | null = new Map();
    listing = staged;
    const pace = tune.pace();
    try {
      for await (const { event, quietLimit } of openWatch(pace)) {
        if (staged === null) {
          apply(event);
          if (event.type === 'BOOKMARK') quietLimit(tune.bookmarkQuietMs);
        } else if (event.type === 'ERROR') {
          throw errorEventOf(event.object, `WATCH ${resource.resource}`);
        } else if (event.type === 'BOOKMARK') {
          if (event.object.metadata.annotations?.[INITIAL_EVENTS_END] !== 'true') continue;
          const complete = staged;
          staged = null;
          quietLimit(0);
          swapIn(complete, event.object.metadata.resourceVersion ?? '');
        } else if (event.type === 'DELETED') {
          staged.delete(objectKey(event.object));
        } else {
          store.stage(staged, event.object);
          refuseEndless(staged.size);
          if (pace.isSlow() && client.transport.compress?.()) {
            withoutWatchList.add(client.transport);
            return false;
          }
        }
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 405) {
        unwatchable = true;
        return false;
      }
      if (staged === null || !(error instanceof ApiError)) throw error;
      // A storage that cannot do it is an internal error; whether it is that or a server in trouble, the list will tell.
      doubted = error.status === 500 || error.status === 501;
      // 422 (gate off), 400 and 403 (older validation) all mean: ask in the old way.
      const refused = [400, 403, 422].includes(error.status);
      if (!refused && !doubted) throw error;
      if (refused) withoutWatchList.add(client.transport);
      return false;
    }
    if (staged !== null && silent) withoutWatchList.add(client.transport);
    return staged === null || stopper.signal.aborted;
  }

  async function follow(): Promise<void> {
    for await (const { event, quietLimit } of openWatch()) {
      apply(event);
      setState('live', null);
      if (event.type === 'BOOKMARK') quietLimit(tune.bookmarkQuietMs);
    }
  }

  /** A watch that lived for a while has ended what was wrong before; one that fails at once has not. */
  async function lasting<R>(watch: () => Promise<R>): Promise<R> {
    try {
      return await watch();
    } finally {
      if (openedAt !== null && Date.now() - openedAt >= tune.minWatchMs) failures = 0;
      else shortLived = true;
    }
  }

  async function once(): Promise<void> {
    shortLived = false;
    if (unwatchable) {
      await listPages(stopper.signal);
      failures = 0;
      await sleep(tune.pollMs, stopper.signal);
      return;
    }
    if (resourceVersion !== null) {
      await lasting(follow);
      if (shortLived && !stopper.signal.aborted) await pause(++failures);
      return;
    }
    if (everSynced) setState('catchingUp', reason);
    doubted = false;
    if (!withoutWatchList.has(client.transport) && (await lasting(watchList))) return;
    // What turned out to know no watch is listed, and waited for, in the next round.
    if (unwatchable) return;
    await listPages(stopper.signal);
    if (doubted) withoutWatchList.add(client.transport);
  }

  function pause(attempt: number, atLeastMs = 0): Promise<void> {
    const delay = backoffDelay(attempt, { baseMs: tune.baseDelayMs, maxMs: tune.maxDelayMs, random: tune.random });
    return sleep(Math.max(delay, atLeastMs), stopper.signal);
  }

  async function run(): Promise<void> {
    while (!stopper.signal.aborted) {
      try {
        await once();
      } catch (error) {
        if (stopper.signal.aborted) break;
        await recover(error);
      }
    }
  }

  async function recover(error: unknown): Promise<void> {
    if (error instanceof ApiError && error.status === 405 && everSynced && !unwatchable) {
      unwatchable = true;
      await sleep(tune.pollMs, stopper.signal);
      return;
    }
    const gone = isGone(error);
    const watchRefused = error instanceof ApiError && [403, 404].includes(error.status);
    // An expired version or a lost line: what is kept may be wrong. A refused watch: listing now and then is what is left.
    if (gone || error instanceof MalformedStreamError || watchRefused) resourceVersion = null;
    failures += 1;
    if (gone && failures === 1) {
      setState('catchingUp', null);
      return;
    }
    setState(everSynced ? 'stale' : 'connecting', toErrorShape(error));
    const retryAfter = error instanceof ApiError ? error.retryAfterSeconds : undefined;
    await pause(failures, (retryAfter ?? 0) * 1000);
  }

  queueMicrotask(() => void run());

  return {
    get state() {
      return state;
    },
    get reason() {
      return reason;
    },
    get since() {
      return since;
    },
    get items() {
      return store.items;
    },
    get: (key) => store.items.get(key),
    get listed() {
      return listing?.size ?? 0;
    },
    synced,
    subscribe: (handler: InformerHandler<T>) => store.subscribe(handler),
    stop() {
      if (state === 'stopped') return;
      setState('stopped', null);
      stopper.abort();
      store.close();
      if (!everSynced) rejectSynced(new Error('informer stopped before its first list was complete'));
    },
  };
}
