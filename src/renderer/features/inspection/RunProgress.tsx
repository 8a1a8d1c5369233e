/** An inspection under way: each cluster with how far it is. */
import type { InspectionRun } from '#shared/contract/inspection.ts';
import { useText } from '../../stores/text.ts';
import { Progress } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { Panel } from '../../ui/Page.tsx';
import { TargetName } from '../../ui/Status.tsx';
import { progressOf } from './look.tsx';

export function RunProgress({ run }: { run: InspectionRun }) {
  const { t } = useText();
  return (
    <div className="scroll-column" data-testid="run-progress">
      <Panel>
        <div className="stack">
          {run.targets.map((target) => (
            <div key={`${target.target.kind}:${target.target.id}`} className="stack">
              <div className="run-target">
                <TargetName name={target.name} kind={target.target.kind} />
                <Progress
                  percent={progressOf({ ...run, targets: [target] })}
                  size="small"
                  status={target.state === 'failed' ? 'exception' : 'normal'}
                  aria-label={target.name}
                />
                <span className="muted ellipsis">
                  {t(`inspection.targetState.${target.state}`, {
                    done: target.read.done,
                    total: target.read.total,
                    objects: target.objects,
                  })}
                </span>
              </div>
              {target.error !== null && <ErrorNotice error={target.error} level="warning" />}
            </div>
          ))}
        </div>
      </Panel>
    </div>
  );
}
