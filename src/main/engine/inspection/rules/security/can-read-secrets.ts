import { accessRule } from '../families.ts';
import { specificGrants } from '../roles.ts';

const RESOURCES = new Map<string, readonly string[]>([['secrets', ['']]]);

export const canReadSecrets = accessRule(
  'CanReadSecrets',
  {
    references: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/#secrets'],
    zh: [
      '角色允许读取 Secret',
      '持有者得到命名空间或整个集群的密码、证书与令牌。',
      '用 resourceNames 限定具体的 Secret；list 和 watch 同样会返回内容，一并去掉。',
    ],
    en: [
      'Role may read Secrets',
      'Who holds it has the passwords, certificates and tokens of the namespace or of the whole cluster.',
      'Name the Secrets in resourceNames; list and watch return their content too: remove them as well.',
    ],
  },
  (role, world) => specificGrants(role, world, RESOURCES, ['get', 'list', 'watch']),
);
