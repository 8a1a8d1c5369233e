/**
 * The rows of a view in order. A new order sorts once; after that a batch of changes costs a binary search per row, or
 * one merge when there are many, never a sort of everything.
 */
import type { KindDefinition } from './columns/index.ts';
import { quantityValue } from './quantity.ts';
import type { Row } from './row.ts';

export interface Sorting {
  /** `name`, `namespace`, `target`, or the id of a column. */
  column: string;
  descending: boolean;
}

export type Compare = (a: Row, b: Row) => number;
type SortKey = string | number | null;

/** Above this many changes in a batch one pass over everything is cheaper than moving the tail for each. */
const MERGE_FROM = 24;

export class SortedIndex {
  #rows: Row[] = [];
  readonly #compare: Compare;

  constructor(rows: Row[], compare: Compare) {
    this.#compare = compare;
    this.#rows = rows.sort(compare);
  }

  get length(): number {
    return this.#rows.length;
  }

  window(offset: number, limit: number): Row[] {
    return this.#rows.slice(offset, offset + limit);
  }

  all(): readonly Row[] {
    return this.#rows;
  }

  /** `removed` are rows that are in the index, `added` rows that are not. */
  apply(removed: readonly Row[], added: readonly Row[]): void {
    if (removed.length + added.length < MERGE_FROM) {
      for (const row of removed) {
        const at = this.#find(row);
        if (this.#rows[at] === row) this.#rows.splice(at, 1);
      }
      for (const row of added) this.#rows.splice(this.#find(row), 0, row);
    } else {
      this.#merge(new Set(removed), [...added].sort(this.#compare));
    }
  }

  /** First position whose row does not come before the given one. */
  #find(row: Row): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#rows[middle] as Row, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #merge(removed: ReadonlySet<Row>, added: readonly Row[]): void {
    const merged: Row[] = [];
    let next = 0;
    for (const row of this.#rows) {
      if (removed.has(row)) continue;
      while (next < added.length && this.#compare(added[next] as Row, row) < 0) merged.push(added[next++] as Row);
      merged.push(row);
    }
    while (next < added.length) merged.push(added[next++] as Row);
    this.#rows = merged;
  }
}

/** A total order: by the column, then by name, namespace, target and uid, so that a row has exactly one place. */
export function compareBy(definition: KindDefinition, sorting: Sorting): Compare {
  const byColumn = columnCompare(definition, sorting);
  const sign = sorting.descending ? -1 : 1;
  return (a, b) => {
    const order = byColumn(a, b);
    return order !== 0 ? order : sign * byName(a, b);
  };
}

function byName(a: Row, b: Row): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.source !== b.source) {
    if (a.source.name !== b.source.name) return a.source.name < b.source.name ? -1 : 1;
    if (a.source.prefix !== b.source.prefix) return a.source.prefix < b.source.prefix ? -1 : 1;
  }
  return a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0;
}

/** Empty cells come last in either direction: what has no value is never what one sorts for. */
function columnCompare(definition: KindDefinition, { column, descending }: Sorting): Compare {
  const key = keyReader(definition, column);
  if (key === null) return () => 0;
  const up = descending ? 1 : -1;
  return (a, b) => {
    const left = key(a);
    const right = key(b);
    if (left === right) return 0;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right ? up : -up;
  };
}

function keyReader(definition: KindDefinition, column: string): ((row: Row) => SortKey) | null {
  if (column === 'namespace') return (row) => row.namespace;
  if (column === 'target') return (row) => row.source.name;
  const index = definition.columns.findIndex((candidate) => candidate.id === column);
  const found = definition.columns[index];
  if (found === undefined) return null;
  if (found.kind === 'quantity') return numeric(index, (cell) => quantityValue(cell));
  // An age grows as its time of birth shrinks: the youngest first when ascending.
  if (found.kind === 'age')
    return numeric(index, (cell) => (Number.isNaN(Date.parse(cell)) ? null : -Date.parse(cell)));
  // `3/5` sorts by what is there, then by what is wanted.
  if (found.id === 'ready' || found.id === 'completions') return numeric(index, fractionValue);
  return (row) => row.cells[index] ?? null;
}

/** Parsing is repeated for the same few texts in every comparison, so what was parsed is kept as long as the order. */
function numeric(index: number, parse: (cell: string) => number | null): (row: Row) => SortKey {
  const parsed = new Map<string, number | null>();
  return (row) => {
    const cell = row.cells[index];
    if (typeof cell !== 'string') return cell ?? null;
    let value = parsed.get(cell);
    if (value === undefined) {
      value = parse(cell);
      parsed.set(cell, value);
    }
    return value;
  };
}

function fractionValue(cell: string): number | null {
  const match = /^(\d+)\/(\d+)/.exec(cell);
  return match === null ? null : Number(match[1]) + Number(match[2]) / 1e6;
}
