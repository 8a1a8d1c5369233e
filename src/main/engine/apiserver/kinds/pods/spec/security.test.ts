import { judge } from '../../test-support.ts';
import { validateContainerSecurity, validatePodSecurity } from './security.ts';

const privileged = { allowPrivilegeEscalation: false, privileged: true };
judge(
  (context) => validateContainerSecurity(context, 'context', true),
  [
    [
      'a user is a number of Linux',
      { runAsUser: -1 },
      ['context.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
      { runAsUser: 0, runAsGroup: 2147483647 },
    ],
    [
      'who is privileged may escalate',
      privileged,
      [
        'context: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
      ],
      { allowPrivilegeEscalation: true, privileged: true },
    ],
    [
      '/proc is seen whole only in a user namespace',
      { procMount: 'Unmasked' },
      ['context.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`'],
      { procMount: 'Default' },
    ],
    [
      '/proc is mounted in a known way',
      { procMount: 'Half' },
      ['context.procMount: Unsupported value: "Half": supported values: "Default", "Unmasked"'],
      { procMount: 'Default' },
    ],
    [
      'a local seccomp profile has a file',
      { seccompProfile: { type: 'Localhost' } },
      ['context.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost'],
      { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/a.json' } },
    ],
    [
      'a seccomp profile stays in its directory',
      { seccompProfile: { type: 'Localhost', localhostProfile: '../a' } },
      ['context.seccompProfile.localhostProfile: Invalid value: "../a": must not contain \'..\''],
      { seccompProfile: { type: 'RuntimeDefault' } },
    ],
    [
      'an AppArmor profile is of a known type',
      { appArmorProfile: { type: 'Strict' } },
      [
        'context.appArmorProfile.type: Unsupported value: "Strict": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
      ],
      { appArmorProfile: { type: 'Localhost', localhostProfile: 'k8s' } },
    ],
  ],
);

judge(
  (spec) => validatePodSecurity(spec, 'spec'),
  [
    [
      'groups are numbers of Linux',
      { securityContext: { supplementalGroups: [1, 2 ** 31] } },
      [
        'spec.securityContext.supplementalGroups[1]: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive',
      ],
      { securityContext: { supplementalGroups: [1], fsGroup: 0 } },
    ],
    [
      'a policy for volumes is a known one',
      { securityContext: { fsGroupChangePolicy: 'Sometimes' } },
      [
        'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Sometimes": supported values: "Always", "OnRootMismatch"',
      ],
      { securityContext: { fsGroupChangePolicy: 'OnRootMismatch' } },
    ],
    [
      'a kernel parameter is set once',
      { securityContext: { sysctls: [{ name: 'net.a' }, { name: 'net.a' }] } },
      ['spec.securityContext.sysctls[1].name: Duplicate value: "net.a"'],
      { securityContext: { sysctls: [{ name: 'net.ipv4/conf.eth0/a', value: '1' }] } },
    ],
    [
      'the network of the host keeps its parameters',
      { hostNetwork: true, securityContext: { sysctls: [{ name: 'net/core/somaxconn' }] } },
      [
        'spec.securityContext.sysctls[0].name: Invalid value: "net/core/somaxconn": may not be specified when \'hostNetwork\' is true',
      ],
      { securityContext: { sysctls: [{ name: 'net/core/somaxconn' }] } },
    ],
    [
      'users of its own go without namespaces of the host',
      { hostUsers: false, hostNetwork: true, hostPID: true },
      ['spec.hostNetwork: Forbidden: when `hostUsers` is false', 'spec.HostPID: Forbidden: when `hostUsers` is false'],
      { hostUsers: true, hostNetwork: true, hostPID: true },
    ],
    [
      'processes are shared with the pod or with the host',
      { hostPID: true, shareProcessNamespace: true },
      [
        'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
      ],
      { shareProcessNamespace: true },
    ],
  ],
);
