import { said } from '#shared/inspection-evidence.ts';
import { addedCapabilities, HIGH_RISK_CAPABILITIES } from '../../workloads.ts';
import { inEveryContainer } from '../containers.ts';
import { baselineRule } from '../families.ts';

/** Source: Pod Security Standards, baseline, "Capabilities". */
const ALLOWED = new Set([
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP'],
  ...['SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
]);

/** What takes over the node has a rule of its own, which is in this set too. */
export const baselineCapabilities = baselineRule(
  'BaselineCapabilities',
  {
    zh: [
      '添加了 baseline 不允许的 capability',
      '容器获得默认集合之外的内核权限，例如 NET_RAW 可伪造网络报文。',
      '只添加 baseline 允许的 capability，或全部去掉。',
    ],
    en: [
      'Capability beyond the baseline',
      'The container has rights in the kernel beyond the default set; NET_RAW forges packets.',
      'Add only capabilities that the baseline allows, or none.',
    ],
  },
  inEveryContainer((container) => {
    const found = addedCapabilities(container).filter(
      (name) => !ALLOWED.has(name) && !HIGH_RISK_CAPABILITIES.has(name),
    );
    return found.length === 0
      ? null
      : { field: 'securityContext.capabilities.add', evidence: said('adds', { what: found.join(', ') }) };
  }),
);
