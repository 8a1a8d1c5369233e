/** Settings of the kernel that a pod may ask for, and those that its containers see. Pure. Source: kubelet's sysctl allowlist. */
import type { KubeObject } from '#shared/kubernetes/types.ts';

/** Those that a kubelet allows where nobody allowed more, with what a container has without asking. */
const SAFE: Readonly<Record<string, string>> = {
  'kernel.shm_rmid_forced': '0',
  'net.ipv4.ip_local_port_range': '32768\t60999',
  'net.ipv4.tcp_syncookies': '1',
  'net.ipv4.ping_group_range': '0\t2147483647',
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ip_local_reserved_ports': '',
  'net.ipv4.tcp_keepalive_time': '7200',
  'net.ipv4.tcp_fin_timeout': '60',
  'net.ipv4.tcp_keepalive_intvl': '75',
  'net.ipv4.tcp_keepalive_probes': '9',
  'net.ipv4.tcp_rmem': '4096\t131072\t6291456',
  'net.ipv4.tcp_wmem': '4096\t16384\t4194304',
};
const OTHERS: Readonly<Record<string, string>> = {
  'kernel.msgmax': '8192',
  'kernel.msgmnb': '16384',
  'kernel.sem': '32000\t1024000000\t500\t32000',
  'kernel.shmall': '18446744073692774399',
  'kernel.shmmax': '18446744073692774399',
  'net.core.somaxconn': '4096',
  'net.ipv4.ip_forward': '1',
  'vm.max_map_count': '262144',
  'vm.overcommit_memory': '1',
  'vm.swappiness': '60',
};

/** A name with dots, whichever separator it was given with. */
export function sysctlName(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '/' ? name.replace(/[./]/g, (one) => (one === '/' ? '.' : '/')) : name;
}

/** By name, as the containers of the pod see them. */
export function sysctlsOf(pod: KubeObject): ReadonlyMap<string, string> {
  const found = new Map(Object.entries({ ...SAFE, ...OTHERS }));
  for (const { name, value } of pod.spec?.securityContext?.sysctls ?? []) found.set(sysctlName(name), value);
  return found;
}

/** Why a kubelet does not take the pod; null: it does. */
export function forbiddenSysctl(pod: KubeObject): string | null {
  for (const { name } of pod.spec?.securityContext?.sysctls ?? []) {
    const plain = sysctlName(name);
    if (!Object.hasOwn(SAFE, plain)) return `forbidden sysctl: "${plain}" not allowlisted`;
    const host = plain.startsWith('net.') ? pod.spec?.hostNetwork : pod.spec?.hostIPC;
    if (host === true)
      return `forbidden sysctl: "${plain}" not allowed with host ${plain.startsWith('net.') ? 'net' : 'ipc'} enabled`;
  }
  return null;
}
