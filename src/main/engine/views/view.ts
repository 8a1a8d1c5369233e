/**
 * One open view: what a person looks at. Keeps the matching rows of its feeds in order, remembers what it has sent, and
 * says what changed. Knows nothing of time or transport: the caller decides when to ask for the next event.
 */

import type { z } from 'zod';
import type { Freshness, ViewColumn, ViewEvent, ViewGroup, ViewQuery } from '#shared/contract/views.ts';
import type { KindDefinition } from './columns/index.ts';
import type { Feed } from './feed.ts';
import { narrows, parseFilter, type RowFilter } from './filter.ts';
import { arrange, byName, compareBy, groupText, type Sorting } from './order.ts';
import { keyOf, type Row, toViewRow } from './row.ts';
import { SortedIndex } from './sorted-index.ts';

export type Query = z.output<typeof ViewQuery>;
export type QueryChange = Partial<Pick<Query, 'offset' | 'limit' | 'filter' | 'namespaces' | 'sort' | 'group'>>;

const MOST_GROUPS = 100;

export class View {
  query: Query;
  readonly #definition: KindDefinition;
  readonly #onDirty: () => void;
  readonly #feeds = new Map<Feed, () => void>();
  #matches: RowFilter;
  /** Every row of every feed by name: a new filter or order starts from here, and never has to compare names again. */
  #base = new SortedIndex([], byName);
  /** The rows that match, in the order asked for. */
  #index: SortedIndex;
  /** Since the last event, by key of feed and row: the row in the index, and what it is now. */
  #changes = new Map<string, { before: Row | null; after: Row | null }>();
  /** How many rows each namespace has, over all feeds and regardless of the filter. */
  readonly #namespaces = new Map<string, number>();
  /** How many matching rows each group has; null when nothing is grouped. */
  #groups: Map<string, number> | null = null;
  #groupOf: ((row: Row) => string) | null = null;
  /** Columns of the last reset: a kind learns further ones from its servers. */
  #sentColumns = 0;
  #sent = new Map<string, Row>();
  #sentTotal = -1;
  #sentOrder: string[] = [];
  #freshnessDirty = true;
  #namespacesDirty = true;
  #rebuild = true;
  /** How much of the index is to be made anew: all of it, or what it holds has only to be looked through again. */
  #stale: 'no' | 'narrower' | 'all' = 'all';
  #reset = true;

  constructor(query: Query, definition: KindDefinition, onDirty: () => void) {
    this.query = query;
    this.#definition = definition;
    this.#onDirty = onDirty;
    this.#matches = parseFilter(definition, query);
    this.#index = new SortedIndex([], compareBy(definition, this.#sorting()));
  }

  /** True when the person changed the query and waits to see it. */
  get asked(): boolean {
    return this.#reset;
  }

