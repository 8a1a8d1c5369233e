/** Pod Security Standards, each control with a pod that breaks it and one that keeps it. */
import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { container, deployment, describeRules, findings, withContainer, withContext } from '../../testing.ts';
import { STANDARD_RULES } from './index.ts';

const adds = (...add: string[]): KubeObject[] => [withContext({ capabilities: { add } })];
const podContext = (securityContext: Json): KubeObject[] => [deployment({ securityContext })];
const volume = (source: Json): KubeObject[] => [deployment({ volumes: [{ name: 'data', ...source }] })];

describeRules(STANDARD_RULES, {
  BaselineCapabilities: [
    ['raw sockets', adds('NET_RAW'), ['danger app']],
    ['written small with its prefix', adds('cap_syslog'), ['danger app']],
    ['what the baseline allows', adds('CHOWN', 'NET_BIND_SERVICE'), []],
    ['what takes over the node has its own rule', adds('SYS_ADMIN'), []],
  ],
  HostPathVolume: [
    ['a directory of the host', volume({ hostPath: { path: '/var/log' } }), ['danger']],
    ['a claim', volume({ persistentVolumeClaim: { claimName: 'data' } }), []],
  ],
  ProcMountUnmasked: [
    ['unmasked', [withContext({ procMount: 'Unmasked' })], ['danger app']],
    ['the default', [withContext({ procMount: 'Default' })], []],
    [
      'with user namespaces',
      [deployment({ hostUsers: false, containers: [container({ securityContext: { procMount: 'Unmasked' } })] })],
      [],
    ],
  ],
  SeccompUnconfined: [
    ['for the pod', podContext({ seccompProfile: { type: 'Unconfined' } }), ['danger']],
    ['for a container', [withContext({ seccompProfile: { type: 'Unconfined' } })], ['danger app']],
    ['the profile of the runtime', podContext({ seccompProfile: { type: 'RuntimeDefault' } }), []],
  ],
  AppArmorUnconfined: [
    ['for a container', [withContext({ appArmorProfile: { type: 'Unconfined' } })], ['danger app']],
    [
      'as it was written before',
      [
        deployment(
          {},
          {
            spec: {
              template: {
                metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/app': 'unconfined' } },
                spec: { containers: [container()] },
              },
            },
          },
        ),
      ],
      ['danger app'],
    ],
    ['a profile of the host', [withContext({ appArmorProfile: { type: 'Localhost' } })], []],
  ],
  SELinuxCustom: [
    ['an unconfined type', podContext({ seLinuxOptions: { type: 'spc_t' } }), ['danger']],
    ['a user', [withContext({ seLinuxOptions: { user: 'system_u' } })], ['danger app']],
    ['a level alone', podContext({ seLinuxOptions: { level: 's0:c1,c2' } }), []],
    ['a type for containers', podContext({ seLinuxOptions: { type: 'container_t' } }), []],
  ],
  WindowsHostProcess: [
    ['on', podContext({ windowsOptions: { hostProcess: true } }), ['danger']],
    ['off', podContext({ windowsOptions: { hostProcess: false } }), []],
  ],
  UnsafeSysctls: [
    ['one of the node', podContext({ sysctls: [{ name: 'kernel.msgmax', value: '1' }] }), ['danger']],
    ['a safe one', podContext({ sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] }), []],
  ],
  ProbeToOtherHost: [
    [
      'a probe',
      [withContainer({ livenessProbe: { httpGet: { host: '169.254.169.254', path: '/', port: 80 } } })],
      ['danger app'],
    ],
    ['a hook', [withContainer({ lifecycle: { preStop: { tcpSocket: { host: 'db', port: 5432 } } } })], ['danger app']],
    ['the pod itself', [withContainer({ livenessProbe: { httpGet: { path: '/', port: 80 } } })], []],
  ],
  RestrictedVolumeTypes: [
    ['a share', volume({ nfs: { server: 'nas', path: '/' } }), ['warning']],
    ['a directory of the host has its own rule', volume({ hostPath: { path: '/' } }), []],
    ['a claim', volume({ persistentVolumeClaim: { claimName: 'data' } }), []],
  ],
  SeccompNotSet: [
    ['nowhere', [withContext({})], ['warning app']],
    ['for the pod', podContext({ seccompProfile: { type: 'RuntimeDefault' } }), []],
    ['for the container', [withContext({ seccompProfile: { type: 'Localhost' } })], []],
  ],
  CapabilitiesNotDropped: [
    ['nothing dropped', [withContext({})], ['warning app']],
    ['some dropped', [withContext({ capabilities: { drop: ['NET_RAW'] } })], ['warning app']],
    ['all dropped', [withContext({ capabilities: { drop: ['all'] } })], []],
  ],
  RunAsNonRootNotSaid: [
    ['a user alone', [withContext({ runAsNonRoot: undefined, runAsUser: 1000 })], ['warning app']],
    ['said for the pod', [deployment({ securityContext: { runAsNonRoot: true, runAsUser: 1000 } })], []],
    ['neither has its own rule', [withContext({ runAsNonRoot: undefined })], []],
  ],
});

test('a pod that keeps the restricted standard has nothing of either set', () => {
  const securityContext = {
    ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, readOnlyRootFilesystem: true },
    ...{ seccompProfile: { type: 'RuntimeDefault' }, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } },
  };
  const ids = new Set(STANDARD_RULES.map(({ id }) => id));
  const found = findings([withContainer({ securityContext })]).filter(({ rule }) => ids.has(rule));
  expect(found).toEqual([]);
});
