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
  /** What it was before; null: nothing. */
  previous: { value: string; revision: number } | null;
  /** Final state of what is deleted; null for everything else. */
  last: string | null;
}

/** One of the latest changes, as a backend remembers it: enough to undo it. */
export interface HistoryRow {
  revision: number;
  collection: string;
  key: string;
  previous: string | null;
  previousRevision: number | null;
  /** Final state of what was deleted; null: it was created or changed. */
  last: string | null;
}

export interface StorageBackend {
  /** Everything stored, in any order, and the last revision handed out. */
  load(visit: (row: StoredRow) => void): number;
  /**
   * The latest changes, newest first and without gap, for watches that go on after a restart. Returns the revision after
   * which they are complete. Called once, after `load`.
   */
  loadHistory(visit: (row: HistoryRow) => void): number;
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
