import { said } from '#shared/inspection-evidence.ts';
import type { Hit } from '../../types.ts';
import { nodeRule } from '../families.ts';
import { conditionsOf, conditionText, KUBELET_CONDITIONS, leaseOf, minorOf } from '../nodes.ts';

const LATE_MS = 40_000;
const LOST_MS = 5 * 60_000;
/** How far a kubelet may stay behind its API server: two minor versions, three since 1.28. */
const SKEW_CHANGED = 28;

export const kubeletStatus = nodeRule(
  'KubeletStatus',
  {
    needs: ['nodes', 'leases.coordination.k8s.io'],
    references: ['https://kubernetes.io/releases/version-skew-policy/'],
    zh: [
      'kubelet 异常',
      '控制面不再了解该节点，五分钟后开始驱逐其上的 Pod。',
      '在节点上检查 kubelet 的状态与日志并重启；版本落后过多时升级节点。',
    ],
    en: [
      'kubelet in trouble',
      'The control plane knows nothing of the node any more, and evicts its pods after five minutes.',
      'Look at state and log of the kubelet on the node and restart it; upgrade a node that is too far behind.',
    ],
  },
  (node, world) => {
    const hits: Hit[] = [];
    for (const condition of conditionsOf(node)) {
      const field = `status.conditions[${condition.type}]`;
      const silent = condition.type === 'Ready' && condition.status === 'Unknown';
      if (silent || (KUBELET_CONDITIONS.includes(condition.type) && condition.status === 'True'))
        hits.push({ field, evidence: conditionText(condition) });
    }
    const renewed = Date.parse(leaseOf(node, world.ofKind('Lease'))?.spec?.renewTime ?? '');
    const late = world.now - renewed;
    if (late > LATE_MS)
      hits.push({
        field: 'Lease.spec.renewTime',
        evidence: said('leaseRenewed', {
          time: new Date(renewed).toISOString(),
          seconds: Math.round(late / 1000),
        }),
        ...(late > LOST_MS ? { severity: 'danger' as const } : {}),
      });
    hits.push(...skew(node.status?.nodeInfo?.kubeletVersion, world.version));
    return hits;
  },
);

function skew(kubelet: string | undefined, server: string | null): Hit[] {
  const [own, theirs] = [minorOf(kubelet), minorOf(server)];
  if (own === null || theirs === null) return [];
  const allowed = theirs >= SKEW_CHANGED ? 3 : 2;
  if (own <= theirs && theirs - own <= allowed) return [];
  return [
    {
      field: 'status.nodeInfo.kubeletVersion',
      evidence: said('kubeletSkew', { kubelet: kubelet ?? '', server: server ?? '' }),
    },
  ];
}
