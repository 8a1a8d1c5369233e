import { said } from '#shared/inspection-evidence.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import { podOf, runningContainers } from '../../workloads.ts';
import { autoscalerRule } from '../families.ts';

const RESOURCES = ['cpu', 'memory'] as const;

export const autoscalerExceedsCapacity = autoscalerRule(
  'AutoscalerExceedsCapacity',
  {
    needs: ['horizontalpodautoscalers.autoscaling', 'nodes'],
    zh: [
      'HPA 的上限超出集群容量',
      '负载最高时扩出的 Pod 没有节点可放，扩容在最需要时停住。',
      '降低 maxReplicas 或副本的 requests，或增加节点；使用自动扩缩节点的集群可豁免本项。',
    ],
    en: [
      'Autoscaler goes beyond the cluster',
      'Under the highest load new pods find no node: scaling stops when it is needed most.',
      'Lower maxReplicas or the requests of a copy, or add nodes; exempt it where nodes are scaled too.',
    ],
  },
  ({ spec, metadata }, world) => {
    const { kind = '', name = '' } = spec?.scaleTargetRef ?? {};
    const target = world.find({ kind, name, namespace: metadata.namespace ?? '' });
    const pod = target === undefined ? null : podOf(target);
    const nodes = world.ofKind('Node').filter((node) => node.spec?.unschedulable !== true);
    if (pod === null || nodes.length === 0) return [];
    const most = Number(spec?.maxReplicas ?? 1);
    return RESOURCES.flatMap((resource) => {
      const each = runningContainers(pod).reduce(
        (sum, { container }) => sum + parseQuantity(container.resources?.requests?.[resource]),
        0,
      );
      const room = nodes.reduce((sum, node) => sum + parseQuantity(node.status?.allocatable?.[resource]), 0);
      if (room === 0 || most * each <= room) return [];
      const share = Math.round((100 * most * each) / room);
      return [{ field: 'spec.maxReplicas', evidence: said('copiesExceed', { copies: most, share, resource }) }];
    });
  },
);
