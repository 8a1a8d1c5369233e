/**
 * Public face of search: objects of every kind over every running cluster. What was read stays for a while, so that the
 * next letter is answered at once; a cluster that does not answer holds up no other.
 */
import type { SearchAnswer, SearchInput, SearchService } from '#shared/contract/search.ts';
import type { Target } from '#shared/contract/views.ts';
import { toErrorShape } from '#shared/errors.ts';
import type { KubeClient } from '../kube/index.ts';
import { Collection, searched } from './collection.ts';
import { parseQuery, type Query } from './entry.ts';
import { askedOf, type Found, lookThrough, type Place, stateOf } from './look-through.ts';

export interface SearchDeps {
  /** What can be searched now. */
  targets: () => { target: Target; name: string }[];
  client: (target: Target) => KubeClient;
  /** How old what is known may be before it is read again. */
  maxAgeMs?: number;
  /** After the last search what was read is kept for so long. */
  keepMs?: number;
  /** How often answers are sent while collections come in. */
  everyMs?: number;
}

export interface Search {
  service: SearchService;
  close(): void;
}

const MAX_AGE_MS = 30_000;
const KEEP_MS = 120_000;
const EVERY_MS = 100;
const TIMES_AS_LONG = 5;
/** Collections of one cluster that are read side by side. */
const AT_ONCE = 3;

export function createSearch(deps: SearchDeps): Search {
  const { maxAgeMs = MAX_AGE_MS, keepMs = KEEP_MS, everyMs = EVERY_MS } = deps;
  const places = new Map<string, Place>();
  let expiry: NodeJS.Timeout | undefined;

  async function* find(input: SearchInput, signal: AbortSignal | undefined): AsyncGenerator<SearchAnswer> {
    const query = parseQuery(input.query);
    const wanted = new Set(input.targets.map(keyOf));
    const chosen = deps
      .targets()
      .filter(({ target }) => wanted.size === 0 || wanted.has(keyOf(target)))
      .filter(({ name }) => query.clusters.every((part) => name.toLowerCase().includes(part)))
      .map(({ target, name }) => placeOf(target, name));
    clearTimeout(expiry);
    let running = chosen.length;
    let worked = 0;
    let found: Found | null = null;
    let state = '';
    const answered = async (): Promise<SearchAnswer> => {
      // What is read again and is as it was, and a count of what has answered, are no reason to look again.
      const now = stateOf(chosen, query);
      if (found === null || now !== state) {
        found = await lookThrough(chosen, query, input.limit, signal);
        worked = found.worked;
        state = now;
      }
      const { hits, total, shallow } = found;
      return {
        hits,
        total,
        shallow,
        ...progress,
        failed: chosen.flatMap(({ target, error }) => (error === null ? [] : [{ target, error }])),
      };
    };
    let changed = false;
    let wake: () => void = () => {};
    const tell = () => {
      changed = true;
      wake();
    };
    const progress = { asked: 0, answered: 0 };
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    for (const place of chosen) {
      void look(place, query, progress, tell, signal).finally(() => {
        running -= 1;
        tell();
        if (running === 0) end();
      });
    }
    const onAbort = () => {
      wake();
      end();
    };
    signal?.addEventListener('abort', onAbort);
    try {
      yield await answered();
      while (running > 0 && !signal?.aborted) {
        if (!changed)
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (changed || signal?.aborted) resolve();
          });
        changed = false;
        // Looking through everything is done again only after others have had several times as much; the end is told at once.
        await first(ended, Math.max(everyMs, worked * TIMES_AS_LONG));
        if (!signal?.aborted) yield await answered();
      }
      if (changed && !signal?.aborted) yield await answered();
    } finally {
      signal?.removeEventListener('abort', onAbort);
      clearTimeout(expiry);
      expiry = setTimeout(() => places.clear(), keepMs);
      expiry.unref();
    }
  }

  function placeOf(target: Target, name: string): Place {
    const known = places.get(keyOf(target)) ?? { target, name, collections: null, error: null };
    known.name = name;
    places.set(keyOf(target), known);
    return known;
  }

  /** Reads what is not known of one cluster; its failures are its own. */
  async function look(
    place: Place,
    query: Query,
    progress: { asked: number; answered: number },
    tell: () => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      const client = deps.client(place.target);
      place.collections = merged(place.collections, searched(await client.resources()));
      place.error = null;
      const asked = askedOf(place, query);
      progress.asked += asked.length;
      const next = asked.values();
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (const collection of next) {
            if (signal?.aborted) return;
            // A kind that may not be listed, or is gone, has nothing to find.
            await collection.fresh(client, maxAgeMs)?.catch(() => undefined);
            progress.answered += 1;
            tell();
          }
        }),
      );
    } catch (error) {
      place.error = toErrorShape(error, place.name);
    }
  }

  return {
    service: { find },
    close() {
      clearTimeout(expiry);
      places.clear();
    },
  };
}

/** Resolves with `promise`, at the latest after so many milliseconds. */
async function first(promise: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

/** Discovery may have changed; what was read of a kind that is still there is kept. */
function merged(known: readonly Collection[] | null, infos: readonly Collection['info'][]): Collection[] {
  const byKey = new Map(
    known?.map((collection) => [`${collection.info.group}/${collection.info.resource}`, collection]),
  );
  return infos.map((info) => byKey.get(`${info.group}/${info.resource}`) ?? new Collection(info));
}

function keyOf({ kind, id }: Target): string {
  return `${kind}/${id}`;
}
