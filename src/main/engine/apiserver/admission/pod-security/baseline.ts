/** Checks of the baseline level, in the order in which they are reported. Source: "Pod Security Standards", Baseline. */
import type { Json } from '#shared/kubernetes/types.ts';
import {
  type Check,
  containers,
  containersOf,
  type Finding,
  namesOf,
  ownUsers,
  type PodLike,
  plural,
  quoted,
  setters,
  sortedSet,
} from './checks.ts';

const CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
/** Harmless kernel settings, with the minor that allowed them first. */
const SYSCTLS = new Map([
  ['kernel.shm_rmid_forced', 0],
  ['net.ipv4.ip_local_port_range', 0],
  ['net.ipv4.tcp_syncookies', 0],
  ['net.ipv4.ping_group_range', 0],
  ['net.ipv4.ip_unprivileged_port_start', 0],
  ['net.ipv4.ip_local_reserved_ports', 27],
  ['net.ipv4.tcp_keepalive_time', 29],
  ['net.ipv4.tcp_fin_timeout', 29],
  ['net.ipv4.tcp_keepalive_intvl', 29],
  ['net.ipv4.tcp_keepalive_probes', 29],
  ['net.ipv4.tcp_rmem', 32],
  ['net.ipv4.tcp_wmem', 32],
]);

