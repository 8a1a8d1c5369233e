/** One timer for every age on the page, and ages as kubectl writes them. */
import { useSyncExternalStore } from 'react';

const TICK_MS = 1_000;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time as text of the age of `iso`; the component renders again only when the text changes. */
export function useAge(iso: string | null): string {
  return useSyncExternalStore(subscribe, () => (iso === null ? '' : formatAge(now - Date.parse(iso))));
}

/** As kubectl: the two largest units while small, one when large (`45s`, `3m20s`, `5h`, `4h12m`, `9d`, `1y40d`). Negative counts as zero. */
export function formatAge(milliseconds: number): string {
  if (Number.isNaN(milliseconds)) return '';
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const years = Math.floor(days / 365);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return `${minutes}m${part(seconds % 60, 's')}`;
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return `${hours}h${part(minutes % 60, 'm')}`;
  if (hours < 48) return `${hours}h`;
  if (days < 8) return `${days}d${part(hours % 24, 'h')}`;
  if (days < 730) return `${days}d`;
  return `${years}y${years < 8 ? part(days % 365, 'd') : ''}`;
}

function part(value: number, unit: string): string {
  return value === 0 ? '' : `${value}${unit}`;
}
