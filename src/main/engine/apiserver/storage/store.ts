/**
 * The object store: one global, monotonic revision (the resourceVersion of the API), objects decoded once and kept in
 * memory, writes gathered per turn of the event loop into one durable transaction.
 *
 * A write is visible to later writers at once (so that conflicts inside a batch are found), to readers and watchers only
 * after it is on disk. If the disk refuses, every write of the batch is rejected and nothing of it was ever visible.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { Collection } from './collection.ts';
import type { BatchOperation, StorageBackend, Stored, StoreEvent } from './types.ts';

interface PendingWrite {
  collection: Collection;
  event: StoreEvent;
  resolve(stored: Stored): void;
  reject(error: unknown): void;
}

export class ObjectStore {
  readonly #backend: StorageBackend;
  readonly #collections = new Map<string, Collection>();
  readonly #observers = new Set<(collection: Collection, event: StoreEvent) => void>();
  readonly #idle: (() => void)[] = [];
  #batch: PendingWrite[] = [];
  /** Last revision readers can see. */
  #revision: number;
  /** Last revision handed out to a writer. */
  #assigned: number;
  #scheduled = false;
  #closed = false;

  constructor(backend: StorageBackend) {
    this.#backend = backend;
    const rows: { collection: string; key: string; stored: Stored }[] = [];
    this.#revision = backend.load(({ collection, key, value }) => {
      const object = JSON.parse(value) as KubeObject;
      rows.push({ collection, key, stored: { object, revision: Number(object.metadata.resourceVersion), text: null } });
    });
    // Revision 0 means "any" to clients, so the first one handed out has to be greater than 1.
    this.#revision = Math.max(1, this.#revision);
    this.#assigned = this.#revision;
    for (const row of rows) this.collection(row.collection).restore(row.key, row.stored);
  }

  /** The newest revision that is durable and visible. */
  get revision(): number {
    return this.#revision;
  }

  get backend(): StorageBackend {
    return this.#backend;
  }

  /** Objects of one resource; id is `group/resource`. Created on first use. */
  collection(id: string): Collection {
    let collection = this.#collections.get(id);
    if (collection === undefined) {
      collection = new Collection(id, this.#revision);
      this.#collections.set(id, collection);
    }
    return collection;
  }

  collections(): IterableIterator<Collection> {
    return this.#collections.values();
  }

  /** Stores `object` (which the store owns from now on) under a new revision. Resolves when it is durable. */
  put(collection: Collection, key: string, object: KubeObject): Promise<Stored> {
    const previous = collection.latest(key) ?? null;
    return this.#write(collection, key, object, previous, previous === null ? 'ADDED' : 'MODIFIED');
  }

  /** Deletes; `last` is the final state watchers get (default: the stored one). Resolves when it is durable. */
  remove(collection: Collection, key: string, last?: KubeObject): Promise<Stored> {
    const previous = collection.latest(key);
    if (previous === undefined) return Promise.reject(new Error(`${collection.id} ${key} is not stored`));
    const object = last ?? previous.object;
    return this.#write(collection, key, { ...object, metadata: { ...object.metadata } }, previous, 'DELETED');
  }

  /** Every event of every collection, for the server's own controllers. Returns the function that ends it. */
  observe(observer: (collection: Collection, event: StoreEvent) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Resolves when no write is under way. */
  settled(): Promise<void> {
    if (!this.#scheduled) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  async close(): Promise<void> {
    await this.settled();
    this.#closed = true;
    this.#backend.close();
  }

  #write(
    collection: Collection,
    key: string,
    object: KubeObject,
    previous: Stored | null,
    type: StoreEvent['type'],
  ): Promise<Stored> {
    if (this.#closed) return Promise.reject(new Error('the store is closed'));
    const revision = ++this.#assigned;
    object.metadata.resourceVersion = String(revision);
    const current: Stored = { object, revision, text: JSON.stringify(object) };
    collection.pending.set(key, type === 'DELETED' ? null : current);
    return new Promise((resolve, reject) => {
      this.#batch.push({ collection, event: { type, key, revision, current, previous }, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const batch = this.#batch;
    this.#batch = [];
    this.#scheduled = false;
    let failure: unknown = null;
    try {
      this.#backend.commit(batch.map(toOperation), this.#assigned);
    } catch (error) {
      failure = error ?? new Error('the storage backend failed');
    }
    for (const { collection } of batch) collection.pending.clear();
    if (failure === null) {
      this.#revision = this.#assigned;
      for (const { collection, event } of batch) collection.apply(event);
      for (const { collection, event } of batch) {
        for (const watcher of collection.watchers) watcher(event);
        for (const observer of this.#observers) observer(collection, event);
      }
      for (const write of batch) write.resolve(write.event.current);
      // Answers are written in the microtasks that follow; the next turn no longer needs the text.
      setImmediate(() => {
        for (const { event } of batch) event.current.text = null;
      });
    } else {
      this.#assigned = this.#revision;
      for (const write of batch) write.reject(failure);
    }
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function toOperation({ collection, event }: PendingWrite): BatchOperation {
  return {
    collection: collection.id,
    key: event.key,
    value: event.type === 'DELETED' ? null : event.current.text,
  };
}
