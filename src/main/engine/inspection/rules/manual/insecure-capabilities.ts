import { said } from '#shared/inspection-evidence.ts';
import { addedCapabilities } from '../../workloads.ts';
import { inEveryContainer } from '../containers.ts';
import { hardeningRule } from '../families.ts';

const INSECURE = new Set([
  ...['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP'],
  ...['NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'],
]);
/** Allowed even by the restricted Pod Security Standard. */
const HARMLESS = 'NET_BIND_SERVICE';

export const insecureCapabilities = hardeningRule(
  'InsecureCapabilities',
  {
    zh: [
      '添加了不安全的 capability',
      '容器可以使用原始套接字、绕过文件属主与权限，或改变进程身份。',
      '设置 capabilities: {drop: [ALL], add: [仅需要的项]}。',
    ],
    en: [
      'Insecure capability added',
      'The container uses raw sockets, passes by file ownership and permissions, or changes the identity of processes.',
      'Set capabilities: {drop: [ALL], add: [only what is needed]}.',
    ],
  },
  inEveryContainer((container) => {
    const found = addedCapabilities(container).filter((capability) => INSECURE.has(capability));
    if (found.length === 0) return null;
    const hit = { field: 'securityContext.capabilities.add', evidence: said('adds', { what: found.join(', ') }) };
    return found.every((capability) => capability === HARMLESS) ? { ...hit, severity: 'notice' } : hit;
  }),
);
