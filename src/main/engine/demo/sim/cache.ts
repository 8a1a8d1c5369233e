/**
 * One resource of one simulated cluster as the controllers see it: an informer with the controller's own writes laid
 * over it until the watch has delivered them. So a reconciler never acts on a state older than what it wrote itself,
 * and no book-keeping of expectations is needed. Objects are shared: read only. Indexes find the pods of one owner or
 * node without a walk over all of them.
 */
import type { Informer } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';

export type CacheListener = (object: KubeObject, previous: KubeObject | undefined, deleted: boolean) => void;

/** Values under which an object is found; none leaves it out. */
export type IndexBy = (object: KubeObject) => string | undefined | readonly string[];

interface Index {
  by: IndexBy;
  /**
   * Keys by value: every key that has had the value in the watch or in an own write since it was last looked up. Reading
   * checks each against the object as it is now and drops what no longer fits.
   */
  keys: Map<string, Set<string>>;
}

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
  readonly #indexes: ReadonlyMap<string, Index>;

  /** `indexes` by name: what `byIndex` can be asked for. */
  constructor(informer: Informer, report: (error: unknown) => void, indexes: Readonly<Record<string, IndexBy>> = {}) {
    this.#informer = informer;
    this.#report = report;
    this.#indexes = new Map(Object.entries(indexes).map(([name, by]) => [name, { by, keys: new Map() }]));
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

  /** Objects whose index value is `value`, own writes included, in no particular order. */
  byIndex(name: string, value: string): KubeObject[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`no index ${name}`);
    const keys = index.keys.get(value);
    if (keys === undefined) return [];
    const out: KubeObject[] = [];
    for (const key of keys) {
      const object = this.get(key);
      if (object !== undefined && hasValue(index.by(object), value)) out.push(object);
      // An own delete may still be undone by the watch showing another object of the name: then it is put again.
      else keys.delete(key);
    }
    if (keys.size === 0) index.keys.delete(value);
    return out;
  }

  /** How many there are, own writes left out. */
  get size(): number {
    return this.#informer.items.size;
  }

  /** What a write answered. */
  wrote(object: KubeObject): void {
    if (wasLast(object)) {
      this.removed(object);
      return;
    }
    const key = objectKey(object);
    const version = versionOf(object);
    const cached = this.#informer.get(key);
    if (cached !== undefined && versionOf(cached) >= version) return;
    this.#own.set(key, { object, uid: object.metadata.uid ?? '', version, at: Date.now() });
    this.#index(key, object);
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
    // An own write that has gone may uncover a version whose values are not in the indexes any more.
    const current = deleted ? this.get(key) : object;
    if (current !== undefined) this.#index(key, current);
    for (const listener of this.#listeners) this.#deliver(listener, object, previous, deleted);
  }

  #index(key: string, object: KubeObject): void {
    for (const { by, keys } of this.#indexes.values()) {
      const values = by(object);
      if (values === undefined) continue;
      for (const value of typeof values === 'string' ? [values] : values) {
        const known = keys.get(value);
        if (known === undefined) keys.set(value, new Set([key]));
        else known.add(key);
      }
    }
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
    const cached = this.#informer.get(key);
    if (cached !== undefined) this.#index(key, cached);
    return true;
  }
}

/** The write that took the last finalizer from an object that was to go: it is the last one that anybody sees of it. */
function wasLast({ metadata }: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers = [] } = metadata;
  return deletionTimestamp !== undefined && finalizers.length === 0 && !((deletionGracePeriodSeconds ?? 0) > 0);
}

function hasValue(values: ReturnType<IndexBy>, value: string): boolean {
  return typeof values === 'string' ? values === value : (values?.includes(value) ?? false);
}

/** Resource versions of one server can be ordered (KEP-5504); the embedded server's are plain counters. */
function versionOf(object: KubeObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}
