/** What people did with the federation through Fleetdeck: created, joined, left, changed, distributed, by whom (U5). Of the audit log. */
import { useMemo } from 'react';
import type { AuditRecord } from '#shared/contract/audit.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { Fleet } from '#shared/contract/fleets.ts';
import { engine } from '../../app/engine/client.ts';
import { useRead } from '../../app/engine/hooks.ts';
import { useFleets } from '../../app/engine/sources.ts';
import { formatRoute } from '../../app/router.ts';
import { type Text, useText } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import { Button } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { ReloadIcon } from '../../ui/icons.ts';
import { type Level, Status } from '../../ui/Status.tsx';
import { subjectOf } from './log-words.ts';

const MOST = 300;
const levels: Record<AuditRecord['result'], Level> = { started: 'progressing', succeeded: 'ok', failed: 'error' };

export function LogTab({ federation: { id, name } }: { federation: Federation }) {
  const text = useText();
  const { t } = text;
  const fleets = useFleets().data;
  const read = useRead(['federation-log', id], async (signal) => {
    // When it was created it had no id yet.
    const filters = [id, `federations.create "name":"${name}"`];
    const parts = await Promise.all(
      filters.map((filter) => engine.audit.list.query({ filter, limit: MOST }, { signal })),
    );
    return parts.flat().sort((a, b) => b.seq - a.seq);
  });
  const columns = useMemo(() => columnsOf(text, fleets ?? []), [text, fleets]);
  if (read.data === undefined)
    return read.error === null ? <Loading rows={6} /> : <ErrorNotice error={read.error} onRetry={read.again} />;
  return (
    <div className="stack fill-column">
      <div className="row">
        <span className="muted grow">{t('operationLog.help')}</span>
        <Button icon={<ReloadIcon />} onClick={read.again} loading={read.loading} aria-label={t('common.reload')} />
        <Button href={formatRoute(['audit'], { q: id })}>{t('operationLog.inAudit')}</Button>
      </div>
      <DataGrid
        label={t('federations.tabs.log')}
        testId="federation-log"
        columns={columns}
        rows={read.data}
        rowKey={({ seq }) => String(seq)}
      />
    </div>
  );
}

function columnsOf({ t, known, dateTime, error }: Text, fleets: readonly Fleet[]): GridColumn<AuditRecord>[] {
  return [
    {
      id: 'time',
      title: t('audit.columns.time'),
      width: 196,
      grow: 0,
      sortValue: ({ time }) => time,
      cell: ({ time }) => <span>{dateTime(time)}</span>,
    },
    { id: 'age', title: t('columns.age'), width: 74, grow: 0, cell: ({ time }) => <Age since={time} /> },
    {
      id: 'operator',
      title: t('audit.columns.operator'),
      width: 110,
      grow: 0,
      sortValue: ({ operator }) => operator,
      cell: ({ operator }) => <span>{operator}</span>,
    },
    {
      id: 'action',
      title: t('audit.columns.action'),
      width: 200,
      sortValue: ({ action }) => action,
      cell: ({ action }) => <span title={action}>{known(`operationLog.actions.${action}`, action)}</span>,
    },
    {
      id: 'subject',
      title: t('operationLog.subject'),
      width: 200,
      grow: 2,
      cell: ({ request }) => {
        const subject = subjectOf(request, (fleetId) => fleets.find((fleet) => fleet.id === fleetId)?.name);
        return (
          <span className="ellipsis" title={subject}>
            {subject}
          </span>
        );
      },
    },
    {
      id: 'result',
      title: t('audit.columns.result'),
      width: 130,
      grow: 1,
      cell: ({ result, error: problem }) => (
        <Status level={levels[result]} title={problem === null ? undefined : error(problem).title}>
          {problem === null ? t(`audit.results.${result}`) : error(problem).title}
        </Status>
      ),
    },
  ];
}
