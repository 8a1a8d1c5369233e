import { said } from '#shared/inspection-evidence.ts';
import { probeRule } from '../families.ts';

export const noPriorityClassName = probeRule(
  'NoPriorityClassName',
  {
    severity: 'notice',
    needs: ['priorityclasses.scheduling.k8s.io'],
    references: ['https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/'],
    zh: [
      '没有设置 PriorityClass',
      '资源紧张时，重要与不重要的 Pod 被同等对待，驱逐和抢占没有先后。',
      '定义 PriorityClass，并在 Pod 模板中设置 priorityClassName；或设一个 globalDefault。',
    ],
    en: [
      'No priority class',
      'When resources run short, what matters is treated like what does not: evictions and preemption know no order.',
      'Define PriorityClasses and set priorityClassName in the pod template, or make one the globalDefault.',
    ],
  },
  ({ spec, path }, world) =>
    spec.priorityClassName || world.ofKind('PriorityClass').some(({ globalDefault }) => globalDefault === true)
      ? []
      : [{ field: `${path}.priorityClassName`, evidence: said('notSet', { what: 'priorityClassName' }) }],
);
