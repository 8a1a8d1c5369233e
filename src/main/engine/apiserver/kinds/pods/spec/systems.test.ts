import { describe, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { validateHostProcesses, validateSystem, validateWindowsOptions } from './systems.ts';

const texts = (errors: { field: string; message: string }[]) =>
  errors.map(({ field, message }) => `${field}: ${message}`);
const container = (securityContext: Json) => ({ name: 'c', securityContext });

describe('the operating system of a pod', () => {
  test.each<[string, Json, string[]]>([
    ['need not be named', {}, []],
    ['has a name', { os: {} }, ['spec.os.name: Required value']],
    [
      'is one of two',
      { os: { name: 'plan9' } },
      ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
    ],
    [
      'linux knows no options of Windows',
      {
        os: { name: 'linux' },
        securityContext: { windowsOptions: {} },
        containers: [container({ windowsOptions: {} }), container({ runAsUser: 1 })],
      },
      [
        'spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
        'spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
      ],
    ],
    [
      'windows knows no users by number, no capabilities and no shared namespaces',
      {
        os: { name: 'windows' },
        hostPID: true,
        hostIPC: false,
        shareProcessNamespace: false,
        securityContext: { fsGroup: 0, sysctls: [], supplementalGroups: [] },
        initContainers: [container({ privileged: false })],
      },
      [
        'spec.hostPID: Forbidden: cannot be set for a windows pod',
        'spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod',
        'spec.shareProcessNamespace: Forbidden: cannot be set for a windows pod',
        'spec.securityContext.supplementalGroups: Forbidden: cannot be set for a windows pod',
        'spec.initContainers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod',
      ],
    ],
  ])('%s', (_name, spec, expected) => {
    expect(texts(validateSystem(spec, 'spec'))).toEqual(expected);
  });
});

describe('the account of a Windows container', () => {
  test.each<[string, string[]]>([
    ['ContainerAdministrator', []],
    ['CORP\\svc-build', []],
    ['corp.example.com\\svc', []],
    ['', ['runAsUserName cannot be an empty string']],
    ['a\tb', ['runAsUserName cannot contain control characters']],
    ['a\\b\\c', ['runAsUserName cannot contain more than one backslash']],
    ['.corp\\x', ["runAsUserName's Domain doesn't match the NetBios nor the DNS format"]],
    ['CORP\\', ["runAsUserName's User cannot be empty"]],
    ['...', ["runAsUserName's User cannot contain only periods or spaces"]],
    ['a/b', ['runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]']],
    ['u'.repeat(105), ["runAsUserName's User length must not be longer than 104 characters"]],
  ])('%j', (runAsUserName, problems) => {
    const found = validateWindowsOptions({ runAsUserName }, 'w').map(({ message }) => message);
    expect(found.map((text) => text.slice(text.indexOf('runAsUserName')))).toEqual(problems);
  });

  test('the specification of its credential is neither empty nor larger than 64 KiB', () => {
    const judge = (gmsaCredentialSpec: string) => validateWindowsOptions({ gmsaCredentialSpec }, 'w').length;
    expect([judge(''), judge('x'), judge('x'.repeat(65_536)), judge('x'.repeat(65_537))]).toEqual([1, 0, 0, 1]);
  });
});

describe('host processes', () => {
  const host = { windowsOptions: { hostProcess: true } };
  test('are all containers of a pod, in the network of its host', () => {
    const pod = { hostNetwork: true, containers: [container(host), container(host)] };
    expect(validateHostProcesses(pod, 'spec')).toEqual([]);
    expect(texts(validateHostProcesses({ containers: [container(host), { name: 'd' }] }, 'spec'))).toEqual([
      'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
      'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
    ]);
  });
  test('are what the pod says they are', () => {
    const pod = {
      hostNetwork: true,
      securityContext: host,
      containers: [container({ windowsOptions: { hostProcess: false } })],
    };
    expect(texts(validateHostProcesses(pod, 'spec'))).toEqual([
      'spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true',
    ]);
  });
});
