/**
 * Garbage collector: what nobody owns any more goes (background), what blocks its owner goes first (foreground), what
 * shall stay loses its owner (orphan). Source: Kubernetes documentation, "Garbage Collection", "Owners and Dependents".
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { KubeObject, OwnerReference } from '#shared/kubernetes/types.ts';
import { type Core, collectionOf, keyOf, kindOfCollection, SYSTEM_USER } from '../core.ts';
import { cloneJson } from '../json.ts';
import type { Collection } from '../storage/collection.ts';
import type { Stored } from '../storage/stored.ts';
import type { StoreEvent } from '../storage/types.ts';
import { deleteObject, FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../verbs/delete.ts';
import { PLAIN_DELETE } from '../verbs/delete-options.ts';
import { changeObject } from '../verbs/update.ts';
import { Debouncer } from './debouncer.ts';

/** Where an object is; a plain object so that sets of them are keyed by `id`. */
interface Place {
  id: string;
  collection: Collection;
  key: string;
}

const MANAGER = { dryRun: false, fieldManager: 'kube-controller-manager' };

export class GarbageCollector {
  readonly #core: Core;
  readonly #dependents = new Map<string, Map<string, Place>>();
  /** Where the objects of waiting tasks are, by task. */
  readonly #places = new Map<string, Place>();
  readonly #queue: Debouncer;
  #stopWatching: () => void = () => undefined;

  constructor(core: Core) {
    this.#core = core;
    this.#queue = new Debouncer((task) => this.#run(task), core.onError);
  }

  start(): void {
    for (const collection of this.#core.store.collections())
      for (const [key, stored] of collection.items) this.#observe(collection, key, null, stored);
    this.#stopWatching = this.#core.store.observe((collection, event) => this.#onEvent(collection, event));
  }

  stop(): Promise<void> {
    this.#stopWatching();
    return this.#queue.stop();
  }

  #onEvent(collection: Collection, { type, key, previous, current }: StoreEvent): void {
    this.#observe(collection, key, previous, type === 'DELETED' ? null : current);
    if (type !== 'DELETED') return;
    const { uid = '', ownerReferences } = current.object.metadata;
    if (this.#dependents.has(uid)) this.#queue.add(`orphaned ${uid}`);
    // An owner that waits for this one may be able to end now.
    for (const owner of ownerReferences ?? []) this.#wakeOwner(owner, current.object.metadata.namespace ?? '');
  }

  #observe(collection: Collection, key: string, previous: Stored | null, current: Stored | null): void {
    const before = concerning(previous);
    const after = concerning(current);
    const old = before?.metadata.ownerReferences;
    const now = after?.metadata.ownerReferences;
    if (old === undefined && now === undefined && after?.metadata.deletionTimestamp === undefined) return;
    const id = `${collection.id} ${key}`;
    if (old !== now && (old ?? now) !== undefined) {
      for (const { uid } of old ?? []) this.#forget(uid, id);
      for (const { uid } of now ?? []) {
        const places = this.#dependents.get(uid) ?? new Map<string, Place>();
        places.set(id, { id, collection, key });
        this.#dependents.set(uid, places);
      }
      if (now !== undefined && now.length > 0) this.#add('dependent', { id, collection, key });
    }
    const finalizers = after?.metadata.deletionTimestamp === undefined ? undefined : after.metadata.finalizers;
    if (finalizers?.includes(FOREGROUND_FINALIZER) || finalizers?.includes(ORPHAN_FINALIZER))
      this.#add('ending', { id, collection, key });
  }

