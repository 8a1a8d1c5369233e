/** Schedules: what is inspected by itself, when next, and when last. */
import { useMemo, useState } from 'react';
import type { InspectionSchedule } from '#shared/contract/inspection.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import { Confirm } from '../../ui/Confirm.tsx';
import { Button, Switch } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { AddIcon, DeleteIcon, EditIcon } from '../../ui/icons.ts';
import { ScopeName } from './look.tsx';
import { ScheduleDialog } from './ScheduleDialog.tsx';

export function SchedulesTab({ schedules }: { schedules: readonly InspectionSchedule[] | undefined }) {
  const { t, dateTime } = useText();
  const [editing, setEditing] = useState<InspectionSchedule | 'new' | null>(null);
  const [removing, setRemoving] = useState<InspectionSchedule | null>(null);
  const save = useAction(({ id, scope, cron, timeZone, enabled }: InspectionSchedule) =>
    engine.inspection.saveSchedule.mutate({ id, scope, cron, timeZone, enabled }),
  );
  const remove = useAction((id: string) => engine.inspection.removeSchedule.mutate({ id }));
  const columns = useMemo(
    (): GridColumn<InspectionSchedule>[] => [
      {
        id: 'scope',
        title: t('inspection.columns.scope'),
        width: 170,
        grow: 2,
        sortValue: ({ name }) => name,
        cell: ({ scope, name }) =>
          name === null ? (
            <span className="text-warning">{t('inspection.schedule.gone')}</span>
          ) : (
            <ScopeName scope={scope} name={name} />
          ),
      },
      {
        id: 'kind',
        title: t('inspection.columns.kindOfScope'),
        width: 90,
        grow: 0,
        sortValue: ({ scope }) => scope.kind,
        cell: ({ scope }) => <span>{t(`inspection.scope.${scope.kind}`)}</span>,
      },
      {
        id: 'cron',
        title: t('inspection.columns.cron'),
        width: 140,
        sortValue: ({ cron }) => cron,
        cell: ({ cron }) => <code>{cron}</code>,
      },
      {
        id: 'timeZone',
        title: t('inspection.schedule.timeZone'),
        width: 140,
        sortValue: ({ timeZone }) => timeZone,
        cell: ({ timeZone }) => <span>{timeZone}</span>,
      },
      {
        id: 'next',
        title: t('inspection.columns.nextRun'),
        width: 170,
        sortValue: ({ nextRun }) => (nextRun === null ? null : Date.parse(nextRun)),
        cell: ({ nextRun }) =>
          nextRun === null ? (
            <span className="muted">{t('inspection.schedule.off')}</span>
          ) : (
            <span>{dateTime(nextRun)}</span>
          ),
      },
      {
        id: 'last',
        title: t('inspection.columns.lastRun'),
        width: 90,
        grow: 0,
        sortValue: ({ lastRun }) => (lastRun === null ? null : -Date.parse(lastRun)),
        cell: ({ lastRun }) => <Age since={lastRun} />,
      },
      {
        id: 'on',
        title: t('inspection.columns.on'),
        width: 70,
        grow: 0,
        cell: (schedule) => (
          <Switch
            size="small"
            checked={schedule.enabled}
            aria-label={`${t('inspection.columns.on')}: ${schedule.name ?? schedule.cron}`}
            onChange={(enabled) => void save.run({ ...schedule, enabled })}
          />
        ),
      },
    ],
    [t, dateTime, save.run],
  );
  if (schedules === undefined) return <Loading rows={6} />;
  const add = (
    <Button icon={<AddIcon />} onClick={() => setEditing('new')} data-testid="schedule-add">
      {t('inspection.schedule.add')}
    </Button>
  );
  return (
    <div className="stack fill-column">
      {save.error !== null && <ErrorNotice error={save.error} onClose={save.reset} />}
      {schedules.length === 0 ? (
        <EmptyState
          title={t('inspection.schedule.empty.title')}
          hint={
            <>
              {t('inspection.schedule.empty.hint')} {t('inspection.schedule.missed')}
            </>
          }
          action={add}
        />
      ) : (
        <>
          <div className="row between">
            <span className="muted">{t('inspection.schedule.missed')}</span>
            {add}
          </div>
          <DataGrid
            label={t('inspection.tabs.schedules')}
            testId="schedules-grid"
            columns={columns}
            rows={schedules}
            rowKey={({ id }) => id}
            sort={{ column: 'scope', descending: false }}
            onOpen={setEditing}
            actionsWidth={76}
            rowActions={(schedule) => (
              <>
                <Button
                  type="text"
                  icon={<EditIcon />}
                  title={t('inspection.schedule.edit')}
                  aria-label={`${t('inspection.schedule.edit')}: ${schedule.name ?? schedule.cron}`}
                  onClick={() => setEditing(schedule)}
                />
                <Button
                  type="text"
                  icon={<DeleteIcon />}
                  title={t('inspection.schedule.remove')}
                  aria-label={`${t('inspection.schedule.remove')}: ${schedule.name ?? schedule.cron}`}
                  onClick={() => setRemoving(schedule)}
                />
              </>
            )}
          />
        </>
      )}
      <ScheduleDialog
        key={editing === null ? 'none' : editing === 'new' ? 'new' : editing.id}
        open={editing !== null}
        schedule={editing === 'new' ? null : editing}
        onClose={() => setEditing(null)}
      />
      <Confirm
        open={removing !== null}
        title={t('inspection.schedule.removeTitle')}
        action={t('inspection.schedule.remove')}
        danger
        pending={remove.pending}
        error={remove.error}
        onCancel={() => {
          setRemoving(null);
          remove.reset();
        }}
        onConfirm={() =>
          removing !== null && void remove.run(removing.id).then((done) => done !== null && setRemoving(null))
        }
      >
        {t('inspection.schedule.removeText', { name: removing?.name ?? removing?.cron ?? '' })}
      </Confirm>
    </div>
  );
}
