/** Whether a template was scheduled, in one word and with the scheduler's own reason. */
import type { FederatedWorkload } from '#shared/contract/federations.ts';
import { useText } from '../../stores/text.ts';
import { Status } from '../../ui/Status.tsx';
import { scheduleLevel } from './levels.ts';

export function ScheduleStatus({ workload }: { workload: FederatedWorkload }) {
  const { t } = useText();
  const level = scheduleLevel(workload);
  if (level === 'none') return <span className="muted">{t('federations.workloads.noPolicy')}</span>;
  const words = level === 'ok' ? 'scheduled' : level === 'error' ? 'notScheduled' : 'waiting';
  return (
    <Status level={level} title={workload.scheduled?.message} testId="workload-scheduled">
      {t(`federations.workloads.${words}`)}
      {level !== 'ok' && workload.scheduled !== null && <span className="muted"> {workload.scheduled.message}</span>}
    </Status>
  );
}
