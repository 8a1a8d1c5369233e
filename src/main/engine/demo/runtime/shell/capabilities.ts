/** Linux capabilities of the processes of a container, as the runtime gives them and the kernel shows them. Pure. Source: capabilities(7), the defaults of containerd. */
import type { Json } from '#shared/kubernetes/types.ts';

/** In the order of their numbers. */
const NAMES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );
const DEFAULTS =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'.split(
    ' ',
  );

/** What the container may be given at most; of names that nobody knows nothing. */
export function capabilitiesOf(container: Json): ReadonlySet<string> {
  const { privileged, capabilities } = container.securityContext ?? {};
  if (privileged === true) return new Set(NAMES);
  const named = (list: string[] = []): string[] =>
    list.flatMap((name) => (name.toUpperCase() === 'ALL' ? NAMES : [name.toUpperCase().replace(/^CAP_/, '')]));
  const dropped = new Set(named(capabilities?.drop));
  const added = named(capabilities?.add);
  return new Set([...DEFAULTS.filter((name) => !dropped.has(name)), ...added].filter((name) => NAMES.includes(name)));
}

/** Lines of a status file: only root has what the container was given, everybody is bounded by it. */
export function capabilityLines(container: Json, user: number): string {
  const bits = [...capabilitiesOf(container)].reduce((sum, name) => sum | (1n << BigInt(NAMES.indexOf(name))), 0n);
  const hex = (value: bigint): string => value.toString(16).padStart(16, '0');
  const own = hex(user === 0 ? bits : 0n);
  return `CapInh:\t${hex(0n)}\nCapPrm:\t${own}\nCapEff:\t${own}\nCapBnd:\t${hex(bits)}\nCapAmb:\t${hex(0n)}\n`;
}
