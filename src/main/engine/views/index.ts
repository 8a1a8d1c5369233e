/**
 * Public face of live views: open queries over one or several API servers.
 *
 * Of a row's fields, name, namespace and target are no columns of their own; they can be sorted by under these names.
 */
import type { ViewEvent, ViewsService } from '#shared/contract/views.ts';
import { AppError } from '#shared/errors.ts';
import { definitionOf } from './columns/index.ts';
import { Dirt } from './dirt.ts';
import { FeedSet } from './feed-set.ts';
import { FeedPool } from './pool.ts';
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
    const view = new View(query, definitionOf(query.resource), () => dirt.mark());
    const feeds = new FeedSet(pool, view);
    views.set(viewId, view);
    try {
      while (!ends.aborted) {
        feeds.update();
        dirt.clear();
        const event = view.next();
        if (event !== null) yield event;
        await dirt.wait();
        if (!ends.aborted) await dirt.gather(batchMs, () => view.asked);
      }
    } finally {
      // The same id may have been opened anew by a renderer that came back.
      if (views.get(viewId) === view) views.delete(viewId);
      feeds.release();
      dirt.dispose();
    }
  }

  return {
    service: {
      open,
      change({ viewId, ...change }) {
        const view = views.get(viewId);
        if (view === undefined) throw new AppError('NOT_FOUND', `no open view ${viewId}`, { params: { id: viewId } });
        view.change(change);
      },
    },
    close() {
      closing.abort();
      pool.close();
    },
  };
}
