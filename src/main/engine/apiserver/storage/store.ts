/**
 * The object store: one global, monotonic revision (the resourceVersion of the API), all objects in memory, writes
 * gathered into durable transactions: those of one turn of the event loop, and while the disk is busy with one
 * transaction all that come meanwhile.
 *
 * A write is visible to later writers at once (so that conflicts inside a batch are found), to readers and watchers only
 * after it is on disk. If the disk refuses, every write of the batch is rejected and nothing of it was ever visible; those
 * gathered meanwhile may rest on it and are rejected with it.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { Collection } from './collection.ts';
import { Stored } from './stored.ts';
import type { BatchOperation, StorageBackend, StoreEvent } from './types.ts';

interface PendingWrite {
  collection: Collection;
  event: StoreEvent;
  resolve(stored: Stored): void;
  reject(error: unknown): void;
}

/** Nothing has happened before it. */
const FIRST_REVISION = 1;

export class ObjectStore {
  readonly #backend: StorageBackend;
  readonly #collections = new Map<string, Collection>();
  readonly #observers = new Set<(collection: Collection, event: StoreEvent) => void>();
  /** Writes that wait for the next transaction. */
  #batch: PendingWrite[] = [];
  /** Called when those have come to their end. */
  #batchEnded: (() => void)[] = [];
  /** The same for the transaction that the disk is busy with; null when it is not. */
  #flightEnded: (() => void)[] | null = null;
  /** The changes after this revision were known at the start; null: it was a start from nothing. */
  #historyFrom: number | null = null;
  /** Last revision readers can see. */
  #revision: number;
  /** Last revision handed out to a writer. */
  #assigned: number;
  #scheduled = false;
  #closed = false;

  constructor(backend: StorageBackend) {
    this.#backend = backend;
    const rows: { collection: string; key: string; stored: Stored }[] = [];
    this.#revision = backend.load(({ collection, key, value, revision }) =>
      rows.push({ collection, key, stored: Stored.ofText(value, revision) }),
    );
    // Revision 0 means "any" to clients, so the first one handed out has to be greater than 1.
    this.#revision = Math.max(FIRST_REVISION, this.#revision);
    this.#assigned = this.#revision;
    for (const row of rows) this.collection(row.collection).restore(row.key, row.stored);
    this.#restoreHistory();
  }

  /** Turns what the backend remembers back into events: the state after a change is what the next one found. */
  #restoreHistory(): void {
    const events = new Map<Collection, StoreEvent[]>();
    const after = new Map<string, Stored>();
    const from = this.#backend.loadHistory(({ collection: id, key, revision, previous, previousRevision, last }) => {
      const collection = this.collection(id);
      const name = `${id} ${key}`;
      const current = last === null ? (after.get(name) ?? collection.items.get(key)) : Stored.ofText(last, revision);
      const before = previous === null ? null : Stored.ofText(previous, previousRevision ?? 0);
      if (before === null) after.delete(name);
      else after.set(name, before);
      if (current === undefined) throw new Error(`the history of ${name} does not fit what is stored`);
      const type = last !== null ? 'DELETED' : before === null ? 'ADDED' : 'MODIFIED';
      let list = events.get(collection);
      if (list === undefined) {
        list = [];
        events.set(collection, list);
      }
      list.push({ type, key, revision, current, previous: before });
    });
    for (const collection of this.#collections.values())
      collection.restoreEvents((events.get(collection) ?? []).reverse(), Math.max(FIRST_REVISION, from));
    if (this.#revision > FIRST_REVISION) this.#historyFrom = Math.max(FIRST_REVISION, from);
  }

  /** The newest revision that is durable and visible. */
  get revision(): number {
    return this.#revision;
  }

  get backend(): StorageBackend {
    return this.#backend;
  }

  /** Objects of one resource; id is `group/resource`. Created on first use; `late`: its history begins there. */
  collection(id: string, late = false): Collection {
    let collection = this.#collections.get(id);
    if (collection === undefined) {
      // Whatever happened in it before would have been restored, or has begun with the store.
      const from = this.#historyFrom ?? (late ? this.#revision : FIRST_REVISION);
      collection = new Collection(id, from, late && this.#historyFrom === null);
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

  /** Resolves when every write that is under way now has come to its end. */
  settled(): Promise<void> {
    const waiting = this.#batch.length > 0 ? this.#batchEnded : this.#flightEnded;
    return waiting === null ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
  }

  async close(): Promise<void> {
    while (this.#batch.length > 0 || this.#flightEnded !== null) await this.settled();
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
    const current = Stored.ofObject(object, revision, type === 'ADDED');
    const event: StoreEvent = { type, key, revision, current, previous };
    collection.pending.set(key, event);
    return new Promise((resolve, reject) => {
      this.#batch.push({ collection, event, resolve, reject });
      if (this.#scheduled || this.#flightEnded !== null) return;
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#flush();
      });
    });
  }

  /** Hands what has been gathered to the disk. */
  #flush(): void {
    const batch = this.#batch;
    const ended = this.#batchEnded;
    this.#batch = [];
    this.#batchEnded = [];
    const revision = this.#assigned;
    let done: void | Promise<void>;
    try {
      done = this.#backend.commit(batch.map(toOperation), revision);
    } catch (error) {
      this.#refuse(batch, ended, error);
      return;
    }
    if (!(done instanceof Promise)) {
      this.#publish(batch, ended, revision);
      return;
    }
    this.#flightEnded = ended;
    done.then(
      () => {
        this.#flightEnded = null;
        this.#revision = revision;
        // The disk gets its next work before the answers to this one are written.
        if (this.#batch.length > 0) this.#flush();
        this.#publish(batch, ended, revision);
      },
      (error: unknown) => {
        this.#flightEnded = null;
        this.#refuse(batch, ended, error);
      },
    );
  }

  #publish(batch: readonly PendingWrite[], ended: readonly (() => void)[], revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    for (const { collection, event } of batch) collection.apply(event);
    for (const { collection, event } of batch) {
      for (const watcher of collection.watchers) watcher(event);
      for (const observer of this.#observers) observer(collection, event);
      // History is asked for texts; who comes late and wants to look inside decodes it again.
      event.previous?.forgetObject();
    }
    for (const write of batch) write.resolve(write.event.current);
    for (const resolve of ended) resolve();
  }

  #refuse(batch: readonly PendingWrite[], ended: readonly (() => void)[], failure: unknown): void {
    const refused = [...batch, ...this.#batch];
    const waiting = [...ended, ...this.#batchEnded];
    this.#batch = [];
    this.#batchEnded = [];
    this.#assigned = this.#revision;
    for (const { collection } of refused) collection.pending.clear();
    for (const write of refused) write.reject(failure ?? new Error('the storage backend failed'));
    for (const resolve of waiting) resolve();
  }
}

function toOperation({ collection, event }: PendingWrite): BatchOperation {
  const { type, key, revision, current, previous } = event;
  return {
    collection: collection.id,
    key,
    value: type === 'DELETED' ? null : current.text,
    revision,
    previous: previous === null ? null : { value: previous.text, revision: previous.revision },
    last: type === 'DELETED' ? current.text : null,
  };
}
