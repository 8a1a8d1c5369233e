/** Whether a template was scheduled, in one word and with the scheduler's own reason. */
import type { FederatedWorkload } from '#shared/contract/federations.ts';
import { useText } from '../../stores/text.ts';
import { Status } from '../../ui/Status.tsx';
import { scheduleLevel } from './levels.ts';

export function ScheduleStatus({ workload }: { workload: FederatedWorkload }) {
  const { t } = useText();
  const level = scheduleLevel(workload);
  if (level === 'none') return <span className="muted">{t('federations.workloads.noPolicy')}</span>;
  if (workload.follows.length > 0 && workload.policy === null)
    return <Status level="ok">{t('federations.workloads.follows')}</Status>;
  if (workload.category === 'namespaces') return <Status level="ok">{t('federations.workloads.everywhere')}</Status>;
  const words = level === 'ok' ? 'scheduled' : level === 'error' ? 'notScheduled' : 'waiting';
  return (
    <Status level={level} title={workload.scheduled?.message} testId="workload-scheduled">
      {t(`federations.workloads.${words}`)}
      {level !== 'ok' && workload.scheduled !== null && <span className="muted"> {workload.scheduled.message}</span>}
    </Status>
  );
}
