import { said } from '#shared/inspection-evidence.ts';
import { budgetRule } from '../families.ts';

export const disruptionBudgetBlocks = budgetRule(
  'DisruptionBudgetBlocks',
  {
    zh: [
      'PodDisruptionBudget 不允许任何驱逐',
      '节点无法排空，集群升级和缩容会卡住。',
      '设为 maxUnavailable: 1，或使 minAvailable 小于副本数。',
    ],
    en: [
      'Disruption budget allows no eviction',
      'Nodes cannot be drained: upgrades and scaling down get stuck.',
      'Set maxUnavailable: 1, or a minAvailable below the number of replicas.',
    ],
  },
  ({ spec, status }) => {
    const { minAvailable, maxUnavailable } = spec ?? {};
    if (maxUnavailable === 0 || maxUnavailable === '0%')
      return [{ field: 'spec.maxUnavailable', evidence: `maxUnavailable: ${maxUnavailable}`, fix: { value: 1 } }];
    if (minAvailable === '100%') return [{ field: 'spec.minAvailable', evidence: 'minAvailable: 100%' }];
    const expected = Number(status?.expectedPods ?? 0);
    if (typeof minAvailable === 'number' && expected > 0 && minAvailable >= expected)
      return [
        { field: 'spec.minAvailable', evidence: said('minAvailableOf', { least: minAvailable, pods: expected }) },
      ];
    return [];
  },
);
