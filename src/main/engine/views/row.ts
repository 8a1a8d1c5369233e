/**
 * A lean row: all that is kept of an object. Made in the moment the object is parsed, so that a page of objects lives no
 * longer than its projection takes. Rows never change; a changed object makes a new row.
 */
import type { Target, ViewRow } from '#shared/contract/views.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Cell, KindDefinition, Level } from './columns/index.ts';

/** What rows of one source have in common. */
export interface RowSource {
  readonly target: Target;
  /** `<target kind>/<target id>/` */
  readonly prefix: string;
  /** Name a person knows the target by: part of what the filter searches, and the sort key of column `target`. */
  readonly name: string;
  /** One copy of texts that many rows share: labels, states, nodes, images. */
  readonly shared: TextPool;
}

/** Texts that come again and again, kept once. What does not come again is not kept: the pool stays small. */
export class TextPool {
  #texts = new Map<string, string>();

  of(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= POOL) this.#texts = new Map();
    this.#texts.set(text, text);
    return text;
  }
}

const POOL = 20_000;

export interface Row {
  readonly source: RowSource;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly cells: readonly Cell[];
  readonly level: Level;
  /** `\nkey=value\nkey=value\n`: one flat string is a fraction of the object it came from. */
  readonly labels: string;
  /** Lower-case text of the cells, made at the first search. */
  search: string | null;
}

export function projectRow(source: RowSource, definition: KindDefinition, object: KubeObject): Row {
  const { metadata } = object;
  const { shared } = source;
  definition.learn?.(object);
  return {
    source,
    uid: typeof metadata.uid === 'string' ? metadata.uid : `${metadata.namespace ?? ''}/${metadata.name ?? ''}`,
    namespace: shared.of(metadata.namespace ?? ''),
    name: metadata.name ?? '',
    cells: definition.columns.map((column) => {
      const cell = cellOf(() => column.cell(object));
      return typeof cell === 'string' ? shared.of(cell) : cell;
    }),
    level: levelOf(definition, object),
    labels: shared.of(labelText(metadata.labels)),
    search: null,
  };
}

/** An object may be shaped as no definition expects; its row is then shown with a gap rather than not at all. */
function cellOf(read: () => Cell): Cell {
  try {
    const cell = read();
    return typeof cell === 'string' || (typeof cell === 'number' && Number.isFinite(cell)) ? cell : null;
  } catch {
    return null;
  }
}

function levelOf(definition: KindDefinition, object: KubeObject): Level {
  try {
    return definition.level?.(object) ?? 'none';
  } catch {
    return 'none';
  }
}

function labelText(labels: Record<string, string> | undefined): string {
  if (typeof labels !== 'object' || labels === null) return '';
  let text = '';
  for (const key in labels) text += `\n${key}=${labels[key]}`;
  return text === '' ? '' : `${text}\n`;
}

export function keyOf(row: Row): string {
  return row.source.prefix + row.uid;
}

export function searchText(row: Row, statusless: readonly number[]): string {
  if (row.search === null) {
    let text = `${row.name}\n${row.namespace}\n${row.source.name}`;
    for (const index of statusless) {
      const cell = row.cells[index];
      if (cell !== null && cell !== undefined) text += `\n${cell}`;
    }
    row.search = text.toLowerCase();
  }
  return row.search;
}

export function toViewRow(row: Row): ViewRow {
  return {
    key: keyOf(row),
    target: row.source.target,
    uid: row.uid,
    namespace: row.namespace,
    name: row.name,
    cells: [...row.cells],
    level: row.level,
  };
}
