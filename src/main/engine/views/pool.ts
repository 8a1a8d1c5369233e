/** Feeds shared between views: one per (target, resource, namespace), kept for a while after its last user has gone. */
import type { Target } from '#shared/contract/views.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import { definitionOf, type KindDefinition } from './columns/index.ts';
import { Feed } from './feed.ts';
import type { TargetDirectory } from './types.ts';

export interface PoolOptions {
  targets: TargetDirectory;
  graceMs: number;
  retryMs: number;
}

interface Shared {
  feed: Feed;
  key: string;
  users: number;
  expiry: NodeJS.Timeout | undefined;
}

export class FeedPool {
  readonly #options: PoolOptions;
  readonly #byKey = new Map<string, Shared>();
  readonly #byFeed = new Map<Feed, Shared>();
  /** By group and resource: what is learnt of a kind's columns is shared by its feeds and views. */
  readonly #definitions = new Map<string, KindDefinition>();
  readonly #unsubscribe: () => void;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#unsubscribe = options.targets.subscribe((target, change) => {
      for (const feed of this.#byFeed.keys()) {
        if (feed.source.target.kind !== target.kind || feed.source.target.id !== target.id) continue;
        if (change === 'changed') feed.retryNow();
        else feed.dropTarget({ code: 'NOT_FOUND', message: `${target.kind} ${target.id} is gone`, retryable: false });
      }
    });
  }

  /** Number of feeds that are kept, in use or not. */
  get size(): number {
    return this.#byKey.size;
  }

  definitionOf(resource: ResourceRef): KindDefinition {
    const key = `${resource.group}/${resource.resource}`;
    const known = this.#definitions.get(key) ?? definitionOf(resource);
    this.#definitions.set(key, known);
    return known;
  }

  /** See `TargetDirectory.namespace`. */
  namespaceOf(target: Target): Promise<string | null> {
    return this.#options.targets.namespace(target);
  }

  acquire(target: Target, resource: ResourceRef, namespace: string): Feed {
    const key = [target.kind, target.id, resource.group, resource.version, resource.resource, namespace].join('/');
    let shared = this.#byKey.get(key);
    if (shared === undefined) {
      const { targets, retryMs } = this.#options;
      const client = () => targets.client(target);
      const definition = this.definitionOf(resource);
      const name = targets.name(target);
      const feed = new Feed({ target, resource, definition, namespace, name, client, retryMs });
      shared = { feed, key, users: 0, expiry: undefined };
      this.#byKey.set(key, shared);
      this.#byFeed.set(feed, shared);
    }
    clearTimeout(shared.expiry);
    shared.users += 1;
    return shared.feed;
  }

  release(feed: Feed): void {
    const shared = this.#byFeed.get(feed);
    if (shared === undefined) return;
    shared.users -= 1;
    if (shared.users > 0) return;
    shared.expiry = setTimeout(() => {
      this.#byKey.delete(shared.key);
      this.#byFeed.delete(feed);
      feed.close();
    }, this.#options.graceMs);
    shared.expiry.unref();
  }

  close(): void {
    this.#unsubscribe();
    for (const { feed, expiry } of this.#byKey.values()) {
      clearTimeout(expiry);
      feed.close();
    }
    this.#byKey.clear();
    this.#byFeed.clear();
  }
}
