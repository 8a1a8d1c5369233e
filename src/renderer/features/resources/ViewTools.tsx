/** What changes how the table looks rather than what is in it: groups, columns, export. */
import type { ExportFormat, ViewColumn } from '#shared/contract/views.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Button, Checkbox, Dropdown, Popover, Select } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { ColumnsIcon, DownloadIcon } from '../../ui/icons.ts';
import { useNotify } from '../../ui/notify.ts';
import { download } from './download.ts';
import { useTables } from './table.store.ts';
import { isShown } from './tables.ts';

export function GroupSelect({
  columns,
  value,
  severalTargets,
  namespaced,
  onChange,
}: {
  columns: readonly ViewColumn[];
  value: string;
  severalTargets: boolean;
  namespaced: boolean;
  onChange: (group: string) => void;
}) {
  const text = useText();
  const { t } = text;
  const own = columns.filter(({ kind }) => kind === 'text' || kind === 'status');
  const options = [
    { value: '', label: t('resources.group.none') },
    ...(severalTargets ? [{ value: 'target', label: t('resources.target') }] : []),
    ...(namespaced ? [{ value: 'namespace', label: t('columns.namespace') }] : []),
    { value: 'level', label: t('resources.group.level') },
    ...own.map(({ id, title }) => ({ value: id, label: text.known(`columns.${id.toLowerCase()}`, title) })),
    { value: 'label:app', label: 'label app' },
    { value: 'label:app.kubernetes.io/name', label: 'label app.kubernetes.io/name' },
  ];
  return (
    <Select
      className="group-select"
      value={value}
      onChange={onChange}
      aria-label={t('resources.group.label')}
      prefix={<span className="muted">{t('resources.group.label')}</span>}
      options={options}
      popupMatchSelectWidth={false}
      data-testid="group-by"
    />
  );
}

export function ColumnChoice({ kind, columns }: { kind: string; columns: readonly ViewColumn[] }) {
  const text = useText();
  const { t } = text;
  const chosen = useTables((state) => state.columns[kind]);
  const { show, restore } = useTables.getState();
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t('resources.columns.title')}
      content={
        <div className="stack column-choice">
          {columns.map((column) => (
            <Checkbox
              key={column.id}
              checked={isShown(column, chosen)}
              onChange={(event) => show(kind, column.id, event.target.checked)}
              data-testid={`column-${column.id}`}
            >
              {text.known(`columns.${column.id.toLowerCase()}`, column.title)}
            </Checkbox>
          ))}
          <div className="row">
            <Button
              size="small"
              onClick={() => {
                for (const column of columns) show(kind, column.id, true);
              }}
            >
              {t('resources.columns.all')}
            </Button>
            <Button size="small" disabled={chosen === undefined} onClick={() => restore(kind)}>
              {t('resources.columns.restore')}
            </Button>
          </div>
        </div>
      }
    >
      <Button icon={<ColumnsIcon />} aria-label={t('resources.columns.title')} data-testid="columns" />
    </Popover>
  );
}

export interface ExportMenuProps {
  viewId: () => string;
  /** Left out: everything that matches. */
  keys?: readonly string[];
  /** Ids of the columns on the screen, for CSV. */
  shown: readonly string[];
  fileName: string;
  label?: string;
}

export function ExportMenu({ viewId, keys, shown, fileName, label }: ExportMenuProps) {
  const { t } = useText();
  const notify = useNotify();
  const run = useAction((format: ExportFormat) =>
    engine.views.export.mutate({
      viewId: viewId(),
      format,
      ...(keys === undefined ? {} : { keys: [...keys] }),
      ...(format === 'csv' ? { columns: ['target', 'namespace', 'name', ...shown] } : {}),
    }),
  );
  async function start(format: ExportFormat) {
    const done = await run.run(format);
    if (done === null) return;
    const { text, count, left } = done.value;
    download(fileName, format, text);
    if (left > 0) notify.info(t('resources.export.part', { count, left }));
    else notify.success(t('resources.export.done', { count }));
  }
  return (
    <>
      <Dropdown
        menu={{
          items: (['csv', 'json', 'yaml'] as const).map((format) => ({
            key: format,
            label: <span data-testid={`export-${format}`}>{t(`resources.export.${format}`)}</span>,
            onClick: () => void start(format),
          })),
        }}
        trigger={['click']}
      >
        <Button
          icon={<DownloadIcon />}
          loading={run.pending}
          aria-label={t('resources.export.title')}
          data-testid={label === undefined ? 'export' : 'export-selected'}
        >
          {label}
        </Button>
      </Dropdown>
      {run.error !== null && (
        <div className="export-error">
          <ErrorNotice error={run.error} onClose={run.reset} />
        </div>
      )}
    </>
  );
}
