/**
 * Which feeds a view reads from. Usually one per target over all namespaces, so that changing the namespaces costs
 * nothing. Where a person may not list all namespaces but asked for some, these are read one by one instead.
 */
import type { Feed } from './feed.ts';
import type { FeedPool } from './pool.ts';
import type { Query, View } from './view.ts';

export class FeedSet {
  readonly #pool: FeedPool;
  readonly #view: View;
  /** By target and namespace. */
  readonly #held = new Map<string, Feed>();
  /** Targets that refused to list all namespaces. */
  readonly #narrow = new Set<string>();

  constructor(pool: FeedPool, view: View) {
    this.#pool = pool;
    this.#view = view;
  }

  /** Takes and gives back feeds until they fit what the view asks for and what the targets allow. */
  update(): void {
    const { targets, namespaces } = this.#view.query;
    const wanted = new Map<string, { target: Query['targets'][number]; namespace: string }>();
    for (const target of targets) {
      const id = `${target.kind}/${target.id}`;
      if (this.#held.get(`${id}/`)?.freshness().state === 'forbidden') this.#narrow.add(id);
      const narrow = this.#narrow.has(id) && namespaces.length > 0;
      for (const namespace of narrow ? namespaces : ['']) wanted.set(`${id}/${namespace}`, { target, namespace });
    }
    for (const [key, feed] of this.#held) if (!wanted.has(key)) this.#give(key, feed);
    for (const [key, { target, namespace }] of wanted) {
      if (this.#held.has(key)) continue;
      const feed = this.#pool.acquire(target, this.#view.query.resource, namespace);
      this.#held.set(key, feed);
      this.#view.attach(feed);
    }
  }

  release(): void {
    for (const [key, feed] of this.#held) this.#give(key, feed);
  }

  #give(key: string, feed: Feed): void {
    this.#held.delete(key);
    this.#view.detach(feed);
    this.#pool.release(feed);
  }
}
