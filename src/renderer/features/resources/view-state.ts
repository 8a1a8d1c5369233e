/** The renderer's side of a live view: what the engine's events make of the rows on the screen. Pure. */
import type { Freshness, Target, ViewColumn, ViewEvent, ViewGroup, ViewRow } from '#shared/contract/views.ts';

export interface ViewState {
  columns: readonly ViewColumn[];
  namespaces: readonly string[];
  total: number;
  offset: number;
  rows: readonly ViewRow[];
  freshness: readonly Freshness[];
  /** Null when nothing is grouped. */
  groups: readonly ViewGroup[] | null;
}

/**
 * A reset replaces everything; a delta names the keys of the whole window and brings the rows that are new or changed.
 * A key without a row (it cannot happen unless an event was lost) is left out rather than shown empty.
 */
export function applyViewEvent(state: ViewState | null, event: ViewEvent): ViewState | null {
  if (event.type === 'reset') {
    const { columns, namespaces, total, offset, rows, freshness, groups } = event;
    return { columns, namespaces, total, offset, rows, freshness, groups };
  }
  if (state === null) return null;
  const known = new Map(state.rows.map((row) => [row.key, row]));
  for (const row of event.rows) known.set(row.key, row);
  return {
    ...state,
    total: event.total,
    rows: event.order.flatMap((key) => known.get(key) ?? []),
    freshness: event.freshness ?? state.freshness,
    namespaces: event.namespaces ?? state.namespaces,
    groups: event.groups,
  };
}

/** Since when the rows of a target may be out of date; undefined: they are live, or still coming. */
export function staleSince(freshness: readonly Freshness[], { kind, id }: Target): string | undefined {
  const own = freshness.find(({ target }) => target.kind === kind && target.id === id);
  return own?.state === 'stale' || own?.state === 'disconnected' ? own.since : undefined;
}

export interface Window {
  offset: number;
  limit: number;
}

const STEP = 100;
const LIMIT = 300;

/**
 * The window to ask for when rows `first` to `last` are on the screen: aligned, with room on both sides, and unchanged
 * while the present one still covers them with a margin, so that scrolling a little asks for nothing.
 */
export function windowFor(first: number, last: number, present: Window): Window {
  const margin = STEP / 4;
  const covered =
    first >= present.offset + (present.offset === 0 ? 0 : margin) && last < present.offset + present.limit - margin;
  if (covered) return present;
  const middle = Math.floor((first + last) / 2);
  const offset = Math.max(0, Math.floor((middle - LIMIT / 2) / STEP) * STEP);
  return { offset, limit: Math.max(LIMIT, last - offset + 1) > 500 ? 500 : LIMIT };
}