  attach(feed: Feed): void {
    if (this.#feeds.has(feed)) return;
    const unsubscribe = feed.subscribe({
      onRow: (before, after) => this.#onRow(before, after),
      onFreshness: () => {
        this.#freshnessDirty = true;
        this.#onDirty();
      },
    });
    this.#feeds.set(feed, unsubscribe);
    for (const row of feed.rows.values()) this.#countNamespace(row, 1);
    this.#rebuild = true;
    this.#freshnessDirty = true;
    this.#onDirty();
  }

  detach(feed: Feed): void {
    const unsubscribe = this.#feeds.get(feed);
    if (unsubscribe === undefined) return;
    unsubscribe();
    this.#feeds.delete(feed);
    for (const row of feed.rows.values()) this.#countNamespace(row, -1);
    this.#rebuild = true;
    this.#freshnessDirty = true;
    this.#onDirty();
  }

  change(change: QueryChange): void {
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as QueryChange;
    const before = this.query;
    this.query = { ...before, ...given };
    const { filter, sort } = this.query;
    if (given.filter !== undefined || given.namespaces !== undefined)
      this.#matches = parseFilter(this.#definition, this.query);
    const reordered = sort.column !== before.sort.column || sort.descending !== before.sort.descending;
    if (given.namespaces !== undefined || given.group !== undefined || reordered || !narrows(before.filter, filter))
      this.#stale = 'all';
    else if (filter !== before.filter && this.#stale === 'no') this.#stale = 'narrower';
    this.#reset = true;
    this.#onDirty();
  }

  /** What to send now; null when nothing that is visible has changed. */
  next(): ViewEvent | null {
    if (this.#definition.columns.length !== this.#sentColumns) this.#takeColumns();
    this.#bringUpToDate();
    return this.#reset ? this.#resetEvent() : this.#deltaEvent();
  }

  /** Every row that matches now, in order: for what is done with all of them. */
  matching(): readonly Row[] {
    this.#bringUpToDate();
    return this.#index.rows;
  }

  get definition(): KindDefinition {
    return this.#definition;
  }

  #sorting(): Sorting {
    return { ...this.query.sort, ...(this.query.group === '' ? {} : { group: this.query.group }) };
  }

  #takeColumns(): void {
    this.#sentColumns = this.#definition.columns.length;
    this.#matches = parseFilter(this.#definition, this.query);
    this.#stale = 'all';
    this.#reset = true;
  }

  #onRow(before: Row | null, after: Row | null): void {
    if (before?.namespace !== after?.namespace || before === null || after === null) {
      if (before !== null) this.#countNamespace(before, -1);
      if (after !== null) this.#countNamespace(after, 1);
    }
    this.#freshnessDirty ||= before === null || after === null;
    if (!this.#rebuild) {
      // A row made anew under the same name has another uid, and so a place of its own.
      if (before !== null && after !== null && before.uid !== after.uid) {
        this.#note(before, null);
        this.#note(null, after);
      } else this.#note(before, after);
    }
    this.#onDirty();
  }

