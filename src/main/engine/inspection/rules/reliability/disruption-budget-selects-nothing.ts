import { selectorMatches } from '../../workloads.ts';
import { budgetRule } from '../families.ts';

export const disruptionBudgetSelectsNothing = budgetRule(
  'DisruptionBudgetSelectsNothing',
  {
    type: 'configuration',
    severity: 'notice',
    zh: [
      'PodDisruptionBudget 没有选中任何 Pod',
      '它保护不了任何工作负载，通常是标签写错。',
      '使 selector 与 Pod 模板的标签一致，或删除它。',
    ],
    en: [
      'Disruption budget selects nothing',
      'It protects no workload; most often a label is misspelt.',
      'Make the selector fit the labels of the pod template, or delete it.',
    ],
  },
  ({ spec, metadata }, world) => {
    const { namespace = '' } = metadata;
    const inUse = world.pods.some(
      ({ object, labels }) => object.metadata.namespace === namespace && selectorMatches(spec?.selector, labels),
    );
    return inUse ? [] : [{ field: 'spec.selector', evidence: JSON.stringify(spec?.selector ?? {}) }];
  },
);
