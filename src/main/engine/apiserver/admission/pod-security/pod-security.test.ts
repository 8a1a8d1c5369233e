import { describe, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { findingsText, type Level, policyOf, policyText, violations } from './policy.ts';

function found(level: Level, spec: Json, version = 'latest', annotations: Record<string, string> = {}): string {
  return findingsText(violations({ level, version }, { metadata: { annotations }, spec }));
}

const container = (extra: Json = {}, name = 'c'): Json => ({ name, image: 'i', ...extra });
const secure = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

describe('baseline', () => {
  test.each([
    ['an ordinary pod', { containers: [container()] }, ''],
    [
      'host namespaces',
      { hostNetwork: true, hostPID: true, containers: [container()] },
      'host namespaces (hostNetwork=true, hostPID=true)',
    ],
    [
      'a privileged container among several',
      { containers: [container({ securityContext: { privileged: true } }, 'a'), container({}, 'b')] },
      'privileged (container "a" must not set securityContext.privileged=true)',
    ],
    [
      'ports of the node',
      { containers: [container({ ports: [{ hostPort: 80 }, { hostPort: 443 }] }, 'a')] },
      'hostPort (container "a" uses hostPorts 443, 80)',
    ],
    [
      'capabilities beyond the usual ones, of init containers too',
      {
        initContainers: [container({ securityContext: { capabilities: { add: ['NET_ADMIN'] } } }, 'i')],
        containers: [container({ securityContext: { capabilities: { add: ['CHOWN', 'SYS_TIME'] } } })],
      },
      'non-default capabilities (containers "i", "c" must not include "NET_ADMIN", "SYS_TIME" in securityContext.capabilities.add)',
    ],
    [
      'folders of the node',
      { volumes: [{ name: 'v', hostPath: { path: '/' } }], containers: [container()] },
      'hostPath volumes (volume "v")',
    ],
    [
      'SELinux options of pod and container',
      {
        securityContext: { seLinuxOptions: { user: 'u' } },
        containers: [container({ securityContext: { seLinuxOptions: { type: 'spc_t' } } })],
      },
      'seLinuxOptions (pod and container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
    ],
    [
      'no system call filter',
      { securityContext: { seccompProfile: { type: 'Unconfined' } }, containers: [container()] },
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'kernel settings',
      {
        securityContext: { sysctls: [{ name: 'kernel.msgmax' }, { name: 'net.ipv4.tcp_syncookies' }] },
        containers: [],
      },
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      'Windows host processes',
      { securityContext: { windowsOptions: { hostProcess: true } }, containers: [] },
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      'no AppArmor',
      { containers: [container({ securityContext: { appArmorProfile: { type: 'Unconfined' } } })] },
      'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")',
    ],
    [
      'probes of other hosts',
      { containers: [container({ livenessProbe: { httpGet: { host: '10.0.0.1' } } })] },
      'probe or lifecycle host (container "c" uses probe or lifecycle host "10.0.0.1")',
    ],
    [
      'an unmasked /proc',
      { containers: [container({ securityContext: { procMount: 'Unmasked' } })] },
      'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
    ],
  ])('%s', (_name, spec, expected) => {
    expect(found('baseline', spec)).toBe(expected);
  });

  test('a user namespace of its own excuses an unmasked /proc since 1.35', () => {
    const spec = { hostUsers: false, containers: [container({ securityContext: { procMount: 'Unmasked' } })] };
    expect(found('baseline', spec)).toBe('');
    expect(found('baseline', spec, 'v1.34')).toContain('procMount');
  });

  test('a version asks for what its standards knew', () => {
    const probe = { containers: [container({ livenessProbe: { tcpSocket: { host: 'h' } } })] };
    expect(found('baseline', probe, 'v1.33')).toBe('');
    const sysctl = { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }] }, containers: [] };
    expect([found('baseline', sysctl, 'v1.31'), found('baseline', sysctl, 'v1.32')]).toEqual([
      'forbidden sysctls (net.ipv4.tcp_rmem)',
      '',
    ]);
    const annotations = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
    expect(found('baseline', { containers: [] }, 'v1.18', annotations)).toBe(
      'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    );
  });
});

describe('restricted', () => {
  test('an ordinary container lacks everything the level asks for', () => {
    expect(found('restricted', { containers: [container({}, 'nginx')] })).toBe(
      'allowPrivilegeEscalation != false (container "nginx" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "nginx" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "nginx" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "nginx" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
  });

  test('a container that says all of it passes, also when the pod says it for all', () => {
    expect(found('restricted', { containers: [container({ securityContext: secure })] })).toBe('');
    const { runAsNonRoot, seccompProfile, ...own } = secure;
    const securityContext = { runAsNonRoot, seccompProfile };
    expect(found('restricted', { securityContext, containers: [container({ securityContext: own })] })).toBe('');
  });

  test('what restricted checks itself is not reported as baseline too', () => {
    const spec = {
      volumes: [
        { name: 'a', hostPath: { path: '/' } },
        { name: 'b', nfs: { server: 's', path: '/' } },
        { name: 'c', emptyDir: {} },
      ],
      containers: [
        container({
          securityContext: {
            ...secure,
            runAsUser: 0,
            capabilities: { drop: ['ALL'], add: ['NET_RAW', 'NET_BIND_SERVICE'] },
          },
        }),
      ],
    };
    expect(found('restricted', spec)).toBe(
      'unrestricted capabilities (container "c" must not include "NET_RAW" in securityContext.capabilities.add), ' +
        'restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs"), ' +
        'runAsUser=0 (container "c" must not set runAsUser=0)',
    );
  });

  test('baseline findings come before those of restricted', () => {
    const spec = {
      hostNetwork: true,
      containers: [container({ securityContext: { ...secure, runAsNonRoot: false } })],
    };
    expect(found('restricted', spec)).toBe(
      'host namespaces (hostNetwork=true), runAsNonRoot != true (container "c" must not set securityContext.runAsNonRoot=false)',
    );
  });

  test('Linux settings are not asked of Windows pods', () => {
    const spec = { os: { name: 'windows' }, containers: [container({ securityContext: { runAsNonRoot: true } })] };
    expect(found('restricted', spec)).toBe('');
  });
});

describe('labels of a namespace', () => {
  const labels = (mode: Record<string, string>) =>
    Object.fromEntries(Object.entries(mode).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]));
  const modes = (given: Record<string, string>) => {
    const { policy } = policyOf(labels(given));
    return [policy.enforce, policy.audit, policy.warn].map(policyText);
  };

  test('without any everything is allowed', () => {
    expect(policyOf({ other: 'x' }).policy.enforce.level).toBe('privileged');
  });

  test('who enforces is warned at the same level and version', () => {
    expect(modes({ enforce: 'restricted', 'enforce-version': 'v1.30' })).toEqual([
      'restricted:v1.30',
      'privileged:latest',
      'restricted:v1.30',
    ]);
    expect(modes({ enforce: 'baseline', warn: 'privileged' })[2]).toBe('privileged:latest');
  });

  test('unreadable labels are errors: enforcing fails closed, advice open', () => {
    const { policy, errors } = policyOf(labels({ enforce: 'strict', audit: 'x', 'warn-version': '1.2' }));
    expect(policy.enforce.level).toBe('restricted');
    expect(policy.audit.level).toBe('privileged');
    expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
      'metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "x": must be one of privileged, baseline, restricted',
      'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.2": must be "latest" or "v1.x"',
    ]);
  });
});
