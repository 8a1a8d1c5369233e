/** A drill while it goes on, and what it measured (M8; the manual's 5.4). */
import type { Drill, DrillPhase, RunAction } from '#shared/contract/federation-runs.ts';
import { useText } from '../../../stores/text.ts';
import { Alert, Steps } from '../../../ui/controls.ts';
import { Facts } from '../../../ui/Page.tsx';
import { whyRoute } from '../why/route.ts';
import { RunFrame, useSeconds } from './RunFrame.tsx';
import { Split } from './ShiftSteps.tsx';

function actionsOf({ state }: Drill): RunAction[] {
  if (state === 'waiting') return ['next', 'stop'];
  return state === 'running' ? ['stop'] : [];
}

export function DrillView({ run }: { run: Drill }) {
  const { t } = useText();
  const seconds = useSeconds();
  const at = (phase: DrillPhase): string | null => run.phases.find((entry) => entry.phase === phase)?.at ?? null;
  const next = run.phases.findIndex((entry) => entry.at === null);
  const ended = run.endedAt !== null;
  const guide = guideOf(run);
  const workload = run.sample ?? run.workloads[0];
  const figures = [
    { label: t('runs.figures.noticed'), value: seconds(at('cut'), at('noticed')) },
    { label: t('runs.figures.placed'), value: seconds(at('cut'), at('evicted')) },
    { label: t('runs.figures.takenOver'), value: seconds(at('cut'), at('takenOver')) },
    { label: t('runs.figures.back'), value: seconds(at('restored'), at('back')) },
    { label: t('runs.figures.balanced'), value: seconds(at('back'), at('balanced')) },
    { label: t('runs.figures.lowest'), value: run.lowest === null ? '' : `${run.lowest.ready}/${run.lowest.wanted}` },
  ].filter(({ value }) => value !== '');
  const placements = (['before', 'during', 'after'] as const).filter((when) => run[when].length > 0);
  return (
    <RunFrame run={run} title={t('runs.drillTitle', { cluster: run.cluster })} actions={actionsOf(run)}>
      {guide !== null && (
        <Alert
          type="info"
          showIcon
          title={t(guide, { cluster: run.cluster })}
          {...(workload === undefined || run.state !== 'waiting'
            ? {}
            : { action: <a href={whyRoute(run.federationId, workload)}>{t('why.open')}</a> })}
          data-testid="drill-guide"
          data-after={lastPhase(run)}
        />
      )}
      <Steps
        size="small"
        className="drill-steps"
        current={next < 0 ? run.phases.length : next}
        status={run.state === 'failed' ? 'error' : ended || run.state === 'waiting' ? 'wait' : 'process'}
        titlePlacement="vertical"
        items={run.phases.map(({ phase, at: time }, index) => ({
          title: t(`runs.phases.${phase}`),
          content: time === null || index === 0 ? '' : seconds(run.phases[index - 1]?.at, time),
        }))}
      />
      {figures.length > 0 && (
        <div className="drill-figures">
          <Facts facts={figures} />
        </div>
      )}
      {placements.length > 0 && (
        <table className="plain-table drill-placements" data-testid="drill-placements">
          <tbody>
            {placements.map((when) => (
              <tr key={when}>
                <th>{t(`runs.placements.${when}`)}</th>
                <td>
                  <Split replicas={run[when]} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </RunFrame>
  );
}

function lastPhase({ phases }: Drill): DrillPhase | undefined {
  return phases.filter(({ at }) => at !== null).at(-1)?.phase;
}

function guideOf(run: Drill) {
  const last = lastPhase(run);
  // What takes long by design is explained while it does.
  if (run.state === 'running' && run.how === 'fault') {
    if (last === 'cut') return 'runs.guide.cut';
    return last === 'restored' ? 'runs.guide.restored' : null;
  }
  if (run.state !== 'waiting') return null;
  switch (last) {
    case 'ready':
      return 'runs.guide.ready';
    case 'takenOver':
      return 'runs.guide.takenOver';
    case 'back':
      return 'runs.guide.back';
    case 'balanced':
      return run.sample === null ? 'runs.guide.balancedOwn' : 'runs.guide.balanced';
    default:
      return null;
  }
}
