/**
 * Which feeds a view reads from. Usually one per target over all namespaces, so that changing the namespaces costs
 * nothing. Where a person may not list all namespaces, the ones asked for are read one by one instead; as long as none is
 * asked for, the one that the kubeconfig names.
 */
import type { Freshness } from '#shared/contract/views.ts';
import type { Feed } from './feed.ts';
import type { FeedPool } from './pool.ts';
import type { Query, View } from './view.ts';

export class FeedSet {
  readonly #pool: FeedPool;
  readonly #view: View;
  /** By target and namespace. */
  readonly #held = new Map<string, Feed>();
  /** Targets that refused to list all namespaces, each with that of its kubeconfig: null as long as there is none to look into. */
  readonly #narrow = new Map<string, string | null>();
  readonly #onNarrowed: () => void;

  /** `onNarrowed`: time to update again. */
  constructor(pool: FeedPool, view: View, onNarrowed: () => void) {
    this.#pool = pool;
    this.#view = view;
    this.#onNarrowed = onNarrowed;
  }

  /** Takes and gives back feeds until they fit what the view asks for and what the targets allow. */
  update(): void {
    // A feed shared with another view may have been refused before it was taken.
    do this.#take();
    while (this.#view.query.targets.some((target) => this.#isRefused(`${target.kind}/${target.id}`)));
  }

  release(): void {
    for (const [key, feed] of this.#held) this.#give(key, feed);
  }

  #take(): void {
    const { targets, namespaces } = this.#view.query;
    const wanted = new Map<string, { target: Query['targets'][number]; namespace: string }>();
    for (const target of targets) {
      const id = `${target.kind}/${target.id}`;
      if (this.#isRefused(id)) this.#becomeNarrow(target, id);
      const own = this.#narrow.get(id);
      // Nothing to be had inside it either, or a kind of the whole cluster: the first refusal is what there is to say.
      const inside = own == null ? undefined : this.#stateOf(`${id}/${own}`);
      if (inside === 'forbidden' || inside === 'unknownResource') this.#narrow.set(id, null);
      const within = namespaces.length > 0 ? namespaces : [this.#narrow.get(id) ?? ''];
      for (const namespace of own === undefined ? [''] : within)
        wanted.set(`${id}/${namespace}`, { target, namespace });
    }
    for (const [key, feed] of this.#held) if (!wanted.has(key)) this.#give(key, feed);
    for (const [key, { target, namespace }] of wanted) {
      if (this.#held.has(key)) continue;
      const feed = this.#pool.acquire(target, this.#view.query.resource, namespace);
      this.#held.set(key, feed);
      this.#view.attach(feed);
    }
  }

  #becomeNarrow(target: Query['targets'][number], id: string): void {
    this.#narrow.set(id, null);
    void this.#pool.namespaceOf(target).then((own) => {
      if (own === null) return;
      this.#narrow.set(id, own);
      this.#onNarrowed();
    });
  }

  /** All namespaces are asked for, for the last time. */
  #isRefused(id: string): boolean {
    return this.#stateOf(`${id}/`) === 'forbidden' && !this.#narrow.has(id);
  }

  #stateOf(key: string): Freshness['state'] | undefined {
    return this.#held.get(key)?.freshness().state;
  }

  #give(key: string, feed: Feed): void {
    this.#held.delete(key);
    this.#view.detach(feed);
    this.#pool.release(feed);
  }
}
