/**
 * Contract between the object store (memory maps, revisions, events) and whatever keeps the bytes.
 * A backend is handed whole batches: either everything in a batch is durable when `commit` is done, or nothing is.
 */
import type { Stored } from './stored.ts';

export interface StoredRow {
  collection: string;
  key: string;
  value: string;
  revision: number;
}

export interface BatchOperation {
  collection: string;
  key: string;
  /** Null deletes. */
  value: string | null;
  revision: number;
}

export interface StorageBackend {
  /** Everything stored, in any order, and the last revision handed out. */
  load(visit: (row: StoredRow) => void): number;
  /**
   * Durable when it returns or resolves; a second batch is not handed over before. Throws or rejects when that is
   * impossible: nothing of the batch counts then.
   */
  commit(operations: readonly BatchOperation[], revision: number): void | Promise<void>;
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
