/** Every report that is kept, newest first; what runs shows how far it is and can be cancelled. */
import { useMemo, useState } from 'react';
import type { InspectionRun, InspectionState } from '#shared/contract/inspection.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { changeQuery, navigate, useRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import { Confirm } from '../../ui/Confirm.tsx';
import { Button, Progress } from '../../ui/controls.ts';
import { EmptyState, Loading } from '../../ui/Feedback.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { CloseIcon, DeleteIcon, InspectionIcon } from '../../ui/icons.ts';
import { Count, progressOf, RunState, ScopeName, ScoreText, severities } from './look.tsx';
import { scopeKey } from './ScopeSelect.tsx';

/** Of each run, the one before of the same scope that has a score. */
function scoresBefore(runs: readonly InspectionRun[]): Map<string, InspectionRun['score']> {
  const before = new Map<string, InspectionRun['score']>();
  const last = new Map<string, InspectionRun['score']>();
  for (const run of [...runs].reverse()) {
    before.set(run.id, last.get(scopeKey(run.scope)) ?? null);
    if (run.state === 'done' || run.state === 'partial') last.set(scopeKey(run.scope), run.score);
  }
  return before;
}

export function ReportsTab({ state }: { state: InspectionState | undefined }) {
  const { t, number } = useText();
  const { query } = useRoute();
  const runs = state?.runs;
  const [removing, setRemoving] = useState<InspectionRun | null>(null);
  const cancel = useAction((id: string) => engine.inspection.cancel.mutate({ id }));
  const remove = useAction((id: string) => engine.inspection.remove.mutate({ id }));
  const columns = useMemo((): GridColumn<InspectionRun>[] => {
    const before = scoresBefore(runs ?? []);
    const ended = (run: InspectionRun): boolean => run.state !== 'running';
    return [
      {
        id: 'scope',
        title: t('inspection.columns.scope'),
        width: 170,
        grow: 2,
        sortValue: ({ name }) => name,
        cell: ({ scope, name }) => <ScopeName scope={scope} name={name} />,
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
        id: 'state',
        title: t('inspection.columns.state'),
        width: 150,
        sortValue: (run) => run.state,
        cell: (run) =>
          ended(run) ? (
            <RunState state={run.state} />
          ) : (
            <Progress
              percent={progressOf(run)}
              size="small"
              status="active"
              aria-label={t('inspection.state.running')}
            />
          ),
      },
      {
        id: 'score',
        title: t('inspection.columns.score'),
        width: 100,
        grow: 0,
        sortValue: ({ score }) => score?.value ?? null,
        cell: (run) => ended(run) && <ScoreText score={run.score} before={before.get(run.id)} />,
      },
      ...severities.map(
        (severity): GridColumn<InspectionRun> => ({
          id: severity,
          title: t(`inspection.severity.${severity}`),
          width: 80,
          grow: 0,
          align: 'right',
          sortValue: (run) => run.tally[severity],
          cell: (run) => ended(run) && <Count severity={severity} value={run.tally[severity]} />,
        }),
      ),
      {
        id: 'exempt',
        title: t('inspection.change.exempt'),
        width: 80,
        grow: 0,
        align: 'right',
        sortValue: ({ exempt }) => exempt,
        cell: (run) => ended(run) && <span className="muted">{number(run.exempt)}</span>,
      },
      {
        id: 'started',
        title: t('inspection.columns.started'),
        width: 90,
        grow: 0,
        sortValue: ({ startedAt }) => -Date.parse(startedAt),
        cell: ({ startedAt }) => <Age since={startedAt} />,
      },
      {
        id: 'took',
        title: t('inspection.columns.duration'),
        width: 80,
        grow: 0,
        align: 'right',
        sortValue: durationOf,
        cell: (run) => {
          const ms = durationOf(run);
          return ms !== null && <span>{number(ms / 1000, { maximumFractionDigits: 1 })} s</span>;
        },
      },
      {
        id: 'trigger',
        title: t('inspection.columns.trigger'),
        width: 100,
        grow: 0,
        sortValue: ({ trigger }) => trigger,
        cell: ({ trigger }) => <span className="muted">{t(`inspection.trigger.${trigger}`)}</span>,
      },
    ];
  }, [t, number, runs]);
  if (runs === undefined) return <Loading rows={8} />;
  if (runs.length === 0)
    return (
      <EmptyState
        icon={<InspectionIcon />}
        title={t('inspection.empty.title')}
        hint={t('inspection.empty.hint')}
        action={
          <Button type="primary" onClick={() => changeQuery({ start: query['start'] ?? '1' })}>
            {t('inspection.start.action')}
          </Button>
        }
      />
    );
  return (
    <>
      <DataGrid
        label={t('inspection.tabs.reports')}
        testId="reports-grid"
        columns={columns}
        rows={runs}
        rowKey={({ id }) => id}
        sort={{ column: 'started', descending: false }}
        onOpen={({ id }) => navigate(['inspection', 'report', id])}
        rowActions={(run) =>
          run.state === 'running' ? (
            <Button
              type="text"
              icon={<CloseIcon />}
              title={t('inspection.cancel')}
              aria-label={`${t('inspection.cancel')}: ${run.name}`}
              onClick={() => void cancel.run(run.id)}
            />
          ) : (
            <Button
              type="text"
              icon={<DeleteIcon />}
              title={t('inspection.remove')}
              aria-label={`${t('inspection.remove')}: ${run.name}`}
              onClick={() => setRemoving(run)}
            />
          )
        }
      />
      <RemoveReport run={removing} remove={remove} onClose={() => setRemoving(null)} />
    </>
  );
}

function RemoveReport({
  run,
  remove,
  onClose,
}: {
  run: InspectionRun | null;
  remove: ReturnType<typeof useAction<[string], unknown>>;
  onClose: () => void;
}) {
  const { t, dateTime } = useText();
  return (
    <Confirm
      open={run !== null}
      title={t('inspection.removeTitle')}
      action={t('inspection.remove')}
      danger
      pending={remove.pending}
      error={remove.error}
      onCancel={() => {
        onClose();
        remove.reset();
      }}
      onConfirm={() => run !== null && void remove.run(run.id).then((done) => done !== null && onClose())}
    >
      {run !== null && t('inspection.removeText', { name: run.name, time: dateTime(run.startedAt) })}
    </Confirm>
  );
}

function durationOf({ startedAt, finishedAt, state }: InspectionRun): number | null {
  if (finishedAt === null || state === 'interrupted') return null;
  return Date.parse(finishedAt) - Date.parse(startedAt);
}
