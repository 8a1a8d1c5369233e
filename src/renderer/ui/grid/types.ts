/** What a page says about a table: its columns and rows. Pure types. */
import type { ReactNode } from 'react';

export interface GridColumn<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Makes the column sortable in the grid itself; in grids sorted by the engine any value marks it sortable. */
  sortValue?: (row: Row) => string | number | null;
  /** Smallest width in pixels. */
  width: number;
  /** Share of the space that is left; 0 keeps the width. */
  grow?: number;
  align?: 'right';
  hidden?: boolean;
}

export interface GridSelection {
  keys: ReadonlySet<string>;
  onChange: (keys: ReadonlySet<string>) => void;
  /** Every row of the list, those that are not loaded too. */
  onAll: () => void;
}

export interface GridSort {
  column: string;
  descending: boolean;
}

/** Orders as people do: numbers by size, texts with their numbers by size (`node-2` before `node-10`), nothing last. */
export function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return natural.compare(String(a), String(b));
}

const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
