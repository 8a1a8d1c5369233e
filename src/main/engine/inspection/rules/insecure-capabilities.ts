import type { PodRule } from '../types.ts';
import { addedCapabilities, allContainers } from '../workloads.ts';

const INSECURE = new Set([
  ...['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP'],
  ...['NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'],
]);
/** Allowed even by the restricted Pod Security Standard. */
const HARMLESS = 'NET_BIND_SERVICE';

export const insecureCapabilities: PodRule = {
  id: 'InsecureCapabilities',
  sets: ['manual'],
  type: 'security',
  severity: 'warning',
  scope: 'pod',
  references: ['https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted'],
  texts: {
    zh: {
      title: '添加了不安全的 capability',
      impact: '容器可以使用原始套接字、绕过文件属主与权限，或改变进程身份。',
      remedy: '设置 capabilities: {drop: [ALL], add: [仅需要的项]}。',
    },
    en: {
      title: 'Insecure capability added',
      impact:
        'The container uses raw sockets, passes by file ownership and permissions, or changes the identity of processes.',
      remedy: 'Set capabilities: {drop: [ALL], add: [only what is needed]}.',
    },
  },
  check: (pod) =>
    allContainers(pod).flatMap(({ container, name, path }) => {
      const found = addedCapabilities(container).filter((capability) => INSECURE.has(capability));
      if (found.length === 0) return [];
      const harmless = found.every((capability) => capability === HARMLESS);
      return [
        {
          container: name,
          field: `${path}.securityContext.capabilities.add`,
          evidence: `adds ${found.join(', ')}`,
          ...(harmless ? { severity: 'notice' as const } : {}),
        },
      ];
    }),
};
