/** How a person wants tables: chosen columns per kind, and views kept under a name. Kept in the browser. */
import { create } from 'zustand';
import type { ViewColumn } from '#shared/contract/views.ts';
import type { Keeper } from '../../stores/settings.ts';

const KEY = 'fleetdeck.tables';

export interface SavedView {
  name: string;
  /** The address of the page: kind, clusters, namespaces, filter, order, groups. */
  hash: string;
}

interface Kept {
  /** By kind (`group/resource`): columns shown otherwise than by default. */
  columns: Record<string, Record<string, boolean>>;
  saved: SavedView[];
}

export interface TablesState extends Kept {
  show(kind: string, column: string, on: boolean): void;
  /** Back to the default columns. */
  restore(kind: string): void;
  /** A view of the same name is replaced where it stands. */
  save(view: SavedView): void;
  /** False, and nothing is changed: another view has that name. */
  rename(name: string, next: string): boolean;
  forget(name: string): void;
}

export function createTables(keeper: Keeper) {
  return create<TablesState>()((set, get) => {
    function put(change: Partial<Kept>): void {
      set(change);
      const { columns, saved } = get();
      keeper.setItem(KEY, JSON.stringify({ columns, saved }));
    }
    return {
      ...read(keeper.getItem(KEY)),
      show(kind, column, on) {
        const { columns } = get();
        put({ columns: { ...columns, [kind]: { ...columns[kind], [column]: on } } });
      },
      restore(kind) {
        const { [kind]: _own, ...columns } = get().columns;
        put({ columns });
      },
      save(view) {
        const { saved } = get();
        const known = saved.some(({ name }) => name === view.name);
        put({ saved: known ? saved.map((each) => (each.name === view.name ? view : each)) : [...saved, view] });
      },
      rename(name, next) {
        const { saved } = get();
        if (name !== next && saved.some((view) => view.name === next)) return false;
        put({ saved: saved.map((view) => (view.name === name ? { ...view, name: next } : view)) });
        return true;
      },
      forget: (name) => put({ saved: get().saved.filter((view) => view.name !== name) }),
    };
  });
}

/** The address of a table without the object that is open over it. */
export function withoutOpen(hash: string): string {
  const [path = '', query = ''] = hash.split('?', 2);
  const kept = query.split('&').filter((part) => part !== '' && !part.startsWith('open='));
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`;
}

/** What a person chose, else what belongs to the narrow table. */
export function isShown(
  column: Pick<ViewColumn, 'id' | 'priority'>,
  chosen: Record<string, boolean> | undefined,
): boolean {
  return chosen?.[column.id] ?? column.priority === 0;
}

function read(text: string | null): Kept {
  try {
    const { columns, saved } = JSON.parse(text ?? '{}') as Partial<Kept>;
    return {
      columns: typeof columns === 'object' && columns !== null ? columns : {},
      saved: Array.isArray(saved)
        ? saved.filter(({ name, hash }) => typeof name === 'string' && typeof hash === 'string' && hash.startsWith('#'))
        : [],
    };
  } catch {
    return { columns: {}, saved: [] };
  }
}
