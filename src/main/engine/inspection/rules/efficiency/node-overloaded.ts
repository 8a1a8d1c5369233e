import { said } from '#shared/inspection-evidence.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import { nodeUsageRule } from '../families.ts';

export const nodeOverloaded = nodeUsageRule(
  'NodeOverloaded',
  {
    threshold: { default: 80, min: 20, max: 100, unit: 'percent' },
    zh: ['节点资源用量过高', '没有余量应对突增，内存不足时会驱逐 Pod。', '增加节点，或将部分工作负载迁移到其他节点。'],
    en: [
      'Node is nearly full',
      'There is no room for peaks, and pods are evicted when memory runs out.',
      'Add nodes, or move some workloads elsewhere.',
    ],
  },
  (node, world, percent) => {
    const usage = world.find({ kind: 'NodeMetrics', namespace: '', name: node.metadata.name ?? '' })?.usage ?? {};
    return (['cpu', 'memory'] as const).flatMap((resource) => {
      const there = parseQuantity(node.status?.allocatable?.[resource]);
      const used = parseQuantity(usage[resource]);
      if (!(there > 0) || used * 100 < percent * there) return [];
      const share = Math.round((100 * used) / there);
      return [{ field: `status.allocatable.${resource}`, evidence: said('usedOfNode', { resource, share }) }];
    });
  },
);
