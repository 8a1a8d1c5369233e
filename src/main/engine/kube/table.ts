/**
 * Objects with the columns that the server itself prints (API reference, "Receiving resources as Tables"): how kinds that
 * nobody here knows get the columns their authors meant. Asked for with whole objects, so that everything above goes on
 * working with objects; the cells travel with them. A server that does not know tables answers with the plain list.
 */
import type { KubeList, KubeObject } from '#shared/kubernetes/types.ts';

/** Plain JSON stays acceptable: servers and kinds without tables answer as ever. */
export const TABLE_ACCEPT = 'application/json;as=Table;g=meta.k8s.io;v=v1,application/json';

export interface ServedColumn {
  name: string;
  /** OpenAPI type: `string`, `integer`, `number`, `boolean`, `date`. */
  type: string;
  format: string;
  /** 0: always shown; above: with `-o wide`. */
  priority: number;
}

/** `columns` is one array for all objects of an answer. */
export interface ServedRow {
  readonly columns: readonly ServedColumn[];
  readonly cells: readonly unknown[];
}

const SERVED = Symbol('served row');
type WithRow = KubeObject & { [SERVED]?: ServedRow };

/** What the server printed of this object; null when it was not asked, or knows no tables. */
export function servedRow(object: KubeObject): ServedRow | null {
  return (object as WithRow)[SERVED] ?? null;
}

export function isTable(body: unknown): boolean {
  return typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Table';
}

/** A table as the list it stands for. Rows without an object are left out: they can be neither named nor followed. */
export function listOfTable<T extends KubeObject>(table: unknown, known: readonly ServedColumn[] = []): KubeList<T> {
  const { metadata, rows } = table as { metadata?: KubeList['metadata']; rows?: unknown };
  const columns = columnsOf(table) ?? known;
  const items = Array.isArray(rows) ? rows.flatMap((row) => objectOf<T>(row, columns)) : [];
  return { apiVersion: 'meta.k8s.io/v1', kind: 'Table', metadata: metadata ?? {}, items };
}

/** Null: the table names none, which in a watch means the ones of the first event. */
export function columnsOf(table: unknown): readonly ServedColumn[] | null {
  const { columnDefinitions } = table as { columnDefinitions?: unknown };
  if (!Array.isArray(columnDefinitions) || columnDefinitions.length === 0) return null;
  return columnDefinitions.map((column): ServedColumn => {
    const { name, type, format, priority } = (column ?? {}) as Record<string, unknown>;
    return {
      name: typeof name === 'string' ? name.slice(0, 100) : '',
      type: typeof type === 'string' ? type : 'string',
      format: typeof format === 'string' ? format : '',
      priority: typeof priority === 'number' ? priority : 0,
    };
  });
}

/** The object of a watch event that came as a table of one row; a bookmark's may have no row at all. */
export function objectOfTable(table: unknown, known: readonly ServedColumn[]): KubeObject | null {
  const { items, metadata } = listOfTable(table, known);
  if (items[0] !== undefined) return items[0];
  if (metadata?.resourceVersion === undefined) return null;
  // The mark that the initial events have ended is an annotation of the table itself then.
  const { resourceVersion, annotations } = metadata as KubeObject['metadata'];
  return { apiVersion: '', kind: '', metadata: { resourceVersion, ...(annotations && { annotations }) } };
}

function objectOf<T extends KubeObject>(row: unknown, columns: readonly ServedColumn[]): T[] {
  const { object, cells } = (row ?? {}) as { object?: unknown; cells?: unknown };
  if (typeof object !== 'object' || object === null) return [];
  const { metadata } = object as { metadata?: unknown };
  if (typeof metadata !== 'object' || metadata === null) return [];
  const served: ServedRow = { columns, cells: Array.isArray(cells) ? cells : [] };
  return [{ ...object, [SERVED]: served } as unknown as T];
}
