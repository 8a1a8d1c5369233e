import { said } from '#shared/inspection-evidence.ts';
import { isBatch } from '../../workloads.ts';
import { inRunningContainers } from '../containers.ts';
import { probeRule } from '../families.ts';

/** Matters where a Service sends traffic; elsewhere it is a notice. What ends by itself needs none. */
export const noReadinessProbe = probeRule(
  'NoReadinessProbe',
  {
    zh: [
      '没有就绪探针',
      '尚未就绪的 Pod 也会收到流量，发布期间出现 5xx。',
      '添加 readinessProbe，检查应用是否真正可以处理请求。',
    ],
    en: [
      'No readiness probe',
      'Traffic goes to pods that are not ready: 5xx during rollouts.',
      'Add a readinessProbe that asks whether the application can serve.',
    ],
  },
  inRunningContainers(({ readinessProbe }, pod, world) => {
    if (isBatch(pod) || (readinessProbe ?? null) !== null) return null;
    const hit = { field: 'readinessProbe', evidence: said('notSet', { what: 'readinessProbe' }) };
    return world.isServed(pod) ? hit : { ...hit, severity: 'notice' };
  }),
);
