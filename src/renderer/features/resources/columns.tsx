/** Columns of a live view as columns of the grid: names first, ages counted here, levels coloured. */
import type { ViewColumn, ViewRow } from '#shared/contract/views.ts';
import { nameOfTarget, type TargetEntry } from '../../app/target-entries.ts';
import type { Text } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { Name } from '../../ui/Name.tsx';
import { Status, TargetName } from '../../ui/Status.tsx';
import { shortQuantity } from './quantity.ts';
import { StaleMark } from './StaleMark.tsx';
import type { Printed } from './SummaryTab.tsx';
import { isShown } from './tables.ts';

/** Smallest widths and shares by what a column holds; names get the most. */
const widths: Record<ViewColumn['kind'], { width: number; grow: number }> = {
  text: { width: 100, grow: 1 },
  number: { width: 84, grow: 0 },
  age: { width: 64, grow: 0 },
  status: { width: 106, grow: 1 },
  quantity: { width: 90, grow: 0 },
};
/** Columns of a kind that are always short. */
const narrow: Readonly<Record<string, number>> = { ready: 62, restarts: 80, usedCpu: 80, usedMemory: 84 };

export interface ColumnOptions {
  /** Columns shown otherwise than by default. */
  chosen: Record<string, boolean> | undefined;
  severalTargets: boolean;
  namespaced: boolean;
  entries: readonly TargetEntry[];
}

/** The engine sorts, by `name`, `namespace`, `target` and every column's id; any sort value marks a column as sortable. */
const bySomebodyElse = () => null;

/** Name, cluster and namespace come with every row; the rest is what the kind has. */
export function gridColumns(columns: readonly ViewColumn[], text: Text, options: ColumnOptions): GridColumn<ViewRow>[] {
  const fixed: GridColumn<ViewRow>[] = [
    {
      id: 'name',
      title: text.t('columns.name'),
      width: 168,
      grow: 4,
      sortValue: bySomebodyElse,
      cell: (row) => (
        <span className="row">
          <Name>{row.name}</Name>
          <StaleMark target={row.target} />
        </span>
      ),
    },
    {
      id: 'target',
      title: text.t('resources.target'),
      width: 128,
      hidden: !options.severalTargets,
      sortValue: bySomebodyElse,
      cell: (row) => <TargetName name={nameOfTarget(options.entries, row.target)} kind={row.target.kind} />,
    },
    {
      id: 'namespace',
      title: text.t('columns.namespace'),
      width: 94,
      hidden: !options.namespaced,
      sortValue: bySomebodyElse,
      cell: (row) => <span title={row.namespace}>{row.namespace}</span>,
    },
  ];
  const own = columns.flatMap((column, index): GridColumn<ViewRow>[] =>
    fixed.some(({ id }) => id === column.id)
      ? []
      : [
          {
            id: column.id,
            title: text.known(`columns.${column.id.toLowerCase()}`, column.title),
            ...widths[column.kind],
            ...(narrow[column.id] === undefined ? {} : { width: narrow[column.id] ?? 0, grow: 0 }),
            hidden: !isShown(column, options.chosen),
            ...(column.kind === 'number' || column.kind === 'quantity' ? { align: 'right' as const } : {}),
            sortValue: bySomebodyElse,
            cell: (row) => <Cell column={column} row={row} value={row.cells[index] ?? null} />,
          },
        ],
  );
  return [...fixed, ...own];
}

/** What a row says beside its name, in words: for the summary of an object of a kind that nobody here knows. */
export function printedOf(columns: readonly ViewColumn[], row: ViewRow, text: Text): Printed[] {
  return columns.flatMap(({ id, title, kind }, index) => {
    const cell = row.cells[index] ?? null;
    if (cell === null || cell === '' || kind === 'age' || id === 'name') return [];
    return [{ label: text.known(`columns.${id.toLowerCase()}`, title), value: String(cell) }];
  });
}

function Cell({ column, row, value }: { column: ViewColumn; row: ViewRow; value: string | number | null }) {
  if (value === null || value === '') return null;
  if (column.kind === 'age') return <Age since={String(value)} />;
  if (column.kind === 'status') return <Status level={row.level}>{String(value)}</Status>;
  if (column.kind === 'quantity') return <span title={String(value)}>{shortQuantity(String(value))}</span>;
  return <span title={String(value)}>{value}</span>;
}

/** What a row is grouped by, where the row itself says it; undefined for labels, which the engine keeps. */
export function groupOf(columns: readonly ViewColumn[], group: string): ((row: ViewRow) => string) | undefined {
  if (group === 'namespace') return (row) => row.namespace;
  if (group === 'target') return (row) => `${row.target.kind}/${row.target.id}`;
  if (group === 'level') return (row) => row.level;
  const index = columns.findIndex(({ id }) => id === group);
  return index < 0 ? undefined : (row) => String(row.cells[index] ?? '');
}
