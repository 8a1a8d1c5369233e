import { said } from '#shared/inspection-evidence.ts';
import { roleRule } from '../families.ts';
import { grantsOf, grantText, isPreset, WRITE_VERBS } from '../roles.ts';

const CORE = [
  ...['secrets', 'configmaps', 'persistentvolumeclaims', 'users'],
  ...['groups', 'serviceaccounts', 'services', 'endpoints'],
];
const CERT_MANAGER = ['certificates', 'certificaterequests', 'issuers'];
const RESOURCES = new Map<string, readonly string[]>([
  ...CORE.map((resource) => [resource, ['']] as const),
  ...CERT_MANAGER.map((resource) => [resource, ['cert-manager.io']] as const),
  ['events', ['', 'events.k8s.io']],
  ['horizontalpodautoscalers', ['autoscaling']],
  ['roles', ['rbac.authorization.k8s.io']],
  ['clusterroles', ['rbac.authorization.k8s.io']],
  ['ingresses', ['networking.k8s.io', 'extensions']],
  ['networkpolicies', ['networking.k8s.io', 'extensions']],
]);

/** The name says delete; every verb that changes counts, and the evidence tells which. */
export const canDeleteResources = roleRule(
  'CanDeleteResources',
  {
    zh: [
      '角色允许删除或修改资源',
      '持有者可以大量删除配置、凭据和网络规则，或借助修改它们长期驻留。',
      '拆分角色：写明具体的资源和动词，并用 RoleBinding 限定在命名空间内。',
    ],
    en: [
      'Role may delete or change resources',
      'Who holds it deletes configuration, credentials and network rules at large, or stays by changing them.',
      'Split the role: name resources and verbs, and bind it inside namespaces with a RoleBinding.',
    ],
  },
  (role) =>
    isPreset(role)
      ? []
      : grantsOf(role, RESOURCES, WRITE_VERBS).map((grant) => {
          const deletes = grant.verbs.some((verb) => verb === '*' || verb.startsWith('delete'));
          return {
            field: `rules[${grant.index}]`,
            evidence: said(deletes ? 'deletes' : 'writes', { grant: grantText(grant) }),
          };
        }),
);
