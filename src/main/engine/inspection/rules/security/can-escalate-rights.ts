import { accessRule } from '../families.ts';
import { specificGrants } from '../roles.ts';

const RESOURCES = new Map<string, readonly string[]>([
  ['roles', ['rbac.authorization.k8s.io']],
  ['clusterroles', ['rbac.authorization.k8s.io']],
]);

export const canEscalateRights = accessRule(
  'CanEscalateRights',
  {
    severity: 'danger',
    references: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb'],
    zh: [
      '角色允许提升自身权限',
      '持有者可以授予自己任何权限，等同于集群管理员。',
      '去掉对 roles 和 clusterroles 的 escalate 与 bind。',
    ],
    en: [
      'Role may raise its own rights',
      'Who holds it grants any right to themselves: cluster-admin in effect.',
      'Remove escalate and bind on roles and clusterroles.',
    ],
  },
  (role, world) => specificGrants(role, world, RESOURCES, ['escalate', 'bind']),
);
