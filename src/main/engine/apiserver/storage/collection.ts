/**
 * All objects of one resource in memory: committed state, state of the batch under way, and the recent events that let a
 * watch resume and a paged list stay consistent. Order is that of the real server's keys: namespace, then name.
 */
import type { Stored } from './stored.ts';
import type { StoreEvent } from './types.ts';

/** A watch older than this many events of its resource has to list again (410 Expired), as after an etcd compaction. */
export const EVENTS_KEPT = 2048;
/** So much text of them is kept at most, in UTF-16 units, as long as that is enough for `FEWEST_KEPT`: large objects that change often. */
export const UNITS_KEPT = 32 << 20;
const FEWEST_KEPT = 128;

export class Collection {
  readonly id: string;
  /** What readers see: acknowledged, or about to be. */
  readonly items = new Map<string, Stored>();
  /** What writers see on top of `items`: the last change of each object that is not on disk yet. */
  readonly pending = new Map<string, StoreEvent>();
  readonly watchers = new Set<(event: StoreEvent) => void>();
  /** Events at or before this revision are forgotten. */
  compactedRevision: number;
  /** It began after the store, and all that has happened since is known: before that it had nothing. */
  #isWhole: boolean;
  #events: StoreEvent[] = [];
  /** Length of the text of all of them. */
  #units = 0;
  #sorted: string[] = [];
  #unsorted: string[] = [];
  #removed = false;

  constructor(id: string, revision: number, late = false) {
    this.id = id;
    this.compactedRevision = revision;
    this.#isWhole = late;
  }

  /** For writers: the newest state, durable or not. */
  latest(key: string): Stored | undefined {
    const pending = this.pending.get(key);
    if (pending !== undefined) return pending.type === 'DELETED' ? undefined : pending.current;
    return this.items.get(key);
  }

  /** Puts a row read from disk. */
  restore(key: string, stored: Stored): void {
    this.items.set(key, stored);
    this.#unsorted.push(key);
  }

  /** The changes before the start, oldest first and complete after `from`: watches go on from there. */
  restoreEvents(events: StoreEvent[], from: number): void {
    this.#events = events;
    this.#units = unitsOf(events);
    this.compactedRevision = from;
    this.#isWhole = false;
  }

  /** Makes one durable change visible. The caller tells the watchers. */
  apply(event: StoreEvent): void {
    if (this.pending.get(event.key) === event) this.pending.delete(event.key);
    if (event.type === 'DELETED') {
      this.items.delete(event.key);
      this.#removed = true;
    } else {
      if (!this.items.has(event.key)) this.#unsorted.push(event.key);
      this.items.set(event.key, event.current);
    }
    this.#events.push(event);
    this.#units += event.current.text.length;
    const { length } = this.#events;
    if (length > EVENTS_KEPT * 2 || (this.#units > UNITS_KEPT * 2 && length > FEWEST_KEPT * 2)) this.#forgetSome();
  }

  /** Half of what may be kept is left. */
  #forgetSome(): void {
    let from = this.#events.length;
    let units = 0;
    while (from > 0 && this.#events.length - from < EVENTS_KEPT) {
      units += this.#events[from - 1]!.current.text.length;
      if (units > UNITS_KEPT && this.#events.length - from >= FEWEST_KEPT) break;
      from -= 1;
    }
    this.#events = this.#events.slice(from);
    this.#units = unitsOf(this.#events);
    this.compactedRevision = this.#events[0]!.revision - 1;
    this.#isWhole = false;
  }

  /** Keys in order; `prefix` is `namespace/` or empty. */
  keys(prefix = ''): string[] {
    const sorted = this.#sort();
    if (prefix === '') return sorted;
    const from = lowerBound(sorted, prefix);
    // The code unit after '/' bounds everything that starts with the prefix.
    const to = lowerBound(sorted, `${prefix.slice(0, -1)}0`);
    return sorted.slice(from, to);
  }

  /** Events after `revision`, oldest first; null when they are no longer all kept. */
  eventsAfter(revision: number): StoreEvent[] | null {
    if (revision < this.compactedRevision) return null;
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#events[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }

  /** The state as it was at `revision`, in order; null when it can no longer be told. */
  snapshot(revision: number, prefix = ''): { key: string; stored: Stored }[] | null {
    const events = this.eventsAfter(this.#isWhole ? Math.max(revision, this.compactedRevision) : revision);
    if (events === null) return null;
    const before = new Map<string, Stored | null>();
    for (const event of events) if (!before.has(event.key)) before.set(event.key, event.previous);
    const keys = this.keys(prefix);
    const extra = [...before].filter(([key, was]) => was !== null && key.startsWith(prefix) && !this.items.has(key));
    const all = extra.length === 0 ? keys : [...keys, ...extra.map(([key]) => key)].sort();
    const result: { key: string; stored: Stored }[] = [];
    for (const key of all) {
      const was = before.get(key);
      const stored = was === undefined ? this.items.get(key) : was;
      if (stored !== null && stored !== undefined) result.push({ key, stored });
    }
    return result;
  }

  /** Forgets the events up to now (compaction): used by tests and when history costs too much. */
  compact(revision: number): void {
    this.#events = [];
    this.#units = 0;
    this.compactedRevision = revision;
    this.#isWhole = false;
  }

  #sort(): string[] {
    if (this.#removed) {
      this.#sorted = this.#sorted.filter((key) => this.items.has(key));
      this.#unsorted = this.#unsorted.filter((key) => this.items.has(key));
      this.#removed = false;
    }
    if (this.#unsorted.length > 0) {
      const added = [...new Set(this.#unsorted)].sort();
      this.#unsorted = [];
      this.#sorted = merge(this.#sorted, added);
    }
    return this.#sorted;
  }
}

function unitsOf(events: readonly StoreEvent[]): number {
  return events.reduce((sum, { current }) => sum + current.text.length, 0);
}

function lowerBound(sorted: string[], value: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Union of two sorted lists without duplicates. */
function merge(a: string[], b: string[]): string[] {
  if (a.length === 0) return b;
  const result: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      result.push(a[i++]!);
      j++;
    } else if (a[i]! < b[j]!) result.push(a[i++]!);
    else result.push(b[j++]!);
  }
  while (i < a.length) result.push(a[i++]!);
  while (j < b.length) result.push(b[j++]!);
  return result;
}
