/**
 * A live view opened for as long as the page shows it. Another kind or other clusters open another view; filter, sort,
 * namespaces and window change the open one. After the engine was away the view is opened anew as it is wanted now,
 * and the old rows stay until the new ones are there.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Target } from '#shared/contract/views.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import { engine, toShape } from '../../app/engine/client.ts';
import { useConnection } from '../../stores/connection.ts';
import { formatTargets } from '../../stores/targets.ts';
import { applyViewEvent, type ViewState, type Window, windowFor } from './view-state.ts';

export interface ViewWanted {
  targets: readonly Target[];
  resource: ResourceRef;
  namespaces: readonly string[];
  filter: string;
  sort: { column: string; descending: boolean };
  group: string;
}

export interface View {
  /** Null until the first answer. */
  state: ViewState | null;
  error: AppErrorShape | null;
  /** False while the connection is away and `state` is from before. */
  connected: boolean;
  /** Tells which rows are on the screen. */
  onRange: (first: number, last: number) => void;
  again: () => void;
  /** Of the open view, for asking something about it; empty while there is none. */
  viewId: () => string;
}

const FIRST_WINDOW: Window = { offset: 0, limit: 300 };
const RETRY_MS = 2_000;

export function useView(wanted: ViewWanted): View {
  const [state, setState] = useState<ViewState | null>(null);
  const [error, setError] = useState<AppErrorShape | null>(null);
  const [attempt, setAttempt] = useState(0);
  const status = useConnection((connection) => connection.status);
  const epoch = useConnection((connection) => connection.epoch);
  const viewId = useRef('');
  const windowNow = useRef<Window>(FIRST_WINDOW);
  const latest = useRef(wanted);
  latest.current = wanted;
  const place = `${formatTargets(wanted.targets)} ${wanted.resource.group}/${wanted.resource.version}/${wanted.resource.resource}`;

  const change = useCallback((part: Omit<Parameters<typeof engine.views.change.mutate>[0], 'viewId'>) => {
    // One that is not open yet is told when it is; one that just ended answers NOT_FOUND.
    if (viewId.current !== '') engine.views.change.mutate({ viewId: viewId.current, ...part }).catch(() => undefined);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another place means other columns; old rows would be wrong there.
  useEffect(() => {
    setState(null);
    windowNow.current = FIRST_WINDOW;
  }, [place]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: opened anew for another place, connection or attempt; the rest changes the open view.
  useEffect(() => {
    if (status !== 'open' || latest.current.targets.length === 0) return;
    const id = crypto.randomUUID();
    let current = true;
    let retry: ReturnType<typeof setTimeout> | undefined;
    setError(null);
    const { targets, resource } = latest.current;
    const asked = wishOf(latest.current, windowNow.current);
    const subscription = engine.views.open.subscribe(
      { viewId: id, query: { targets: [...targets], resource, ...asked } },
      {
        onData: (event) => {
          if (!current) return;
          if (viewId.current !== id) {
            viewId.current = id;
            // What a person has typed since it was asked for.
            const now = wishOf(latest.current, windowNow.current);
            if (JSON.stringify(now) !== JSON.stringify(asked)) change(now);
          }
          setState((before) => applyViewEvent(before, event));
        },
        onError: (cause) => {
          if (!current) return;
          const shape = toShape(cause);
          setError(shape);
          if (shape.retryable) retry = setTimeout(() => setAttempt((count) => count + 1), RETRY_MS);
        },
      },
    );
    return () => {
      current = false;
      viewId.current = '';
      clearTimeout(retry);
      subscription.unsubscribe();
    };
  }, [place, status, epoch, attempt]);

  const filterKey = JSON.stringify([wanted.filter, wanted.sort, wanted.namespaces, wanted.group]);
  const told = useRef(filterKey);
  useEffect(() => {
    if (told.current === filterKey) return;
    told.current = filterKey;
    windowNow.current = FIRST_WINDOW;
    change(wishOf(latest.current, FIRST_WINDOW));
  }, [filterKey, change]);

  const onRange = useCallback(
    (first: number, last: number) => {
      const next = windowFor(first, last, windowNow.current);
      if (next === windowNow.current) return;
      windowNow.current = next;
      change(next);
    },
    [change],
  );
  const idNow = useCallback(() => viewId.current, []);
  return {
    state,
    error,
    connected: status === 'open',
    onRange,
    again: () => setAttempt((count) => count + 1),
    viewId: idNow,
  };
}

/** What can be changed of an open view. */
function wishOf({ filter, sort, group, namespaces }: ViewWanted, window: Window) {
  return { filter, sort, group, namespaces: [...namespaces], ...window };
}
