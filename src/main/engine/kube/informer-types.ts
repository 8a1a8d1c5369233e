/** Contracts of the list-then-watch cache and of the work queue that controllers are built on. */
import type { AppErrorShape } from '#shared/errors.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import type { KubeClient } from './types.ts';

export type InformerState = 'connecting' | 'catchingUp' | 'live' | 'stale' | 'stopped';

export interface InformerOptions<T> {
  client: KubeClient;
  resource: ResourceRef;
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Objects come with the server's own columns (`servedRow`), where it has any. */
  table?: boolean;
  /** What is kept of an object. Default: the object without managedFields. Projecting here is what keeps memory small. */
  project?: (object: KubeObject) => T;
}

/**
 * Calls come in the order of the server's events, after the store has changed, synchronously and never re-entrantly.
 * A handler that throws is reported and does not stop the informer.
 */
export interface InformerHandler<T> {
  onAdd?(object: T, key: string): void;
  onUpdate?(object: T, previous: T, key: string): void;
  onDelete?(object: T, key: string): void;
  /** After every change of state, and after a relist has been swapped in. */
  onState?(state: InformerState, reason: AppErrorShape | null): void;
}

export interface Informer<T = KubeObject> {
  readonly state: InformerState;
  readonly reason: AppErrorShape | null;
  /** ISO time of the last change of state. */
  readonly since: string;
  /** By `namespace/name` (or `name`). */
  readonly items: ReadonlyMap<string, T>;
  get(key: string): T | undefined;
  /** Objects that a list under way has brought so far; 0 when none is. */
  readonly listed: number;
  /** Resolves at the first complete list; rejects only when stopped before. */
  readonly synced: Promise<void>;
  /** Existing items are delivered as adds at once. Returns the unsubscribe function. */
  subscribe(handler: InformerHandler<T>): () => void;
  stop(): void;
}

/**
 * Level-triggered queue of keys: a key is handled by one worker at a time, duplicates coalesce, a failed key comes back
 * with exponential back-off and jitter (base 50 ms, cap 30 s by default), `addAfter` delays.
 */
export interface WorkQueue {
  add(key: string): void;
  addAfter(key: string, delayMs: number): void;
  readonly length: number;
  /** Resolves when nothing is queued, delayed or running: for tests and orderly shutdown. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface WorkQueueOptions {
  name: string;
  concurrency?: number;
  baseDelayMs?: number;
  maxDelayMs?: number;
  /** What is worked on first: the highest number, the longest waiting among equals. Read when a key is added. */
  priorityOf?(key: string): number;
  /** Throw to have the key retried; return a number to have it looked at again after so many ms. */
  reconcile(key: string): Promise<undefined | number>;
  /** Not called any more for what fails after `stop`. */
  onError?(key: string, error: unknown, attempt: number): void;
}
