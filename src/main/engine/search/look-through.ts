/**
 * What is known of all clusters, looked through for one query: the best hits and how many there are. Hundreds of thousands
 * of objects take a tenth of a second, so whatever else is due comes in between.
 */
import { setImmediate as othersDue } from 'node:timers/promises';
import type { SearchAnswer, SearchHit } from '#shared/contract/search.ts';
import type { Target } from '#shared/contract/views.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import type { Collection } from './collection.ts';
import { type Query, rank } from './entry.ts';

/** A cluster as far as it has been read. */
export interface Place {
  target: Target;
  name: string;
  collections: Collection[] | null;
  error: AppErrorShape | null;
}

export type Found = Pick<SearchAnswer, 'hits' | 'total' | 'shallow'> & {
  /** How long looking itself took, milliseconds: without what came in between. */
  worked: number;
};

/** Objects between two looks at the clock. */
const AT_A_TIME = 500;
/**
 * What is read meanwhile waits for turns, page after page: somebody who waits for an answer does not stand in that line, or
 * all of it would be before every few objects.
 */
const SLICE_MS = 4;

interface Best {
  hit: SearchHit;
  score: number;
}

/** The collections of a place that a query is about. */
export function askedOf({ collections }: Place, { kinds, namespaces }: Query): Collection[] {
  return (collections ?? []).filter(
    ({ info }) =>
      (namespaces.length === 0 || info.namespaced) &&
      kinds.every(
        (kind) =>
          info.resource.startsWith(kind) || info.kind.toLowerCase().startsWith(kind) || info.shortNames.includes(kind),
      ),
  );
}

/** Changes with what there is to be found. */
export function stateOf(places: readonly Place[], query: Query): string {
  return places.map((place) => askedOf(place, query).map(({ version }) => version)).join(';');
}

/** Ends early, with what it has, when `signal` is aborted. */
export async function lookThrough(
  places: readonly Place[],
  query: Query,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const best: Best[] = [];
  const shallow: Found['shallow'] = [];
  let total = 0;
  let worked = 0;
  let since = performance.now();
  for (const place of places)
    for (const collection of askedOf(place, query)) {
      const { group, version, resource, kind } = collection.info;
      if (collection.shallow) shallow.push({ target: place.target, kind, count: collection.entries.length });
      // Of equals, what people look for comes first; the order of collections says which that is.
      const order = (place.collections?.indexOf(collection) ?? 0) / 1000;
      let until = AT_A_TIME;
      for (const entry of collection.entries) {
        if (--until === 0) {
          until = AT_A_TIME;
          const spent = performance.now() - since;
          if (spent >= SLICE_MS) {
            worked += spent;
            await othersDue();
            if (signal?.aborted) return { hits: [], total: 0, shallow, worked };
            since = performance.now();
          }
        }
        if (query.namespaces.length > 0 && !query.namespaces.includes(entry.namespace)) continue;
        const found = rank(entry, query.words);
        if (found === null) continue;
        total += 1;
        const score = found.score - order;
        if (best.length >= limit * 4 && score <= (best[limit - 1]?.score ?? 0)) continue;
        const { namespace, name } = entry;
        const { target } = place;
        best.push({
          hit: { target, resource: { group, version, resource }, kind, namespace, name, because: found.because },
          score,
        });
        if (best.length >= limit * 8) cut(best, limit);
      }
    }
  cut(best, limit);
  return { hits: best.map(({ hit }) => hit), total, shallow, worked: worked + performance.now() - since };
}

function cut(best: Best[], limit: number): void {
  best.sort((a, b) => b.score - a.score || (a.hit.name < b.hit.name ? -1 : 1));
  best.length = Math.min(best.length, limit);
}
