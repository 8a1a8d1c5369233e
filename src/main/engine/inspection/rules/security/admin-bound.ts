import { said } from '#shared/inspection-evidence.ts';
import { bindingRule } from '../families.ts';
import { isPresetBinding, subjectTexts } from '../roles.ts';

export const adminBound = bindingRule(
  'AdminBound',
  {
    severity: 'warning',
    zh: [
      '绑定了 cluster-admin',
      '该主体可以在集群中做任何事，包括读取全部 Secret 和删除整个集群的内容。',
      '改用权限更小的角色；应急账号请豁免并写明原因。',
    ],
    en: [
      'Bound to cluster-admin',
      'The subject may do anything in the cluster, reading every Secret and deleting all there is included.',
      'Use a role with fewer rights; exempt accounts for emergencies, with the reason.',
    ],
  },
  ({ roleRef, subjects, metadata }) =>
    roleRef?.name !== 'cluster-admin' || isPresetBinding(metadata)
      ? []
      : [{ field: 'roleRef', evidence: subjectTexts(subjects).join(', ') || said('nobody') }],
);
