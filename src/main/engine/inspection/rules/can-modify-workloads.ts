import type { ObjectRule } from '../types.ts';
import { grantsOf, grantText, isPreset, WRITE_VERBS } from './roles.ts';

const RESOURCES = new Map<string, readonly string[]>([
  ['pods', ['']],
  ['replicationcontrollers', ['']],
  ...['deployments', 'daemonsets', 'replicasets', 'statefulsets'].map(
    (resource) => [resource, ['apps', 'extensions']] as const,
  ),
  ['jobs', ['batch']],
  ['cronjobs', ['batch']],
]);

/** A role that nobody is bound to does no harm yet: a notice. */
export const canModifyWorkloads: ObjectRule = {
  id: 'CanModifyWorkloads',
  sets: ['manual'],
  type: 'access',
  severity: 'warning',
  scope: 'object',
  kinds: ['Role', 'ClusterRole'],
  needs: [
    'roles.rbac.authorization.k8s.io',
    'clusterroles.rbac.authorization.k8s.io',
    'rolebindings.rbac.authorization.k8s.io',
    'clusterrolebindings.rbac.authorization.k8s.io',
  ],
  references: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation'],
  texts: {
    zh: {
      title: '角色允许修改工作负载',
      impact: '能创建 Pod 就能读取命名空间内的 Secret、使用其中任何 ServiceAccount，并在节点上长期运行程序。',
      remedy: '拆分角色，只授予需要的工作负载类型和动词，并限定在命名空间内；检查证据中列出的被授权者。',
    },
    en: {
      title: 'Role may change workloads',
      impact:
        'Who creates pods reads the Secrets of the namespace, uses any of its ServiceAccounts and keeps programs running.',
      remedy:
        'Split the role, grant only the kinds and verbs needed, inside namespaces; look at who is bound in the evidence.',
    },
  },
  check(role, world) {
    if (isPreset(role)) return [];
    const subjects = world.subjectsOf(role);
    const bound = subjects.length === 0 ? 'bound to nobody' : `bound to ${subjects.join(', ')}`;
    return grantsOf(role, RESOURCES, WRITE_VERBS).map((grant) => ({
      field: `rules[${grant.index}]`,
      evidence: `${grantText(grant)}; ${bound}`,
      ...(subjects.length === 0 ? { severity: 'notice' as const } : {}),
    }));
  },
};
