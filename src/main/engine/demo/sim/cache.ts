/**
 * One resource of one simulated cluster as the controllers see it: an informer with the controller's own writes laid
 * over it until the watch has delivered them. So a reconciler never acts on a state older than what it wrote itself,
 * and no book-keeping of expectations is needed. Objects are shared: read only.
 */
import type { Informer } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';

export type CacheListener = (object: KubeObject, previous: KubeObject | undefined, deleted: boolean) => void;

interface Own {
  object: KubeObject | null;
  uid: string;
  version: number;
  at: number;
}

/** A write the watch has not shown after this long will not come: the object was replaced while the watch was away. */
const OWN_WRITE_EXPIRES_MS = 10_000;

export class Cache {
  readonly #informer: Informer;
  readonly #own = new Map<string, Own>();
  readonly #listeners = new Set<CacheListener>();
  readonly #report: (error: unknown) => void;

  constructor(informer: Informer, report: (error: unknown) => void) {
    this.#informer = informer;
    this.#report = report;
    informer.subscribe({
      onAdd: (object, key) => this.#seen(key, object, undefined, false),
      onUpdate: (object, previous, key) => this.#seen(key, object, previous, false),
      onDelete: (object, key) => this.#seen(key, object, object, true),
    });
  }

  get synced(): Promise<void> {
    return this.#informer.synced;
  }

  get(key: string): KubeObject | undefined {
    const cached = this.#informer.get(key);
    const own = this.#own.get(key);
    if (own === undefined || this.#expired(key, own)) return cached;
    if (own.object !== null) return own.object;
    return cached !== undefined && cached.metadata.uid !== own.uid ? cached : undefined;
  }

  /** Every object, own writes included. */
  list(): KubeObject[] {
    if (this.#own.size === 0) return [...this.#informer.items.values()];
    const out: KubeObject[] = [];
    for (const [key, object] of this.#informer.items) {
      const own = this.#own.get(key);
      if (own === undefined) out.push(object);
      else {
        const current = this.get(key);
        if (current !== undefined) out.push(current);
      }
    }
    for (const [key, own] of this.#own) {
      if (own.object !== null && !this.#informer.items.has(key) && !this.#expired(key, own)) out.push(own.object);
    }
    return out;
  }

  /** What a write answered. */
  wrote(object: KubeObject): void {
    const key = objectKey(object);
    const version = versionOf(object);
    const cached = this.#informer.get(key);
    if (cached !== undefined && versionOf(cached) >= version) return;
    this.#own.set(key, { object, uid: object.metadata.uid ?? '', version, at: Date.now() });
  }

  /** An own delete took the object away at once. */
  removed(object: KubeObject): void {
    const key = objectKey(object);
    this.#own.set(key, { object: null, uid: object.metadata.uid ?? '', version: versionOf(object), at: Date.now() });
  }

  /** Existing objects are delivered at once. Returns the unsubscribe function. */
  subscribe(listener: CacheListener): () => void {
    this.#listeners.add(listener);
    for (const object of this.#informer.items.values()) this.#deliver(listener, object, undefined, false);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    this.#informer.stop();
    this.#listeners.clear();
    this.#own.clear();
  }

  #seen(key: string, object: KubeObject, previous: KubeObject | undefined, deleted: boolean): void {
    const own = this.#own.get(key);
    if (own !== undefined) {
      const other = (object.metadata.uid ?? '') !== own.uid;
      if (other || deleted || (own.object !== null && versionOf(object) >= own.version)) this.#own.delete(key);
    }
    for (const listener of this.#listeners) this.#deliver(listener, object, previous, deleted);
  }

  #deliver(listener: CacheListener, object: KubeObject, previous: KubeObject | undefined, deleted: boolean): void {
    try {
      listener(object, previous, deleted);
    } catch (error) {
      this.#report(error);
    }
  }

  #expired(key: string, own: Own): boolean {
    if (Date.now() - own.at < OWN_WRITE_EXPIRES_MS) return false;
    this.#own.delete(key);
    return true;
  }
}

/** Resource versions of one server can be ordered (KEP-5504); the embedded server's are plain counters. */
function versionOf(object: KubeObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}
