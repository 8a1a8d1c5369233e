import { said } from '#shared/inspection-evidence.ts';
import { podOf, replicasOf, selectorMatches } from '../../workloads.ts';
import { workloadRule } from '../families.ts';

export const noDisruptionBudget = workloadRule(
  'NoDisruptionBudget',
  {
    needs: ['poddisruptionbudgets.policy'],
    references: ['https://kubernetes.io/docs/tasks/run-application/configure-pdb/'],
    zh: [
      '没有 PodDisruptionBudget',
      '节点维护时可能同时驱逐全部副本，使服务中断。',
      '为该工作负载创建 PodDisruptionBudget，例如 maxUnavailable: 1。',
    ],
    en: [
      'No disruption budget',
      'Draining nodes may evict all copies at once, and the service is down.',
      'Make a PodDisruptionBudget for the workload, with maxUnavailable: 1 for example.',
    ],
  },
  (workload, world) => {
    const pod = podOf(workload);
    if (pod === null || workload.kind === 'DaemonSet' || replicasOf(workload) < 2) return [];
    const budgets = world.inNamespace('PodDisruptionBudget', workload.metadata.namespace ?? '');
    return budgets.some(({ spec }) => selectorMatches(spec?.selector, pod.labels))
      ? []
      : [{ field: 'spec.replicas', evidence: said('replicasWithoutBudget', { replicas: replicasOf(workload) }) }];
  },
);
