/**
 * Public face of live views: open queries over one or several API servers. Feeds (one informer each) are shared between
 * views by (target, resource, namespace) and outlive their last view by a grace period.
 */
import type { Target, ViewEvent, ViewsService } from '#shared/contract/views.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeClient } from '../kube/index.ts';
import { definitionOf } from './columns/index.ts';
import { Dirt } from './dirt.ts';
import { Feed } from './feed.ts';
import { type Query, View } from './view.ts';

/** Where views find their API servers: registered clusters and federations alike. */
export interface TargetDirectory {
  /** @throws AppError NOT_FOUND, or what keeps it from being used. */
  client(target: Target): KubeClient;
  /** The name a person knows it by; its id when there is none any more. */
  name(target: Target): string;
  /** Told when a target appeared, changed, or (with `removed`) is gone. */
  subscribe(listener: (target: Target, change: 'changed' | 'removed') => void): () => void;
}

export interface ViewsDeps {
  targets: TargetDirectory;
  /** How long events are gathered. */
  batchMs?: number;
  graceMs?: number;
  retryMs?: number;
}

export interface Views {
  service: ViewsService;
  close(): void;
}

interface SharedFeed {
  feed: Feed;
  users: number;
  expiry: NodeJS.Timeout | undefined;
}

const BATCH_MS = 60;
const GRACE_MS = 15_000;
const RETRY_MS = 3_000;

export function createViews(deps: ViewsDeps): Views {
  const { batchMs = BATCH_MS, graceMs = GRACE_MS, retryMs = RETRY_MS } = deps;
  const feeds = new Map<string, SharedFeed>();
  const views = new Map<string, View>();
  const closing = new AbortController();

  const unsubscribe = deps.targets.subscribe((target, change) => {
    for (const { feed } of feeds.values()) {
      if (feed.source.target.kind !== target.kind || feed.source.target.id !== target.id) continue;
      if (change === 'changed') feed.retryNow();
      else feed.dropTarget({ code: 'NOT_FOUND', message: `${target.kind} ${target.id} is gone`, retryable: false });
    }
  });

  function acquire(target: Target, resource: Query['resource'], namespace: string): Feed {
    const key = [target.kind, target.id, resource.group, resource.version, resource.resource, namespace].join('/');
    let shared = feeds.get(key);
    if (shared === undefined) {
      const feed = new Feed({
        target,
        resource,
        namespace,
        name: deps.targets.name(target),
        client: () => deps.targets.client(target),
        retryMs,
      });
      shared = { feed, users: 0, expiry: undefined };
      feeds.set(key, shared);
    }
    clearTimeout(shared.expiry);
    shared.users += 1;
    return shared.feed;
  }

  function release(feed: Feed): void {
    for (const [key, shared] of feeds) {
      if (shared.feed !== feed) continue;
      shared.users -= 1;
      if (shared.users > 0) return;
      shared.expiry = setTimeout(() => {
        feeds.delete(key);
        feed.close();
      }, graceMs);
      shared.expiry.unref();
      return;
    }
  }

  async function* open(
    { viewId, query }: { viewId: string; query: Query },
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ViewEvent> {
    const ends = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
    const dirt = new Dirt(ends);
    const view = new View(query, definitionOf(query.resource), () => dirt.mark());
    const held: Feed[] = [];
    views.set(viewId, view);
    try {
      for (const target of distinct(query.targets)) {
        const feed = acquire(target, query.resource, '');
        held.push(feed);
        view.attach(feed);
      }
      while (!ends.aborted) {
        dirt.clear();
        const event = view.next();
        if (event !== null) yield event;
        await dirt.wait();
        if (!ends.aborted) await dirt.gather(batchMs);
      }
    } finally {
      if (views.get(viewId) === view) views.delete(viewId);
      for (const feed of held) {
        view.detach(feed);
        release(feed);
      }
      dirt.dispose();
    }
  }

  const service: ViewsService = {
    open,
    change({ viewId, ...change }) {
      const view = views.get(viewId);
      if (view === undefined) throw new AppError('NOT_FOUND', `no open view ${viewId}`, { params: { id: viewId } });
      view.change(change);
    },
  };

  return {
    service,
    close() {
      unsubscribe();
      closing.abort();
      for (const shared of feeds.values()) {
        clearTimeout(shared.expiry);
        shared.feed.close();
      }
      feeds.clear();
    },
  };
}

function distinct(targets: readonly Target[]): Target[] {
  return [...new Map(targets.map((target) => [`${target.kind}/${target.id}`, target])).values()];
}
