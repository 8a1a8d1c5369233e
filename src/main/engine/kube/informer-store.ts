/**
 * The kept items of an informer and their delivery to handlers: in order, after the store has changed, never
 * re-entrantly, and a handler that throws stops nobody.
 */
import type { AppErrorShape } from '#shared/errors.ts';
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import type { InformerHandler, InformerState } from './informer-types.ts';

/** What is kept beside the projection to tell a relisted object from a changed one. */
export interface Entry<T> {
  value: T;
  uid: string | undefined;
  resourceVersion: string | undefined;
}

export class InformerStore<T> {
  readonly items = new Map<string, T>();
  readonly #versions = new Map<string, { uid: string | undefined; resourceVersion: string | undefined }>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #project: (object: KubeObject) => T;
  #queue: (() => void)[] = [];
  #draining = false;

  constructor(project: (object: KubeObject) => T) {
    this.#project = project;
  }

  stage(into: Map<string, Entry<T>>, object: KubeObject): void {
    into.set(objectKey(object), this.#entryOf(object));
  }

  put(object: KubeObject): void {
    const key = objectKey(object);
    const entry = this.#entryOf(object);
    const known = this.#versions.get(key);
    // A resumed watch may repeat what the list already had.
    if (known !== undefined && entry.resourceVersion !== undefined && sameVersion(known, entry)) return;
    this.#change(key, entry);
    this.#drain();
  }

  remove(key: string): void {
    this.#drop(key);
    this.#drain();
  }

  /** Swaps a complete list in; handlers hear only of differences, after all of them have been made. */
  replace(staged: Map<string, Entry<T>>): void {
    for (const key of [...this.items.keys()]) if (!staged.has(key)) this.#drop(key);
    for (const [key, entry] of staged) {
      const known = this.#versions.get(key);
      if (known !== undefined && entry.resourceVersion !== undefined && sameVersion(known, entry)) continue;
      this.#change(key, entry);
    }
    this.#drain();
  }

  announce(state: InformerState, reason: AppErrorShape | null): void {
    this.#tell((handler) => handler.onState?.(state, reason));
    this.#drain();
  }

  subscribe(handler: InformerHandler<T>): () => void {
    for (const [key, value] of [...this.items]) guarded(() => handler.onAdd?.(value, key));
    this.#handlers.add(handler);
    return () => {
      this.#handlers.delete(handler);
    };
  }

  close(): void {
    this.#handlers.clear();
  }

  #entryOf(object: KubeObject): Entry<T> {
    const { uid, resourceVersion } = object.metadata;
    return { value: this.#project(withoutManagedFields(object)), uid, resourceVersion };
  }

  #change(key: string, entry: Entry<T>): void {
    const known = this.#versions.get(key);
    // Deleted and made again while nobody watched: two facts, not an update.
    if (known !== undefined && known.uid !== entry.uid) this.#drop(key);
    const existed = this.items.has(key);
    const previous = this.items.get(key) as T;
    this.items.set(key, entry.value);
    this.#versions.set(key, { uid: entry.uid, resourceVersion: entry.resourceVersion });
    const { value } = entry;
    if (existed) this.#tell((handler) => handler.onUpdate?.(value, previous, key));
    else this.#tell((handler) => handler.onAdd?.(value, key));
  }

  #drop(key: string): void {
    if (!this.items.has(key)) return;
    const value = this.items.get(key) as T;
    this.items.delete(key);
    this.#versions.delete(key);
    this.#tell((handler) => handler.onDelete?.(value, key));
  }

  /** The receivers are those subscribed at the time of the change: a later one has seen the change in its first items. */
  #tell(deliver: (handler: InformerHandler<T>) => void): void {
    if (this.#handlers.size === 0) return;
    const receivers = [...this.#handlers];
    this.#queue.push(() => {
      for (const handler of receivers) if (this.#handlers.has(handler)) guarded(() => deliver(handler));
    });
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let index = 0; index < this.#queue.length; index++) this.#queue[index]?.();
    } finally {
      this.#queue = [];
      this.#draining = false;
    }
  }
}

function sameVersion(
  a: { uid: string | undefined; resourceVersion: string | undefined },
  b: { uid: string | undefined; resourceVersion: string | undefined },
): boolean {
  return a.uid === b.uid && a.resourceVersion === b.resourceVersion;
}

/** managedFields are a third of an object and nobody reads them from a cache. The given object is left as it is: it may be shared. */
function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _dropped, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** A handler's own mistake surfaces as an unhandled error of the process, never as a broken cache. */
function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    reportHandlerError(error);
  }
}

let reportHandlerError: (error: unknown) => void = (error) => {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)), 'InformerHandlerError');
};

/** Where the faults of handlers are told; the composition root points it at the log. */
export function onInformerHandlerError(report: (error: unknown) => void): void {
  reportHandlerError = report;
}
