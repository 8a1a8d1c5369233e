/**
 * Contract between the object store (memory maps, revisions, events) and whatever keeps the bytes.
 * A backend is handed whole batches: either everything in a batch is durable when `commit` returns, or nothing is.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';

/** One object as stored. Never changed in place once stored: a write replaces it. */
export interface Stored {
  readonly object: KubeObject;
  readonly revision: number;
  /** The JSON of `object` while it is fresh (until its event has been handed to the watchers); null later, to save memory. */
  text: string | null;
}

export interface StoredRow {
  collection: string;
  key: string;
  value: string;
}

export interface BatchOperation {
  collection: string;
  key: string;
  /** Null deletes. */
  value: string | null;
}

export interface StorageBackend {
  /** Everything stored, in any order, and the last revision handed out. */
  load(visit: (row: StoredRow) => void): number;
  /** Durable when it returns. Throws (and has changed nothing) when that is impossible. */
  commit(operations: readonly BatchOperation[], revision: number): void;
  /** Small values beside the objects: last port, server identity. */
  readSetting(name: string): string | null;
  writeSetting(name: string, value: string): void;
  close(): void;
}

export type StoreEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface StoreEvent {
  readonly type: StoreEventType;
  readonly key: string;
  readonly revision: number;
  /** After the change; for DELETED the last state, carrying the revision of the deletion. */
  readonly current: Stored;
  /** Before the change; null for ADDED. */
  readonly previous: Stored | null;
}

export function textOf(stored: Stored): string {
  return stored.text ?? JSON.stringify(stored.object);
}
