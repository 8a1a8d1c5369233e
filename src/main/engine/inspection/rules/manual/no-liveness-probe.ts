import { said } from '#shared/inspection-evidence.ts';
import { isBatch } from '../../workloads.ts';
import { inRunningContainers } from '../containers.ts';
import { probeRule } from '../families.ts';

/** What ends by itself needs none. */
export const noLivenessProbe = probeRule(
  'NoLivenessProbe',
  {
    zh: [
      '没有存活探针',
      '进程挂死后不会被重启，实例一直不可用。',
      '添加 livenessProbe；启动慢的应用同时添加 startupProbe，且不要与就绪探针相同。',
    ],
    en: [
      'No liveness probe',
      'A process that hangs is never restarted; the instance stays out of service.',
      'Add a livenessProbe, different from the readiness probe; slow starters need a startupProbe too.',
    ],
  },
  inRunningContainers(({ livenessProbe }, pod) =>
    isBatch(pod) || (livenessProbe ?? null) !== null
      ? null
      : { field: 'livenessProbe', evidence: said('notSet', { what: 'livenessProbe' }) },
  ),
);
