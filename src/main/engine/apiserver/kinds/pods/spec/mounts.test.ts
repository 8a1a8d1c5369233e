import type { Json } from '#shared/kubernetes/types.ts';
import { judge } from '../../test-support.ts';
import { validateDevices, validateMounts } from './mounts.ts';

const volumes = new Map<string, Json>([
  ['data', { emptyDir: {} }],
  ['disk', { persistentVolumeClaim: { claimName: 'a' } }],
]);
const mounts = (...list: Json[]): Json => ({
  volumeMounts: list.map((each) => ({ name: 'data', mountPath: '/data', ...each })),
});

judge(
  (container) => validateMounts(container, volumes, 'm'),
  [
    ['a volume exists', mounts({ name: 'other' }), ['m[0].name: Not found: "other"'], mounts({})],
    [
      'a place is used once',
      mounts({}, { name: 'disk' }),
      ['m[1].mountPath: Invalid value: "/data": must be unique'],
      mounts({}, { name: 'disk', mountPath: '/disk' }),
    ],
    [
      'a path leads not out of the volume',
      mounts({ subPath: 'a/../../b' }),
      ['m.subPath: Invalid value: "a/../../b": must not contain \'..\''],
      mounts({ subPath: 'a/..b' }),
    ],
    [
      'a path starts in the volume',
      mounts({ subPath: '/a' }),
      ['m.subPath: Invalid value: "/a": must be a relative path'],
      mounts({ subPathExpr: '$(POD_NAME)' }),
    ],
    [
      'a path is fixed or computed',
      mounts({ subPath: 'a', subPathExpr: 'b' }),
      ['m[0].subPathExpr: Invalid value: "b": subPathExpr and subPath are mutually exclusive'],
      mounts({ subPath: 'a' }),
    ],
    [
      'the host sees the mounts of the privileged',
      mounts({ mountPropagation: 'Bidirectional' }),
      ['m.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers'],
      { ...mounts({ mountPropagation: 'Bidirectional' }), securityContext: { privileged: true } },
    ],
    [
      'what is read only below is so above',
      mounts({ recursiveReadOnly: 'Enabled' }),
      ['m.recursiveReadOnly: Forbidden: may only be specified when readOnly is true'],
      mounts({ recursiveReadOnly: 'Enabled', readOnly: true }),
    ],
  ],
);

judge(
  (container) => validateDevices(container, volumes, 'd'),
  [
    [
      'a device comes from a claim',
      { volumeDevices: [{ name: 'data', devicePath: '/dev/a' }] },
      [
        'd[0].name: Invalid value: "data": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      ],
      { volumeDevices: [{ name: 'disk', devicePath: '/dev/a' }] },
    ],
    [
      'a volume is a device or a directory',
      { volumeDevices: [{ name: 'disk', devicePath: '/dev/a' }], volumeMounts: [{ name: 'disk', mountPath: '/a' }] },
      ['d[0].name: Invalid value: "disk": must not already exist in volumeMounts'],
      { volumeDevices: [{ name: 'disk', devicePath: '/dev/a' }], volumeMounts: [{ name: 'data', mountPath: '/a' }] },
    ],
  ],
);
