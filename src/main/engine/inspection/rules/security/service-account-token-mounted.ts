import { said } from '#shared/inspection-evidence.ts';
import { podSecurityRule } from '../families.ts';

/** Only where the token opens something: an account without a role may do nothing. */
export const serviceAccountTokenMounted = podSecurityRule(
  'ServiceAccountTokenMounted',
  {
    needs: [
      'serviceaccounts',
      'rolebindings.rbac.authorization.k8s.io',
      'clusterrolebindings.rbac.authorization.k8s.io',
    ],
    references: ['https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/'],
    zh: [
      '自动挂载了有权限的 ServiceAccount 令牌',
      '入侵该容器的人可以用令牌访问集群 API，行使该账号的权限。',
      '不需要访问 API 时设置 automountServiceAccountToken: false；需要时缩小账号的权限。',
    ],
    en: [
      'Token of a ServiceAccount with rights mounted',
      'Who breaks into the container uses the token against the API of the cluster, with the rights of the account.',
      'Set automountServiceAccountToken: false where the API is not needed; else narrow the rights of the account.',
    ],
  },
  ({ object, spec, path }, world) => {
    const namespace = object.metadata.namespace ?? '';
    const name = spec.serviceAccountName || 'default';
    const account = world.find({ kind: 'ServiceAccount', namespace, name });
    if ((spec.automountServiceAccountToken ?? account?.automountServiceAccountToken) === false) return [];
    const roles = world.rolesOf(`ServiceAccount ${namespace}/${name}`);
    if (roles.length === 0) return [];
    return [
      {
        field: `${path}.automountServiceAccountToken`,
        evidence: said('holds', { name, roles: roles.join(', ') }),
        severity: roles.includes('ClusterRole cluster-admin') ? ('danger' as const) : ('warning' as const),
      },
    ];
  },
);
