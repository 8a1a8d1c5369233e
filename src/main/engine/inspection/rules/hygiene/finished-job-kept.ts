import { said } from '#shared/inspection-evidence.ts';
import { leftoverRule } from '../families.ts';

const DAY_MS = 86_400_000;

function endOf(conditions: unknown): string | undefined {
  return ((conditions ?? []) as { type?: string; status?: string; lastTransitionTime?: string }[]).find(
    ({ type, status }) => type === 'Failed' && status === 'True',
  )?.lastTransitionTime;
}

/** A CronJob keeps as many as its history says. */
export const finishedJobKept = leftoverRule('Job', 'jobs.batch')(
  'FinishedJobKept',
  {
    threshold: { default: 7, min: 1, max: 365, unit: 'days' },
    zh: [
      '已结束的 Job 未清理',
      'Job 及其 Pod 一直保留，增加 API Server和 etcd 的负担。',
      '设置 ttlSecondsAfterFinished，或删除该 Job。',
    ],
    en: [
      'Finished job is kept',
      'Job and pods stay for ever, a load on API server and etcd.',
      'Set ttlSecondsAfterFinished, or delete the job.',
    ],
  },
  ({ status, spec, metadata }, world, days) => {
    const ended = Date.parse(status?.completionTime ?? endOf(status?.conditions) ?? '');
    const owned = metadata.ownerReferences?.some(({ kind }) => kind === 'CronJob') ?? false;
    if (owned || spec?.ttlSecondsAfterFinished !== undefined || !(world.now - ended > days * DAY_MS)) return [];
    return [
      { field: 'spec.ttlSecondsAfterFinished', evidence: said('finished', { time: new Date(ended).toISOString() }) },
    ];
  },
);
