import { said } from '#shared/inspection-evidence.ts';
import type { Hit } from '../../types.ts';
import { nodeRule } from '../families.ts';
import { conditionsOf, conditionText, KUBELET_CONDITIONS, leaseOf, RUNTIME_CONDITIONS } from '../nodes.ts';

const SILENT_MS = 5 * 60_000;
/** Told by the rules about runtime and kubelet. */
const ELSEWHERE = new Set([...RUNTIME_CONDITIONS, ...KUBELET_CONDITIONS]);

export const nodeStatus = nodeRule(
  'NodeStatus',
  {
    references: ['https://kubernetes.io/docs/reference/node/node-status/'],
    zh: [
      '节点状态异常',
      '节点上的 Pod 可能被驱逐或无法启动，容量随之减少。',
      '对该节点执行诊断；处理磁盘、内存或网络问题，确认后取消隔离。',
    ],
    en: [
      'Node in trouble',
      'Pods on the node may be evicted or not start, and its capacity is missing.',
      'Run the diagnosis of the node; mend disk, memory or network, and uncordon it when it is well.',
    ],
  },
  (node, world) => {
    const hits: Hit[] = [];
    for (const condition of conditionsOf(node)) {
      const field = `status.conditions[${condition.type}]`;
      if (condition.type === 'Ready') {
        if (condition.status !== 'True') hits.push({ field, evidence: conditionText(condition), severity: 'danger' });
        // Without the leases nobody can tell a kubelet that is silent from one that has nothing to say.
        else if (
          !world.lacks('leases.coordination.k8s.io') &&
          isSilent(condition.lastHeartbeatTime, leaseOf(node, world.ofKind('Lease')), world.now)
        )
          hits.push({
            field,
            evidence: said('lastHeartbeat', { time: condition.lastHeartbeatTime ?? '' }),
            severity: 'danger',
          });
      } else if (condition.status === 'True' && !ELSEWHERE.has(condition.type))
        hits.push({ field, evidence: conditionText(condition) });
    }
    if (conditionsOf(node).every(({ type }) => type !== 'Ready'))
      hits.push({
        field: 'status.conditions[Ready]',
        evidence: said('notReported', { what: 'Ready' }),
        severity: 'danger',
      });
    if (node.spec?.unschedulable === true)
      hits.push({ field: 'spec.unschedulable', evidence: 'unschedulable: true', severity: 'notice' });
    return hits;
  },
);

/** A lease that is renewed tells that the kubelet lives: it may write its status as seldom as every five minutes. */
function isSilent(
  heartbeat: string | undefined,
  lease: { spec?: { renewTime?: string } } | undefined,
  now: number,
): boolean {
  const last = Math.max(Date.parse(heartbeat ?? '') || 0, Date.parse(lease?.spec?.renewTime ?? '') || 0);
  return last > 0 && now - last > SILENT_MS;
}