export const baselineChecks: readonly Check[] = [
  { id: 'appArmorProfile', level: 'baseline', since: 0, run: appArmor },
  {
    id: 'capabilities_baseline',
    level: 'baseline',
    since: 0,
    run: (pod) => {
      const added = (container: Json): string[] =>
        (container.securityContext?.capabilities?.add ?? []).filter((name: string) => !CAPABILITIES.has(name));
      const bad = namesOf(pod, (container) => added(container).length > 0);
      const found = sortedSet(containersOf(pod).flatMap(added));
      return finding(
        bad,
        'non-default capabilities',
        () => `${containers(bad)} must not include ${quoted(found)} in securityContext.capabilities.add`,
      );
    },
  },
  {
    id: 'hostNamespaces',
    level: 'baseline',
    since: 0,
    run: ({ spec }) => {
      const used = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec?.[field] === true);
      return finding(used, 'host namespaces', () => used.map((field) => `${field}=true`).join(', '));
    },
  },
  {
    id: 'hostPathVolumes',
    level: 'baseline',
    since: 0,
    run: ({ spec }) => {
      const bad: string[] = (spec?.volumes ?? [])
        .filter((volume: Json) => volume.hostPath !== undefined)
        .map((volume: Json) => volume.name);
      return finding(bad, 'hostPath volumes', () => `${plural(bad, 'volume')} ${quoted(bad)}`);
    },
  },
  {
    id: 'hostPorts',
    level: 'baseline',
    since: 0,
    run: (pod) => {
      const used = (container: Json): string[] =>
        (container.ports ?? []).filter((port: Json) => port.hostPort).map((port: Json) => String(port.hostPort));
      const bad = namesOf(pod, (container) => used(container).length > 0);
      const ports = sortedSet(containersOf(pod).flatMap(used));
      return finding(
        bad,
        'hostPort',
        () => `${containers(bad)} ${plural(bad, 'uses', 'use')} ${plural(ports, 'hostPort')} ${ports.join(', ')}`,
      );
    },
  },
  { id: 'hostProbesAndHostLifecycle', level: 'baseline', since: 34, run: probeHosts },
  {
    id: 'privileged',
    level: 'baseline',
    since: 0,
    run: (pod) => {
      const bad = namesOf(pod, (container) => container.securityContext?.privileged === true);
      return finding(bad, 'privileged', () => `${containers(bad)} must not set securityContext.privileged=true`);
    },
  },
  {
    id: 'procMount',
    level: 'baseline',
    since: 0,
    run: (pod, minor) => (ownUsers(pod, minor) ? null : procMount(pod)),
  },
  { id: 'seLinuxOptions', level: 'baseline', since: 0, run: seLinux },
  { id: 'seccompProfile_baseline', level: 'baseline', since: 0, run: seccomp },
  {
    id: 'sysctls',
    level: 'baseline',
    since: 0,
    run: ({ spec }, minor) => {
      const bad: string[] = (spec?.securityContext?.sysctls ?? [])
        .map((sysctl: Json) => String(sysctl.name))
        .filter((name: string) => !SYSCTLS.has(name) || SYSCTLS.get(name)! > minor);
      return finding(bad, 'forbidden sysctls', () => bad.join(', '));
    },
  },
  {
    id: 'windowsHostProcess',
    level: 'baseline',
    since: 0,
    run: (pod) => {
      const sets = (holder: Json): boolean => holder?.securityContext?.windowsOptions?.hostProcess === true;
      const who = setters(sets(pod.spec), namesOf(pod, sets));
      return who === null
        ? null
        : { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` };
    },
  },
];

function finding(found: readonly unknown[], reason: string, detail: () => string): Finding | null {
  return found.length === 0 ? null : { reason, detail: detail() };
}

function appArmor(pod: PodLike): Finding | null {
  const type = (holder: Json): string | undefined => holder?.securityContext?.appArmorProfile?.type;
  const bad = (holder: Json): boolean => !['RuntimeDefault', 'Localhost'].includes(type(holder) ?? 'Localhost');
  const values = sortedSet([pod.spec, ...containersOf(pod)].filter(bad).map((holder) => String(type(holder))));
  const annotations = Object.entries(pod.metadata.annotations ?? {})
    .filter(
      ([key, value]) =>
        key.startsWith(APP_ARMOR) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'),
    )
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
  const who = [
    setters(bad(pod.spec), namesOf(pod, bad)),
    annotations.length > 0 ? plural(annotations, 'annotation') : null,
  ]
    .filter((part) => part !== null)
    .join(' and ');
  if (who === '') return null;
  const all = [...values, ...annotations];
  return {
    reason: plural(all, 'forbidden AppArmor profile'),
    detail: `${who} must not set AppArmor profile type to ${quoted(all)}`,
  };
}

function probeHosts(pod: PodLike): Finding | null {
  const hostsOf = (action: Json): string[] =>
    [action?.httpGet?.host, action?.tcpSocket?.host].filter((host) => (host ?? '') !== '');
  const used = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Json): string[] =>
    [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(hostsOf);
  const bad = sortedSet(namesOf(pod, (container) => used(container).length > 0));
  if (bad.length === 0) return null;
  const hosts = sortedSet(containersOf(pod).flatMap(used));
  const what = plural(hosts, 'probe or lifecycle host');
  return {
    reason: 'probe or lifecycle host',
    detail: `${containers(bad)} ${plural(bad, 'uses', 'use')} ${what} ${quoted(hosts)}`,
  };
}

/** Also a check of the restricted level, where a user namespace is no excuse. */
export function procMount(pod: PodLike): Finding | null {
  const type = (container: Json): string => container.securityContext?.procMount ?? 'Default';
  const bad = namesOf(pod, (container) => type(container) !== 'Default');
  const types = sortedSet(containersOf(pod).map(type)).filter((each) => each !== 'Default');
  return finding(
    bad,
    'procMount',
    () => `${containers(bad)} must not set securityContext.procMount to ${quoted(types)}`,
  );
}

function seLinux(pod: PodLike, minor: number): Finding | null {
  const allowed = [
    '',
    'container_t',
    'container_init_t',
    'container_kvm_t',
    ...(minor >= 31 ? ['container_engine_t'] : []),
  ];
  const options = (holder: Json): Json => holder?.securityContext?.seLinuxOptions ?? {};
  const badType = (holder: Json): boolean => !allowed.includes(options(holder).type ?? '');
  const has = (holder: Json, field: string): boolean => (options(holder)[field] ?? '') !== '';
  const bad = (holder: Json): boolean => badType(holder) || has(holder, 'user') || has(holder, 'role');
  const who = setters(bad(pod.spec), namesOf(pod, bad));
  if (who === null) return null;
  const holders = [pod.spec, ...containersOf(pod)];
  const types = sortedSet(holders.filter(badType).map((holder) => options(holder).type));
  const problems = [
    ...(types.length > 0 ? [`${plural(types, 'type')} ${quoted(types)}`] : []),
    ...(holders.some((holder) => has(holder, 'user')) ? ['user may not be set'] : []),
    ...(holders.some((holder) => has(holder, 'role')) ? ['role may not be set'] : []),
  ];
  return {
    reason: 'seLinuxOptions',
    detail: `${who} set forbidden securityContext.seLinuxOptions: ${problems.join('; ')}`,
  };
}

export function seccompType(holder: Json): string | undefined {
  return holder?.securityContext?.seccompProfile?.type;
}

/** Finds profiles other than the allowed ones; null when all that are given are fine. */
export function badSeccomp(pod: PodLike): Finding | null {
  const bad = (holder: Json): boolean => !['RuntimeDefault', 'Localhost'].includes(seccompType(holder) ?? 'Localhost');
  const who = setters(bad(pod.spec), namesOf(pod, bad));
  if (who === null) return null;
  const values = sortedSet([pod.spec, ...containersOf(pod)].filter(bad).map((holder) => String(seccompType(holder))));
  return {
    reason: 'seccompProfile',
    detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(values)}`,
  };
}

function seccomp(pod: PodLike, minor: number): Finding | null {
  if (minor >= 19) return badSeccomp(pod);
  // Before 1.19 the profile was an annotation.
  const fine = (value: string): boolean => /^(runtime\/default|docker\/default|localhost\/.*)$/.test(value);
  const bad = Object.entries(pod.metadata.annotations ?? {})
    .filter(([key, value]) => (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)) && !fine(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const found = sortedSet(bad);
  return finding(found, 'seccompProfile', () => `forbidden ${plural(found, 'annotation')} ${found.join(', ')}`);
}
