/** The rules about probes. What ends by itself needs none. */
import type { PodRule } from '../types.ts';
import { isBatch, runningContainers } from '../workloads.ts';

const REFERENCES = ['https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/'];

function without(
  probe: 'livenessProbe' | 'readinessProbe',
): (pod: Parameters<PodRule['check']>[0]) => ReturnType<PodRule['check']> {
  return (pod) =>
    isBatch(pod)
      ? []
      : runningContainers(pod)
          .filter(({ container }) => container[probe] === undefined || container[probe] === null)
          .map(({ name, path }) => ({ container: name, field: `${path}.${probe}`, evidence: `${probe} is not set` }));
}

export const noLivenessProbe: PodRule = {
  id: 'NoLivenessProbe',
  sets: ['manual'],
  type: 'reliability',
  severity: 'warning',
  scope: 'pod',
  references: REFERENCES,
  texts: {
    zh: {
      title: '没有存活探针',
      impact: '进程挂死后不会被重启，实例一直不可用。',
      remedy: '添加 livenessProbe；启动慢的应用同时添加 startupProbe，且不要与就绪探针相同。',
    },
    en: {
      title: 'No liveness probe',
      impact: 'A process that hangs is never restarted; the instance stays out of service.',
      remedy: 'Add a livenessProbe, different from the readiness probe; slow starters need a startupProbe too.',
    },
  },
  check: without('livenessProbe'),
};

/** Matters where a Service sends traffic; elsewhere it is a notice. */
export const noReadinessProbe: PodRule = {
  id: 'NoReadinessProbe',
  sets: ['manual'],
  type: 'reliability',
  severity: 'warning',
  scope: 'pod',
  references: REFERENCES,
  texts: {
    zh: {
      title: '没有就绪探针',
      impact: '尚未就绪的 Pod 也会收到流量，发布期间出现 5xx。',
      remedy: '添加 readinessProbe，检查应用是否真正可以处理请求。',
    },
    en: {
      title: 'No readiness probe',
      impact: 'Traffic goes to pods that are not ready: 5xx during rollouts.',
      remedy: 'Add a readinessProbe that asks whether the application can serve.',
    },
  },
  check(pod, world) {
    const hits = without('readinessProbe')(pod);
    return world.isServed(pod) ? hits : hits.map((hit) => ({ ...hit, severity: 'notice' as const }));
  },
};
