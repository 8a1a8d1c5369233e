/**
 * The one table of the product: virtual rows (tens of thousands cost the same as twenty), sortable and resizable
 * columns, driven by keyboard: arrows, Page, Home and End move, Enter opens, Space selects (with Shift a range, Ctrl-A
 * all). Rows may be all there (`total` left out) or a window of a longer list that the engine keeps (`offset`, `total`,
 * `onRange`, `onSort`).
 */
import {
  type ColumnDef,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createSortedRowModel,
  rowSortingFeature,
  type SortFn,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useText } from '../../stores/text.ts';
import { Checkbox } from '../controls.ts';
import { AscendingIcon, DescendingIcon } from '../icons.ts';
import { moveActive } from './keys.ts';
import { rangeOf } from './selection.ts';
import { compareValues, type GridColumn, type GridSelection, type GridSort } from './types.ts';
import './grid.css';

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  columnSizingFeature,
  columnResizingFeature,
  columnVisibilityFeature,
});
type Features = typeof features;

const ROW_HEIGHT = 30;
const OVERSCAN = 12;
const ACTIONS_WIDTH = 44;
const SELECT_WIDTH = 34;

export interface DataGridProps<Row extends object> {
  /** Read out for the table as a whole. */
  label: string;
  columns: readonly GridColumn<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Opens the row: Enter or click. */
  onOpen?: ((row: Row) => void) | undefined;
  /** Key of the row whose detail is open. */
  openKey?: string | undefined;
  sort?: GridSort | undefined;
  /** Given: somebody else sorts, and `sort` shows how. */
  onSort?: ((sort: GridSort) => void) | undefined;
  /** Index of the first of `rows` in the whole list. */
  offset?: number;
  total?: number;
  /** Rows on the screen, for fetching a window. */
  onRange?: ((first: number, last: number) => void) | undefined;
  /** In the place of rows when there are none. */
  empty?: ReactNode;
  testId: string;
  /** Actions at the end of a row. */
  rowActions?: ((row: Row) => ReactNode) | undefined;
  actionsWidth?: number;
  /** Given: rows can be selected; keys of the selected ones. */
  selection?: GridSelection | undefined;
  /** Rows of one group stand together: where another one begins there is a line. */
  groupOf?: ((row: Row) => string) | undefined;
  /** Takes the height of its content instead of its parent's; for short lists inside a page. */
  autoHeight?: boolean;
}

