/** Moving by weights while it goes on, and afterwards (M7). */
import type { RunAction, Shift } from '#shared/contract/federation-runs.ts';
import { RunFrame } from './RunFrame.tsx';
import { ShiftSteps } from './ShiftSteps.tsx';

function actionsOf({ state, at }: Shift): RunAction[] {
  const back: RunAction[] = at >= 1 ? ['back'] : [];
  switch (state) {
    case 'running':
      return ['pause', ...back, 'revert'];
    case 'waiting':
    case 'paused':
      return ['next', ...back, 'finish', 'revert'];
    case 'done':
      return ['revert'];
    default:
      return [];
  }
}

export function ShiftView({ run }: { run: Shift }) {
  return (
    <RunFrame run={run} title={run.policy} actions={actionsOf(run)}>
      <ShiftSteps steps={run.steps} at={run.at} running={run.state === 'running'} />
    </RunFrame>
  );
}
