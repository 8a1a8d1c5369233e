/**
 * Where one is, as the fragment of the address: `#/clusters/<id>?q=...`. Every page and every open drawer has one, so
 * that it can be bookmarked, sent and reached with Back. Pure functions first, the hook last.
 */
import { useMemo, useSyncExternalStore } from 'react';

export interface Route {
  /** Decoded parts of the path: `['clusters', '<id>']`; empty for the start page. */
  path: readonly string[];
  query: Readonly<Record<string, string>>;
}

export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#\/?/, '');
  const mark = text.indexOf('?');
  const path = (mark < 0 ? text : text.slice(0, mark)).split('/').filter((part) => part !== '');
  const query: Record<string, string> = {};
  if (mark >= 0) for (const [key, value] of new URLSearchParams(text.slice(mark + 1))) query[key] = value;
  return { path: path.map(decode), query };
}

/** Empty and undefined values are left out. */
export function formatRoute(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined && value !== '') search.set(key, value);
  const text = search.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

export function navigate(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
  how: 'push' | 'replace' = 'push',
): void {
  const hash = formatRoute(path, query);
  if (hash === window.location.hash) return;
  if (how === 'push') window.location.hash = hash;
  else {
    window.history.replaceState(null, '', hash);
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  }
}

/** Changes some values of the query and leaves the rest of the address as it is. */
export function changeQuery(change: Readonly<Record<string, string | undefined>>, how: 'push' | 'replace' = 'replace') {
  const { path, query } = parseRoute(window.location.hash);
  navigate(path, { ...query, ...change }, how);
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
