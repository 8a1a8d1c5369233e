/** Columns of a live view as columns of the grid: names first, ages counted here, levels coloured. */
import type { ViewColumn, ViewRow } from '#shared/contract/views.ts';
import { nameOfTarget, type TargetEntry } from '../../app/target-entries.ts';
import type { Text } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { Status, TargetName } from '../../ui/Status.tsx';

/** Smallest widths and shares by what a column holds; names get the most. */
const widths: Record<ViewColumn['kind'], { width: number; grow: number }> = {
  text: { width: 110, grow: 1 },
  number: { width: 86, grow: 0 },
  age: { width: 74, grow: 0 },
  status: { width: 150, grow: 1 },
  quantity: { width: 96, grow: 0 },
};

/** The engine sorts by this column when several targets are shown; it is not one of Kubernetes' own. */
export const TARGET_COLUMN = 'target';

export function gridColumns(
  columns: readonly ViewColumn[],
  text: Text,
  options: { wide: boolean; severalTargets: boolean; entries: readonly TargetEntry[] },
): GridColumn<ViewRow>[] {
  const made = columns.map((column, index): GridColumn<ViewRow> => {
    const size = column.id === 'name' ? { width: 200, grow: 3 } : widths[column.kind];
    return {
      id: column.id,
      title: text.known(`columns.${column.id.toLowerCase()}`, column.title),
      ...size,
      hidden: column.priority > 0 && !options.wide,
      ...(column.kind === 'number' || column.kind === 'quantity' ? { align: 'right' as const } : {}),
      sortValue: (row) => row.cells[index] ?? null,
      cell: (row) => <Cell column={column} row={row} value={row.cells[index] ?? null} />,
    };
  });
  if (!options.severalTargets) return made;
  const target: GridColumn<ViewRow> = {
    id: TARGET_COLUMN,
    title: text.t('resources.target'),
    width: 130,
    grow: 1,
    cell: (row) => <TargetName name={nameOfTarget(options.entries, row.target)} kind={row.target.kind} />,
  };
  return [...made.slice(0, 1), target, ...made.slice(1)];
}

function Cell({ column, row, value }: { column: ViewColumn; row: ViewRow; value: string | number | null }) {
  if (value === null || value === '') return null;
  if (column.kind === 'age') return <Age since={String(value)} />;
  if (column.kind === 'status') return <Status level={row.level}>{String(value)}</Status>;
  if (column.id === 'name')
    return (
      <span className="strong" title={String(value)}>
        {value}
      </span>
    );
  return <span title={String(value)}>{value}</span>;
}