  #forget(uid: string, id: string): void {
    const places = this.#dependents.get(uid);
    places?.delete(id);
    if (places?.size === 0) this.#dependents.delete(uid);
  }

  #add(name: string, place: Place): void {
    const task = `${name} ${place.id}`;
    this.#places.set(task, place);
    this.#queue.add(task);
  }

  #wakeOwner(owner: OwnerReference, namespace: string): void {
    const found = this.#ownerOf(owner, namespace);
    if (found === null || found === 'unknown') return;
    if (found.stored.object.metadata.finalizers?.includes(FOREGROUND_FINALIZER)) this.#add('ending', found.place);
  }

  async #run(task: string): Promise<void> {
    const [name, ...rest] = task.split(' ');
    const id = rest.join(' ');
    if (name === 'orphaned') {
      const places = [...(this.#dependents.get(id)?.values() ?? [])];
      await Promise.all(places.map((place) => this.#collect(place)));
      return;
    }
    const place = this.#places.get(task);
    this.#places.delete(task);
    if (place === undefined) return;
    if (name === 'dependent') await this.#collect(place);
    else await this.#end(place);
  }

  /** Deletes a dependent without owners; takes references to missing owners off one that has others. */
  async #collect({ collection, key }: Place): Promise<void> {
    const stored = collection.latest(key);
    const references = stored?.object.metadata.ownerReferences ?? [];
    if (stored === undefined || references.length === 0) return;
    // What is on its way out already waits for nobody but its own dependents.
    if (stored.object.metadata.deletionTimestamp !== undefined) return;
    const namespace = stored.object.metadata.namespace ?? '';
    const found = references.map((reference) => this.#ownerOf(reference, namespace));
    const missing = references.filter((_, index) => found[index] === null);
    const waiting = references.filter((_, index) => isWaiting(found[index]));
    if (missing.length === 0 && waiting.length === 0) return;
    const gone = new Set([...missing, ...waiting].map((reference) => reference.uid));
    if (gone.size < new Set(references.map((reference) => reference.uid)).size) {
      await this.#dropOwners(collection, key, gone);
      return;
    }
    const { uid = '', finalizers } = stored.object.metadata;
    // Where a dependent waits already, waiting for it might go round in a circle, and nobody would ever end.
    if (waiting.length > 0 && this.#waits(uid)) await this.#unblockOwners(collection, key);
    // What has dependents of its own and blocks an owner has to wait for them in turn.
    const foreground = finalizers?.includes(FOREGROUND_FINALIZER) || (waiting.length > 0 && this.#dependents.has(uid));
    const orphan = finalizers?.includes(ORPHAN_FINALIZER);
    await this.#delete(collection, stored, foreground ? 'Foreground' : orphan ? 'Orphan' : 'Background');
  }

  /** Whether a dependent of the object is being deleted in the foreground. */
  #waits(uid: string): boolean {
    const places = [...(this.#dependents.get(uid)?.values() ?? [])];
    return places.some(({ collection, key }) => {
      const stored = collection.latest(key);
      return stored !== undefined && isWaiting({ stored });
    });
  }

  async #delete(
    collection: Collection,
    stored: Stored,
    propagation: 'Foreground' | 'Orphan' | 'Background',
  ): Promise<void> {
    const kind = kindOfCollection(this.#core, collection.id);
    if (kind === undefined) return;
    const { namespace = '', name = '', uid = '' } = stored.object.metadata;
    try {
      await deleteObject(this.#core, kind, namespace, name, { ...PLAIN_DELETE, propagation, uid }, SYSTEM_USER);
    } catch (error) {
      // Gone already, or another one of that name: either way not ours any more.
      if (!isNotFound(error) && (error as { status?: number }).status !== 409) throw error;
    }
  }

  /** An object on its way out: orphan its dependents, or end when none blocks it any more. */
  async #end(place: Place): Promise<void> {
    const { collection, key } = place;
    const object = collection.latest(key)?.object;
    if (object?.metadata.deletionTimestamp === undefined) return;
    const { uid = '', finalizers = [] } = object.metadata;
    const dependents = [...(this.#dependents.get(uid)?.values() ?? [])];
    if (finalizers.includes(ORPHAN_FINALIZER)) {
      await Promise.all(dependents.map((each) => this.#dropOwners(each.collection, each.key, new Set([uid]))));
      await this.#dropFinalizer(collection, key, ORPHAN_FINALIZER);
      return;
    }
    if (!finalizers.includes(FOREGROUND_FINALIZER)) return;
    await Promise.all(dependents.map((each) => this.#collect(each)));
    const blocking = [...(this.#dependents.get(uid)?.values() ?? [])].filter(({ collection: at, key: of }) =>
      at.latest(of)?.object.metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion),
    );
    if (blocking.length === 0) await this.#dropFinalizer(collection, key, FOREGROUND_FINALIZER);
  }

  #dropFinalizer(collection: Collection, key: string, finalizer: string): Promise<void> {
    return this.#change(collection, key, (object) => {
      const left = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
      if (left.length > 0) object.metadata.finalizers = left;
      else delete object.metadata.finalizers;
    });
  }

  #dropOwners(collection: Collection, key: string, uids: ReadonlySet<string>): Promise<void> {
    return this.#change(collection, key, (object) => {
      const left = (object.metadata.ownerReferences ?? []).filter((owner) => !uids.has(owner.uid));
      if (left.length > 0) object.metadata.ownerReferences = left;
      else delete object.metadata.ownerReferences;
    });
  }

  #unblockOwners(collection: Collection, key: string): Promise<void> {
    return this.#change(collection, key, (object) => {
      for (const owner of object.metadata.ownerReferences ?? [])
        if (owner.blockOwnerDeletion === true) owner.blockOwnerDeletion = false;
    });
  }

  async #change(collection: Collection, key: string, edit: (object: KubeObject) => void): Promise<void> {
    const kind = kindOfCollection(this.#core, collection.id);
    const stored = collection.latest(key);
    if (kind === undefined || stored === undefined) return;
    try {
      await changeObject({
        core: this.#core,
        kind,
        namespace: stored.object.metadata.namespace ?? '',
        name: stored.object.metadata.name ?? '',
        subresource: '',
        user: SYSTEM_USER,
        options: MANAGER,
        next: (old) => {
          const object = cloneJson(old);
          edit(object);
          return object;
        },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Null: it is certainly not there. `unknown`: its kind is not served, so nothing can be said. */
  #ownerOf(owner: OwnerReference, namespace: string): { stored: Stored; place: Place } | null | 'unknown' {
    const kind = this.#core.registry.findKind(owner.apiVersion, owner.kind);
    // What belongs to the cluster cannot be owned from inside a namespace: nobody says which one.
    if (kind === undefined || (kind.namespaced && namespace === '')) return 'unknown';
    const collection = collectionOf(this.#core, kind);
    const key = keyOf(kind, namespace, owner.name);
    const stored = collection.latest(key);
    if (stored === undefined || stored.object.metadata.uid !== owner.uid) return null;
    return { stored, place: { id: `${collection.id} ${key}`, collection, key } };
  }
}

/** The object when it may be owned or on its way out; null for most, which need not be decoded. */
function concerning(stored: Stored | null): KubeObject | null {
  if (stored === null) return null;
  return stored.mayHave('ownerReferences') || stored.mayHave('deletionTimestamp') ? stored.object : null;
}

/** The owner is being deleted in the foreground: it waits for its dependents to go. */
function isWaiting(found: { stored: Stored } | null | 'unknown' | undefined): boolean {
  if (found === null || found === undefined || found === 'unknown') return false;
  const { deletionTimestamp, finalizers } = found.stored.object.metadata;
  return deletionTimestamp !== undefined && (finalizers ?? []).includes(FOREGROUND_FINALIZER);
}
