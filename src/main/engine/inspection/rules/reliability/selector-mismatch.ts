import { said } from '#shared/inspection-evidence.ts';
import { labelText, podOf, selectorMatches } from '../../workloads.ts';
import { workloadRule } from '../families.ts';

/** The API refuses it; manifests may have it. */
export const selectorMismatch = workloadRule(
  'SelectorMismatch',
  {
    severity: 'danger',
    type: 'configuration',
    zh: [
      '选择器与模板标签不一致',
      '控制器无法管理自己创建的 Pod。',
      '使 spec.selector 与 spec.template.metadata.labels 一致。',
    ],
    en: [
      'Selector does not fit the template',
      'The controller does not own the pods that it makes.',
      'Make spec.selector fit spec.template.metadata.labels.',
    ],
  },
  (workload) => {
    const pod = podOf(workload);
    const selector = workload.spec?.selector;
    return pod === null || selector === undefined || selectorMatches(selector, pod.labels)
      ? []
      : [
          {
            field: 'spec.selector',
            evidence: said('selectorAgainst', { selector: JSON.stringify(selector), labels: labelText(pod.labels) }),
          },
        ];
  },
);
