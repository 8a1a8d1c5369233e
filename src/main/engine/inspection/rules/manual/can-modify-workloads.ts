import { boundRoleRule } from '../families.ts';
import { boundGrants, WRITE_VERBS } from '../roles.ts';

const RESOURCES = new Map<string, readonly string[]>([
  ['pods', ['']],
  ['replicationcontrollers', ['']],
  ...['deployments', 'daemonsets', 'replicasets', 'statefulsets'].map(
    (resource) => [resource, ['apps', 'extensions']] as const,
  ),
  ['jobs', ['batch']],
  ['cronjobs', ['batch']],
]);

export const canModifyWorkloads = boundRoleRule(
  'CanModifyWorkloads',
  {
    references: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation'],
    zh: [
      '角色允许修改工作负载',
      '能创建 Pod 就能读取命名空间内的 Secret、使用其中任何 ServiceAccount，并在节点上长期运行程序。',
      '拆分角色，只授予需要的工作负载类型和动词，并限定在命名空间内；检查证据中列出的被授权者。',
    ],
    en: [
      'Role may change workloads',
      'Who creates pods reads the Secrets of the namespace, uses any of its ServiceAccounts and keeps programs running.',
      'Split the role, grant only the kinds and verbs needed, inside namespaces; look at who is bound in the evidence.',
    ],
  },
  (role, world) => boundGrants(role, world, RESOURCES, WRITE_VERBS),
);
