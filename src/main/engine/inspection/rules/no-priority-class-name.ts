import type { PodRule } from '../types.ts';

export const noPriorityClassName: PodRule = {
  id: 'NoPriorityClassName',
  sets: ['manual'],
  type: 'reliability',
  severity: 'notice',
  scope: 'pod',
  needs: ['priorityclasses.scheduling.k8s.io'],
  references: ['https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/'],
  texts: {
    zh: {
      title: '没有设置 PriorityClass',
      impact: '资源紧张时，重要与不重要的 Pod 被同等对待，驱逐和抢占没有先后。',
      remedy: '定义 PriorityClass，并在 Pod 模板中设置 priorityClassName；或设一个 globalDefault。',
    },
    en: {
      title: 'No priority class',
      impact:
        'When resources run short, what matters is treated like what does not: evictions and preemption know no order.',
      remedy: 'Define PriorityClasses and set priorityClassName in the pod template, or make one the globalDefault.',
    },
  },
  check({ spec, path }, world) {
    if (spec.priorityClassName) return [];
    if (world.ofKind('PriorityClass').some(({ globalDefault }) => globalDefault === true)) return [];
    return [{ field: `${path}.priorityClassName`, evidence: 'priorityClassName is not set' }];
  },
};
