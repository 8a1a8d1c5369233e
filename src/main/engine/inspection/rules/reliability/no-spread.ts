import { said } from '#shared/inspection-evidence.ts';
import { podOf, replicasOf } from '../../workloads.ts';
import { workloadRule } from '../families.ts';

export const noSpread = workloadRule(
  'NoSpread',
  {
    severity: 'notice',
    references: ['https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/'],
    zh: [
      '副本没有分散到不同节点',
      '全部副本可能落在同一节点上，节点故障即服务中断。',
      '设置 topologySpreadConstraints 或 podAntiAffinity，按 kubernetes.io/hostname 与可用区分散。',
    ],
    en: [
      'Replicas are not spread',
      'All copies may run on one node and fail with it.',
      'Set topologySpreadConstraints or podAntiAffinity over kubernetes.io/hostname and the zone.',
    ],
  },
  (workload) => {
    const pod = podOf(workload);
    if (pod === null || workload.kind === 'DaemonSet' || replicasOf(workload) < 2) return [];
    const { topologySpreadConstraints = [], affinity } = pod.spec;
    if ((topologySpreadConstraints ?? []).length > 0 || affinity?.podAntiAffinity !== undefined) return [];
    const evidence = said('replicasWithoutSpread', { replicas: replicasOf(workload) });
    return [{ field: `${pod.path}.topologySpreadConstraints`, evidence }];
  },
);
