import { said } from '#shared/inspection-evidence.ts';
import { replicasOf } from '../../workloads.ts';
import { workloadRule } from '../families.ts';

/** What was made just now may still be starting. */
export const replicasUnavailable = workloadRule(
  'ReplicasUnavailable',
  {
    threshold: { default: 1, min: 1, max: 168, unit: 'hours' },
    zh: ['可用副本不足', '服务能力下降，或已经不可用。', '对该工作负载执行诊断；最近有发布时先回滚。'],
    en: [
      'Replicas are not available',
      'The service has less capacity than wanted, or is down.',
      'Run the diagnosis of the workload; after a recent rollout, roll back first.',
    ],
  },
  (workload, world, minutes) => {
    const { kind, status, metadata } = workload;
    const wanted = kind === 'DaemonSet' ? Number(status?.desiredNumberScheduled ?? 0) : replicasOf(workload);
    const there = Number((kind === 'DaemonSet' ? status?.numberAvailable : status?.readyReplicas) ?? 0);
    const age = world.now - Date.parse(metadata.creationTimestamp ?? '');
    if (there >= wanted || status === undefined || !(age > minutes * 3_600_000)) return [];
    const hit = { field: 'status.readyReplicas', evidence: said('readyOf', { there, wanted }) };
    return there === 0 ? [{ ...hit, severity: 'danger' as const }] : [hit];
  },
);
