/**
 * Live data from the engine's subscriptions, for `useSyncExternalStore`. One source is shared by everybody who looks at
 * it; it is opened by the first reader and closed a little after the last. When the connection is lost the last data
 * stay, marked stale, and the subscription is opened anew on the next connection.
 */
import { useSyncExternalStore } from 'react';
import type { AppErrorShape } from '#shared/errors.ts';
import { useConnection } from '../../stores/connection.ts';
import { toShape } from './client.ts';

export interface Live<T> {
  /** Undefined until the first answer. */
  data: T | undefined;
  status: 'loading' | 'live' | 'stale';
  /** ISO time since when the status holds. */
  since: string;
  /** Why it is stale, when it is not merely the connection. */
  error: AppErrorShape | null;
}

interface Handlers<T> {
  onData(data: T): void;
  onError(error: unknown): void;
  onComplete(): void;
}
export type Open<T> = (handlers: Handlers<T>) => { unsubscribe(): void };

export interface LiveSource<T> {
  get(): Live<T>;
  subscribe(listener: () => void): () => void;
}

/** The part of the connection store a source needs; a test passes its own. */
export interface ConnectionLike {
  getState(): { status: string; epoch: number };
  subscribe(listener: () => void): () => void;
}

const LINGER_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

export function createLive<T>(
  open: Open<T>,
  connection: ConnectionLike = useConnection,
  lingerMs = LINGER_MS,
): LiveSource<T> {
  let state: Live<T> = { data: undefined, status: 'loading', since: now(), error: null };
  const listeners = new Set<() => void>();
  let subscription: { unsubscribe(): void } | null = null;
  let epoch = -1;
  let retryMs = FIRST_RETRY_MS;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let linger: ReturnType<typeof setTimeout> | undefined;
  let stopWatching: (() => void) | null = null;

  function set(change: Partial<Live<T>>) {
    const status = change.status ?? state.status;
    state = { ...state, ...change, since: status === state.status ? state.since : now() };
    for (const listener of listeners) listener();
  }
  function stopSubscription() {
    clearTimeout(retry);
    subscription?.unsubscribe();
    subscription = null;
  }
  function fail(error: AppErrorShape | null) {
    stopSubscription();
    set({ status: state.data === undefined && error === null ? 'loading' : 'stale', error });
    retry = setTimeout(start, retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  }
  function start() {
    stopSubscription();
    if (connection.getState().status !== 'open') return;
    epoch = connection.getState().epoch;
    const mine = open({
      onData: (data) => {
        retryMs = FIRST_RETRY_MS;
        set({ data, status: 'live', error: null });
      },
      onError: (error) => fail(toShape(error)),
      onComplete: () => fail(null),
    });
    subscription = mine;
  }
  function connectionChanged() {
    const { status, epoch: current } = connection.getState();
    if (status !== 'open') {
      stopSubscription();
      if (state.status === 'live') set({ status: 'stale', error: null });
    } else if (current !== epoch || subscription === null) start();
  }

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      clearTimeout(linger);
      if (stopWatching === null) {
        stopWatching = connection.subscribe(connectionChanged);
        start();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        linger = setTimeout(() => {
          stopWatching?.();
          stopWatching = null;
          stopSubscription();
          epoch = -1;
          if (state.status === 'live') state = { ...state, status: 'stale', since: now() };
        }, lingerMs);
      };
    },
  };
}

export function useLive<T>(source: LiveSource<T>): Live<T> {
  return useSyncExternalStore(source.subscribe, source.get);
}

function now(): string {
  return new Date().toISOString();
}
