import { roleRule } from '../families.ts';
import { grantsOf, grantText, isPreset } from '../roles.ts';

const RESOURCES = new Map([
  ['users', ['']],
  ['groups', ['']],
  ['serviceaccounts', ['']],
  ['userextras', ['authentication.k8s.io']],
  ['uids', ['authentication.k8s.io']],
]);

export const canImpersonateUser = roleRule(
  'CanImpersonateUser',
  {
    references: ['https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation'],
    zh: [
      '角色允许模拟用户',
      '持有者可以冒充任何用户或组，包括 system:masters；审计日志也无法说明真正的操作者。',
      '从角色中去掉 impersonate；确有需要时用 resourceNames 限定可以模拟的身份。',
    ],
    en: [
      'Role may impersonate users',
      'Who holds it acts as any user or group, system:masters included, and the audit log no longer tells who it was.',
      'Remove impersonate from the role; where it is needed, name the identities in resourceNames.',
    ],
  },
  (role) =>
    isPreset(role)
      ? []
      : grantsOf(role, RESOURCES, ['impersonate']).map((grant) => ({
          field: `rules[${grant.index}]`,
          evidence: grantText(grant),
        })),
);