  #note(before: Row | null, after: Row | null): void {
    const row = (before ?? after) as Row;
    const key = keyOf(row);
    const known = this.#changes.get(key);
    if (known === undefined) this.#changes.set(key, { before, after });
    else known.after = after;
  }

  #bringUpToDate(): void {
    if (this.#rebuild) {
      const rows: Row[] = [];
      for (const feed of this.#feeds.keys()) for (const row of feed.rows.values()) rows.push(row);
      this.#base = new SortedIndex(rows.sort(byName), byName);
      this.#rebuild = false;
      this.#stale = 'all';
    } else if (this.#changes.size > 0) this.#applyChanges();
    this.#changes.clear();
    if (this.#stale === 'no') return;
    const sorting = this.#sorting();
    const compare = compareBy(this.#definition, sorting);
    const rows =
      this.#stale === 'narrower'
        ? this.#index.rows.filter(this.#matches)
        : arrange(this.#base.rows.filter(this.#matches), this.#definition, sorting);
    this.#stale = 'no';
    this.#index = new SortedIndex(rows, compare);
    this.#groupOf = groupText(this.#definition, this.query.group);
    this.#groups = this.#groupOf === null ? null : new Map();
    for (const row of this.#index.rows) this.#countGroup(row, 1);
  }

  #countGroup(row: Row, by: 1 | -1): void {
    if (this.#groups === null || this.#groupOf === null) return;
    const group = this.#groupOf(row);
    const count = (this.#groups.get(group) ?? 0) + by;
    if (count <= 0) this.#groups.delete(group);
    else this.#groups.set(group, count);
  }

  /** The largest first; what is beyond the limit is not named. */
  #groupList(): ViewGroup[] | null {
    if (this.#groups === null) return null;
    return [...this.#groups]
      .map(([value, count]): ViewGroup => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, MOST_GROUPS);
  }

  #applyChanges(): void {
    const removed: Row[] = [];
    const added: Row[] = [];
    for (const { before, after } of this.#changes.values()) {
      if (before === after) continue;
      if (before !== null) removed.push(before);
      if (after !== null) added.push(after);
    }
    this.#base.apply(removed, added);
    if (this.#stale === 'all') return;
    // What is not in the index is not removed from it; when it is looked through again, groups are counted anew too.
    if (this.#stale === 'narrower') {
      this.#index.apply(removed, added);
      return;
    }
    const gone = removed.filter(this.#matches);
    const come = added.filter(this.#matches);
    this.#index.apply(gone, come);
    for (const row of gone) this.#countGroup(row, -1);
    for (const row of come) this.#countGroup(row, 1);
  }

  #resetEvent(): ViewEvent {
    const rows = this.#index.window(this.query.offset, this.query.limit);
    this.#reset = false;
    this.#freshnessDirty = false;
    this.#namespacesDirty = false;
    this.#remember(rows);
    return {
      type: 'reset',
      columns: this.#definition.columns.map(
        ({ id, title, kind, priority }): ViewColumn => ({ id, title, kind, priority }),
      ),
      namespaces: this.#namespaceList(),
      total: this.#index.length,
      offset: this.query.offset,
      rows: rows.map(toViewRow),
      freshness: this.#freshness(),
      groups: this.#groupList(),
    };
  }

  #deltaEvent(): ViewEvent | null {
    const rows = this.#index.window(this.query.offset, this.query.limit);
    const changed = rows.filter((row) => this.#sent.get(keyOf(row)) !== row);
    const order = rows.map(keyOf);
    const moved = order.length !== this.#sentOrder.length || order.some((key, at) => key !== this.#sentOrder[at]);
    const counted = this.#index.length !== this.#sentTotal;
    if (changed.length === 0 && !moved && !counted && !this.#freshnessDirty && !this.#namespacesDirty) return null;
    const event: ViewEvent = {
      type: 'delta',
      total: this.#index.length,
      order,
      rows: changed.map(toViewRow),
      freshness: this.#freshnessDirty ? this.#freshness() : null,
      namespaces: this.#namespacesDirty ? this.#namespaceList() : null,
      groups: this.#groupList(),
    };
    this.#freshnessDirty = false;
    this.#namespacesDirty = false;
    this.#remember(rows);
    return event;
  }

  #remember(rows: readonly Row[]): void {
    this.#sent = new Map(rows.map((row) => [keyOf(row), row]));
    this.#sentOrder = [...this.#sent.keys()];
    this.#sentTotal = this.#index.length;
  }

  #countNamespace(row: Row, by: 1 | -1): void {
    if (row.namespace === '') return;
    const count = (this.#namespaces.get(row.namespace) ?? 0) + by;
    if (count <= 0) this.#namespaces.delete(row.namespace);
    else this.#namespaces.set(row.namespace, count);
    if (count <= 0 || (by === 1 && count === 1)) this.#namespacesDirty = true;
  }

  #namespaceList(): string[] {
    return [...this.#namespaces.keys()].sort();
  }

  /** One entry per target; where a target is read by namespace, the worst of them with all their rows. */
  #freshness(): Freshness[] {
    const byTarget = new Map<string, Freshness>();
    for (const feed of this.#feeds.keys()) {
      const fresh = feed.freshness();
      const known = byTarget.get(feed.source.prefix);
      if (known === undefined) byTarget.set(feed.source.prefix, fresh);
      else {
        const worse = SEVERITY.indexOf(fresh.state) > SEVERITY.indexOf(known.state) ? fresh : known;
        const within = [...(known.within ?? []), ...(fresh.within ?? [])];
        byTarget.set(feed.source.prefix, { ...worse, count: fresh.count + known.count, within });
      }
    }
    return [...byTarget.values()];
  }
}

const SEVERITY: Freshness['state'][] = [
  'live',
  'catchingUp',
  'connecting',
  'stale',
  'disconnected',
  'unknownResource',
  'forbidden',
];
