/** React's side of calls to the engine: one-shot reads by TanStack Query, changes by `useAction`. */
import { QueryClient, useQuery } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import type { AppErrorShape } from '#shared/errors.ts';
import { engine, toShape } from './client.ts';

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The engine is on this machine: a failure is worth showing at once, and a look again is cheap.
      retry: (failures, error) => failures < 2 && toShape(error).retryable,
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      // And it is reached without any network: a browser that believes to be offline must not hold a read back.
      networkMode: 'always',
    },
  },
});

export interface Read<T> {
  data: T | undefined;
  error: AppErrorShape | null;
  loading: boolean;
  again: () => void;
}

/** A one-shot read; `key` names it, `null` as key means: not now. `everyMs` reads again while it is looked at. */
export function useRead<T>(
  key: readonly unknown[] | null,
  read: (signal: AbortSignal) => Promise<T>,
  everyMs: number | false = false,
): Read<T> {
  const query = useQuery({
    queryKey: key ?? ['off'],
    queryFn: ({ signal }) => read(signal),
    enabled: key !== null,
    refetchInterval: everyMs,
  });
  return {
    data: query.data,
    error: query.error === null ? null : toShape(query.error),
    loading: query.isFetching,
    again: () => void query.refetch(),
  };
}

export const useSystemInfo = () =>
  useRead(['system', 'info'], (signal) => engine.system.info.query(undefined, { signal }));

export interface Action<A extends unknown[], R> {
  /** Runs it; resolves with null when it failed, and `error` says why. */
  run: (...args: A) => Promise<{ value: R } | null>;
  pending: boolean;
  error: AppErrorShape | null;
  reset: () => void;
}

/** A change asked of the engine: pending and error as state, never an unhandled rejection. The last run wins. */
export function useAction<A extends unknown[], R>(work: (...args: A) => Promise<R>): Action<A, R> {
  const [state, setState] = useState<{ pending: boolean; error: AppErrorShape | null }>({
    pending: false,
    error: null,
  });
  const latest = useRef(work);
  latest.current = work;
  const runs = useRef(0);
  const run = useCallback(async (...args: A) => {
    const mine = ++runs.current;
    setState({ pending: true, error: null });
    try {
      const value = await latest.current(...args);
      if (mine === runs.current) setState({ pending: false, error: null });
      return { value };
    } catch (error) {
      if (mine === runs.current) setState({ pending: false, error: toShape(error) });
      return null;
    }
  }, []);
  const reset = useCallback(() => {
    runs.current++;
    setState({ pending: false, error: null });
  }, []);
  return { run, ...state, reset };
}
