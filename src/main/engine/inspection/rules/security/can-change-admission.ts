import { accessRule } from '../families.ts';
import { specificGrants } from '../roles.ts';

const RESOURCES = new Map<string, readonly string[]>([
  ['validatingwebhookconfigurations', ['admissionregistration.k8s.io']],
  ['mutatingwebhookconfigurations', ['admissionregistration.k8s.io']],
]);

export const canChangeAdmission = accessRule(
  'CanChangeAdmission',
  {
    severity: 'danger',
    references: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/#control-admission-webhooks'],
    zh: [
      '角色允许修改准入 Webhook',
      '持有者可以读取或篡改提交到集群的任何对象，或使集群拒绝所有请求。',
      '去掉对 validatingwebhookconfigurations 和 mutatingwebhookconfigurations 的写权限。',
    ],
    en: [
      'Role may change admission webhooks',
      'Who holds it reads or alters every object that is sent to the cluster, or makes it refuse everything.',
      'Remove writing on validatingwebhookconfigurations and mutatingwebhookconfigurations.',
    ],
  },
  (role, world) => specificGrants(role, world, RESOURCES, ['create', 'update', 'patch']),
);
