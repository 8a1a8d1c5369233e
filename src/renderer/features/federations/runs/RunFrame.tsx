/** What every operation shows: its state with the reason, and what a person can do with it now. */
import type { ReactNode } from 'react';
import type { Run, RunAction, RunState } from '#shared/contract/federation-runs.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { Age } from '../../../ui/Age.tsx';
import { Alert, Button } from '../../../ui/controls.ts';
import { ErrorNotice } from '../../../ui/Feedback.tsx';
import { DeleteIcon } from '../../../ui/icons.ts';
import { Panel } from '../../../ui/Page.tsx';
import { type Level, Status } from '../../../ui/Status.tsx';

const levels: Record<RunState, Level> = {
  running: 'progressing',
  waiting: 'warning',
  paused: 'warning',
  reverting: 'progressing',
  restoring: 'progressing',
  done: 'ok',
  reverted: 'none',
  failed: 'error',
};

export interface RunFrameProps {
  run: Run;
  title: ReactNode;
  /** In the order in which they are offered; the first is what one usually wants. */
  actions: readonly RunAction[];
  children: ReactNode;
}

export function RunFrame({ run, title, actions, children }: RunFrameProps) {
  const { t } = useText();
  const act = useAction((action: RunAction) => engine.federationRuns.act.mutate({ runId: run.id, action }));
  const remove = useAction(() => engine.federationRuns.remove.mutate({ runId: run.id }));
  const { reason, state } = run;
  return (
    <Panel
      testId={`operation-${run.kind}`}
      title={
        <span className="row">
          <span className="muted">{t(`runs.kinds.${run.kind}`)}</span>
          {title}
          <Status level={levels[state]} testId="run-state">
            {t(`runs.states.${state}`)}
          </Status>
          <span className="muted run-age">
            <Age since={run.endedAt ?? run.createdAt} />
          </span>
        </span>
      }
      extra={
        <span className="row">
          {actions.map((action) => (
            <Button
              key={action}
              size="small"
              type={action === 'next' ? 'primary' : 'default'}
              danger={action === 'revert' || action === 'stop'}
              loading={act.pending}
              onClick={() => void act.run(action)}
              data-testid={`run-${action}`}
            >
              {t(`runs.actions.${action}`)}
            </Button>
          ))}
          {run.endedAt !== null && (
            <Button
              size="small"
              type="text"
              icon={<DeleteIcon />}
              aria-label={t('runs.remove')}
              title={t('runs.remove')}
              loading={remove.pending}
              onClick={() => void remove.run()}
            />
          )}
        </span>
      }
    >
      <div className="stack wide">
        {act.error !== null && <ErrorNotice error={act.error} onClose={act.reset} />}
        {remove.error !== null && <ErrorNotice error={remove.error} onClose={remove.reset} />}
        {reason !== null && reason.code !== 'stopped' && (
          <Alert
            type={state === 'failed' ? 'error' : 'warning'}
            showIcon
            title={t(`runs.reasons.${reason.code}`, reason.params)}
          />
        )}
        {reason !== null && reason.error !== null && <ErrorNotice error={reason.error} level="warning" />}
        {children}
      </div>
    </Panel>
  );
}

/** Seconds between two times, for people. */
export function useSeconds(): (from: string | null | undefined, to: string | null | undefined) => string {
  const { t, number } = useText();
  return (from, to) =>
    from == null || to == null
      ? ''
      : t('runs.seconds', { seconds: number(Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000))) });
}
