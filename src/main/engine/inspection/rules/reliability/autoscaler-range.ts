import { said } from '#shared/inspection-evidence.ts';
import { autoscalerRule } from '../families.ts';

export const autoscalerRange = autoscalerRule(
  'AutoscalerRange',
  {
    severity: 'notice',
    zh: [
      'HPA 的范围没有余地',
      '上下限相同则不会伸缩；下限为 1 时空闲后只剩一个副本。',
      '使 maxReplicas 大于 minReplicas，且 minReplicas 不小于 2。',
    ],
    en: [
      'Autoscaler has no room',
      'With equal limits nothing is scaled; from a lower limit of 1 a single copy is left when idle.',
      'Make maxReplicas larger than minReplicas, and minReplicas 2 or more.',
    ],
  },
  ({ spec }) => {
    const [least, most] = [spec?.minReplicas ?? 1, spec?.maxReplicas ?? 1];
    if (least === most) return [{ field: 'spec.maxReplicas', evidence: said('rangeIs', { replicas: most }) }];
    return least === 1 ? [{ field: 'spec.minReplicas', evidence: 'minReplicas: 1', fix: { value: 2 } }] : [];
  },
);
