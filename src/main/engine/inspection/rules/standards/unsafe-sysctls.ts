import { baselineRule } from '../families.ts';

/** Source: Pod Security Standards, baseline, "Sysctls", as of Kubernetes 1.37. */
const SAFE = new Set([
  ...['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start'],
  ...['net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_local_reserved_ports'],
  ...['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl'],
  ...['net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'],
  ...['net.ipv4.tcp_slow_start_after_idle', 'net.ipv4.tcp_notsent_lowat'],
]);

export const unsafeSysctls = baselineRule(
  'UnsafeSysctls',
  {
    zh: [
      '设置了不安全的 sysctl',
      '该内核参数影响整个节点，可能使其他 Pod 不稳定。',
      '去掉 baseline 之外的 sysctl，由节点配置管理。',
    ],
    en: [
      'Unsafe sysctl set',
      'The kernel parameter holds for the whole node and may upset other pods.',
      'Remove sysctls beyond the baseline, and leave them to the configuration of nodes.',
    ],
  },
  ({ spec, path }) =>
    ((spec.securityContext?.sysctls ?? []) as { name?: string; value?: string }[]).flatMap(
      ({ name = '', value = '' }, index) =>
        SAFE.has(name) ? [] : [{ field: `${path}.securityContext.sysctls[${index}]`, evidence: `${name}=${value}` }],
    ),
);
