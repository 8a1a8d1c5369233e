/**
 * The rows of a view in order. A batch of changes costs a binary search per row and, when there are several, one copy of
 * the array; never a sort of everything.
 */
import type { Row } from './row.ts';

export type Compare = (a: Row, b: Row) => number;

/** Above this many changes in a batch one copy of everything is cheaper than moving the tail for each. */
const COPY_FROM = 24;

export class SortedIndex {
  #rows: Row[];
  readonly #compare: Compare;

  /** `rows` must be in the order of `compare`, which must be total; the array is taken over. */
  constructor(rows: Row[], compare: Compare) {
    this.#compare = compare;
    this.#rows = rows;
  }

  get length(): number {
    return this.#rows.length;
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  window(offset: number, limit: number): Row[] {
    return this.#rows.slice(offset, offset + limit);
  }

  /** `removed` are rows that are in the index, `added` rows that are not. */
  apply(removed: readonly Row[], added: readonly Row[]): void {
    if (removed.length + added.length < COPY_FROM) {
      for (const row of removed) {
        const at = this.#find(row);
        if (this.#rows[at] === row) this.#rows.splice(at, 1);
      }
      for (const row of added) this.#rows.splice(this.#find(row), 0, row);
    } else {
      this.#remove(removed);
      this.#insert([...added].sort(this.#compare));
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

  #remove(removed: readonly Row[]): void {
    const gone = new Set<number>();
    for (const row of removed) {
      const at = this.#find(row);
      if (this.#rows[at] === row) gone.add(at);
    }
    if (gone.size === 0) return;
    const positions = [...gone].sort((a, b) => a - b);
    const first = positions[0] as number;
    let to = first;
    let next = 0;
    for (let from = first; from < this.#rows.length; from++) {
      if (from === positions[next]) next += 1;
      else this.#rows[to++] = this.#rows[from] as Row;
    }
    this.#rows.length = to;
  }

  /** `added` in order. Filled from the end, so that nothing is overwritten before it has moved. */
  #insert(added: readonly Row[]): void {
    const rows = this.#rows;
    const positions = added.map((row) => this.#find(row));
    let from = rows.length;
    let to = rows.length + added.length;
    for (let i = added.length - 1; i >= 0; i--) {
      const at = positions[i] as number;
      while (from > at) rows[--to] = rows[--from] as Row;
      rows[--to] = added[i] as Row;
    }
  }
}
