/**
 * Public face of live views: open queries over one or several API servers.
 *
 * Of a row's fields, name, namespace and target are no columns of their own; they can be sorted by under these names.
 */
import type { ViewEvent, ViewsService } from '#shared/contract/views.ts';
import { AppError } from '#shared/errors.ts';
import { presentable } from '../resources/index.ts';
import { Dirt } from './dirt.ts';
import { exportRows } from './export.ts';
import { FeedSet } from './feed-set.ts';
import { FeedPool } from './pool.ts';
import { keyOf, type Row } from './row.ts';
import type { TargetDirectory } from './types.ts';
import { type Query, View } from './view.ts';

export type { TargetDirectory } from './types.ts';

export interface ViewsDeps {
  targets: TargetDirectory;
  /** How long changes are gathered before they are sent. */
  batchMs?: number;
  /** How long a feed stays after its last view. */
  graceMs?: number;
  /** How often a target that could not be had is asked for again, unless it reports a change before. */
  retryMs?: number;
}

export interface Views {
  service: ViewsService;
  close(): void;
}

const BATCH_MS = 60;
const GRACE_MS = 15_000;
const RETRY_MS = 3_000;
/** While a large list comes in, putting it in order takes its time: others have several times as much in between. */
const TIMES_AS_LONG = 4;
const LONGEST_MS = 500;

export function createViews({ targets, batchMs = BATCH_MS, graceMs = GRACE_MS, retryMs = RETRY_MS }: ViewsDeps): Views {
  const pool = new FeedPool({ targets, graceMs, retryMs });
  const views = new Map<string, View>();
  const closing = new AbortController();

  async function* open(
    { viewId, query }: { viewId: string; query: Query },
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ViewEvent> {
    const ends = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
    const dirt = new Dirt(ends);
    const view = new View(query, pool.definitionOf(query.resource), () => dirt.mark());
    const feeds = new FeedSet(pool, view, () => dirt.mark());
    views.set(viewId, view);
    try {
      while (!ends.aborted) {
        feeds.update();
        dirt.clear();
        const began = performance.now();
        const event = view.next();
        const took = performance.now() - began;
        if (event !== null) yield event;
        await dirt.wait();
        const pause = Math.max(batchMs, Math.min(took * TIMES_AS_LONG, LONGEST_MS));
        if (!ends.aborted) await dirt.gather(pause, () => view.asked);
      }
    } finally {
      // The same id may have been opened anew by a renderer that came back.
      if (views.get(viewId) === view) views.delete(viewId);
      feeds.release();
      dirt.dispose();
    }
  }

  function need(viewId: string): View {
    const view = views.get(viewId);
    if (view === undefined) throw new AppError('NOT_FOUND', `no open view ${viewId}`, { params: { id: viewId } });
    return view;
  }

  function chosen(view: View, keys: readonly string[] | undefined): readonly Row[] {
    const rows = view.matching();
    if (keys === undefined) return rows;
    const wanted = new Set(keys);
    return rows.filter((row) => wanted.has(keyOf(row)));
  }

  return {
    service: {
      open,
      change: ({ viewId, ...change }) => need(viewId).change(change),
      async export({ viewId, keys, format, columns }, signal) {
        const view = need(viewId);
        const { resource } = view.query;
        const { definition } = view;
        const client = targets.client.bind(targets);
        const rows = chosen(view, keys);
        return await exportRows({ resource, definition, rows, client, presentable, signal }, format, columns);
      },
      pick: ({ viewId, keys, limit }) =>
        chosen(need(viewId), keys)
          .slice(0, limit)
          .map((row) => ({ key: keyOf(row), target: row.source.target, namespace: row.namespace, name: row.name })),
    },
    close() {
      closing.abort();
      pool.close();
    },
  };
}
