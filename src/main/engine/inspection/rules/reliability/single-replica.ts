import { podOf, replicasOf } from '../../workloads.ts';
import { workloadRule } from '../families.ts';

/** Matters where a Service sends traffic. An autoscaler has rules of its own. */
export const singleReplica = workloadRule(
  'SingleReplica',
  {
    zh: [
      '只有一个副本',
      '节点维护或故障、发布期间服务中断。',
      '将 replicas 设为 2 或更大，并分散到不同节点；确实只能有一个实例时请豁免。',
    ],
    en: [
      'Single replica',
      'The service is down whenever its node is drained or fails, and during some rollouts.',
      'Set replicas to 2 or more, spread over nodes; exempt what can only be one.',
    ],
  },
  (workload, world) => {
    if (workload.kind !== 'Deployment' || replicasOf(workload) !== 1) return [];
    const pod = podOf(workload);
    const autoscaled = world
      .inNamespace('HorizontalPodAutoscaler', workload.metadata.namespace ?? '')
      .some(
        ({ spec }) =>
          spec?.scaleTargetRef?.kind === workload.kind && spec.scaleTargetRef.name === workload.metadata.name,
      );
    if (pod === null || autoscaled) return [];
    const hit = { field: 'spec.replicas', evidence: 'replicas: 1', fix: { value: 2 } };
    return world.isServed(pod) ? [hit] : [{ ...hit, severity: 'notice' as const }];
  },
);
