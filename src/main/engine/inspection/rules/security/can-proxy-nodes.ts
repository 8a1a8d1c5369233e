import { accessRule } from '../families.ts';
import { specificGrants } from '../roles.ts';

const RESOURCES = new Map<string, readonly string[]>([['nodes/proxy', ['']]]);

export const canProxyNodes = accessRule(
  'CanProxyNodes',
  {
    severity: 'danger',
    references: [
      'https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes',
    ],
    zh: ['角色允许经由 kubelet 代理', '持有者可以绕过准入与审计，在节点的任意 Pod 中执行命令。', '去掉 nodes/proxy。'],
    en: [
      'Role may use the proxy of nodes',
      'Who holds it runs commands in every pod of a node, past admission and the audit log.',
      'Remove nodes/proxy.',
    ],
  },
  (role, world) => specificGrants(role, world, RESOURCES, ['get', 'create', 'update', 'patch']),
);