export function DataGrid<Row extends object>(props: DataGridProps<Row>) {
  const { columns, rows, rowKey, onOpen, openKey, onSort, offset = 0, onRange, testId } = props;
  const { t } = useText();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const header = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  /** Where a range of the selection begins: the last row selected alone. */
  const anchor = useRef(-1);
  const [ownSort, setOwnSort] = useState<GridSort | undefined>(props.sort);
  const sort = onSort === undefined ? ownSort : props.sort;

  const definitions = useMemo(
    () =>
      columns.map(
        (column): ColumnDef<Features, Row> => ({
          id: column.id,
          header: column.title,
          accessorFn: (row) => column.sortValue?.(row) ?? null,
          enableSorting: column.sortValue !== undefined,
          sortFn: bySortValue as SortFn<Features, Row>,
          size: column.width,
          minSize: 48,
        }),
      ),
    [columns],
  );
  const visibility = useMemo(
    () => Object.fromEntries(columns.map((column) => [column.id, column.hidden !== true])),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: rows as Row[],
    getRowId: rowKey,
    manualSorting: onSort !== undefined,
    columnResizeMode: 'onChange',
    autoResetSorting: false,
    state: {
      columnVisibility: visibility,
      sorting: sort === undefined ? [] : [{ id: sort.column, desc: sort.descending }],
    },
  });
  const sorted = table.getRowModel().rows;
  const total = props.total ?? sorted.length;
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const { selection } = props;
  const before = selection === undefined ? [] : [`${SELECT_WIDTH}px`];
  const template = before
    .concat(
      headers.map(({ column }) => {
        const set = table.state.columnSizing[column.id];
        const wanted = byId.get(column.id);
        if (set !== undefined) return `${set}px`;
        const grow = wanted?.grow ?? 1;
        return grow === 0 ? `${wanted?.width ?? 100}px` : `minmax(${wanted?.width ?? 100}px, ${grow}fr)`;
      }),
    )
    .concat(props.rowActions === undefined ? [] : [`${props.actionsWidth ?? ACTIONS_WIDTH}px`])
    .join(' ');
  const minWidth = headers.reduce(
    (sum, { column }) => sum + (table.state.columnSizing[column.id] ?? byId.get(column.id)?.width ?? 100),
    (props.rowActions === undefined ? 0 : (props.actionsWidth ?? ACTIONS_WIDTH)) +
      (selection === undefined ? 0 : SELECT_WIDTH),
  );

  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onRange?.(first, last), [onRange, first, last]);
  useFocusBack(openKey, scroller);
  useEffect(() => {
    if (active >= total) setActive(total - 1);
  }, [active, total]);

  function toggleSort(column: string) {
    const next: GridSort = { column, descending: sort?.column === column && !sort.descending };
    if (onSort === undefined) setOwnSort(next);
    else onSort(next);
  }
  function select(index: number, range: boolean) {
    if (selection === undefined) return;
    const keys = sorted.map((row) => row.id);
    selection.onChange(rangeOf(selection.keys, keys, anchor.current - offset, index - offset, range));
    if (!range) anchor.current = index;
  }
  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    if (event.target !== event.currentTarget) return;
    if (selection !== undefined && (event.ctrlKey || event.metaKey) && event.key === 'a') {
      event.preventDefault();
      selection.onAll();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (selection !== undefined && event.key === ' ' && active >= 0) {
      event.preventDefault();
      select(active, event.shiftKey);
      return;
    }
    if (selection !== undefined && event.key === 'Escape' && selection.keys.size > 0) {
      event.stopPropagation();
      selection.onChange(new Set());
      return;
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / ROW_HEIGHT) - 2);
    const next = moveActive(event.key, active, total, page);
    if (next !== null) {
      event.preventDefault();
      setActive(next);
      virtual.scrollToIndex(next, { align: 'auto' });
    } else if (event.key === 'Enter') {
      const row = sorted[active - offset];
      if (row !== undefined && onOpen !== undefined) {
        event.preventDefault();
        onOpen(row.original);
      }
    }
  }
  function begins(previous: Row | undefined, row: Row | undefined): true | undefined {
    const { groupOf } = props;
    if (groupOf === undefined || previous === undefined || row === undefined) return undefined;
    return groupOf(previous) !== groupOf(row) || undefined;
  }
  /** Freezes the widths as they are on the screen, so that dragging one border moves nothing else. */
  function freezeWidths() {
    const widths: Record<string, number> = {};
    for (const cell of header.current?.querySelectorAll<HTMLElement>('[data-column]') ?? [])
      widths[cell.dataset['column'] ?? ''] = cell.getBoundingClientRect().width;
    table.setColumnSizing(widths);
  }

  return (
    <div className="grid" data-auto={props.autoHeight === true}>
      <div
        ref={scroller}
        className="grid-scroller"
        tabIndex={0}
        role="grid"
        aria-label={props.label}
        aria-rowcount={total + 1}
        aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
        data-testid={testId}
        onKeyDown={onKeyDown}
      >
        <div
          ref={header}
          className="grid-header"
          role="row"
          aria-rowindex={1}
          tabIndex={-1}
          style={{ gridTemplateColumns: template, minWidth }}
        >
          {selection !== undefined && (
            <div className="grid-head grid-select" role="columnheader" tabIndex={-1}>
              <Checkbox
                checked={selection.keys.size > 0 && selection.keys.size >= total}
                indeterminate={selection.keys.size > 0 && selection.keys.size < total}
                disabled={total === 0}
                onChange={(event) => (event.target.checked ? selection.onAll() : selection.onChange(new Set()))}
                aria-label={t('common.selectAll')}
                data-testid={`${testId}-select-all`}
              />
            </div>
          )}
          {headers.map((cell) => {
            const column = byId.get(cell.column.id);
            const sortedBy = sort?.column === cell.column.id;
            return (
              <div
                key={cell.id}
                className="grid-head"
                role="columnheader"
                tabIndex={-1}
                data-column={cell.column.id}
                data-align={column?.align}
                aria-sort={sortedBy ? (sort?.descending === true ? 'descending' : 'ascending') : undefined}
              >
                {column?.sortValue === undefined ? (
                  <span className="ellipsis">{column?.title}</span>
                ) : (
                  <button type="button" className="grid-sort" onClick={() => toggleSort(cell.column.id)}>
                    <span className="ellipsis">{column.title}</span>
                    {sortedBy && (sort?.descending === true ? <DescendingIcon /> : <AscendingIcon />)}
                  </button>
                )}
                <span
                  className="grid-resize"
                  aria-hidden="true"
                  onMouseDown={(event) => {
                    freezeWidths();
                    cell.getResizeHandler()(event);
                  }}
                />
              </div>
            );
          })}
          {props.rowActions !== undefined && (
            <div className="grid-head" role="columnheader" tabIndex={-1}>
              <span className="visually-hidden">{t('common.actions')}</span>
            </div>
          )}
        </div>
        {total === 0 ? (
          props.empty
        ) : (
          <div className="grid-body" role="rowgroup" style={{ height: virtual.getTotalSize(), minWidth }}>
            {items.map((item) => {
              const row = sorted[item.index - offset];
              const previous = sorted[item.index - offset - 1];
              return (
                <div
                  key={row?.id ?? `at-${item.index}`}
                  id={`${id}-${item.index}`}
                  className="grid-row"
                  role="row"
                  tabIndex={-1}
                  aria-rowindex={item.index + 2}
                  data-testid={`${testId}-row`}
                  data-key={row?.id}
                  data-active={item.index === active}
                  data-selected={row !== undefined && selection?.keys.has(row.id)}
                  aria-selected={selection === undefined ? undefined : row !== undefined && selection.keys.has(row.id)}
                  data-open={row !== undefined && row.id === openKey}
                  data-clickable={onOpen !== undefined}
                  data-group-start={begins(previous?.original, row?.original)}
                  style={{ gridTemplateColumns: template, transform: `translateY(${item.start}px)` }}
                  onClick={(event) => {
                    if (row === undefined || isControl(event.target)) return;
                    setActive(item.index);
                    if (String(window.getSelection()) === '') onOpen?.(row.original);
                  }}
                >
                  {row === undefined ? (
                    <span className="grid-waiting" />
                  ) : (
                    <>
                      {selection !== undefined && (
                        <div className="grid-cell grid-select" role="gridcell" tabIndex={-1}>
                          <Checkbox
                            tabIndex={-1}
                            checked={selection.keys.has(row.id)}
                            onClick={(event) => select(item.index, event.shiftKey)}
                            aria-label={t('common.selectRow')}
                          />
                        </div>
                      )}
                      {headers.map((cell) => {
                        const column = byId.get(cell.column.id);
                        return (
                          <div
                            key={cell.id}
                            className="grid-cell"
                            role="gridcell"
                            tabIndex={-1}
                            data-column={cell.column.id}
                            data-align={column?.align}
                          >
                            {column?.cell(row.original)}
                          </div>
                        );
                      })}
                      {props.rowActions !== undefined && (
                        <div className="grid-cell grid-actions" role="gridcell" tabIndex={-1}>
                          {props.rowActions(row.original)}
                        </div>
                      )}
                    </>
                  )}
                </div>
              );
            })}
          </div>
        )}
      </div>
    </div>
  );
}

function bySortValue(
  a: { getValue(column: string): unknown },
  b: { getValue(column: string): unknown },
  column: string,
): number {
  return compareValues(a.getValue(column) as string | number | null, b.getValue(column) as string | number | null);
}

/** Clicks on controls inside a row belong to them, not to the row. */
function isControl(target: EventTarget): boolean {
  return (
    target instanceof Element && target.closest('button, a, input, label, [role="menuitem"], [role="switch"]') !== null
  );
}

/** Who closes what a row opened is back in the table, however fast: a drawer gives the focus back only when it has settled. */
function useFocusBack(openKey: string | undefined, scroller: RefObject<HTMLDivElement | null>): void {
  const before = useRef(openKey);
  useEffect(() => {
    const closed = before.current !== undefined && openKey === undefined;
    before.current = openKey;
    const focused = document.activeElement;
    const left =
      focused === null || focused === document.body || focused.closest('[role="dialog"], .ant-drawer') !== null;
    if (closed && left) scroller.current?.focus({ preventScroll: true });
  }, [openKey, scroller]);
}
