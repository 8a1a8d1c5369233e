import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { judge } from '../test-support.ts';
import { validateDriver, validateNodeDrivers } from './csi.ts';

const made = (spec: Json): KubeObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'x',
  metadata: { name: 'x' },
  spec,
});

judge(
  (spec) => validateDriver(made(spec), null),
  [
    [
      'volumes live in a known way',
      { volumeLifecycleModes: ['Eternal'] },
      ['spec.volumeLifecycleModes: Unsupported value: "Eternal": supported values: "Persistent", "Ephemeral"'],
      { volumeLifecycleModes: ['Persistent', 'Ephemeral'] },
    ],
    [
      'groups are given in a known way',
      { fsGroupPolicy: 'Never' },
      ['spec.fsGroupPolicy: Unsupported value: "Never": supported values: "File", "None", "ReadWriteOnceWithFSType"'],
      { fsGroupPolicy: 'None' },
    ],
    [
      'an audience gets one token',
      { tokenRequests: [{ audience: 'a' }, { audience: 'a' }] },
      ['spec.tokenRequests[1].audience: Duplicate value: "a"'],
      { tokenRequests: [{ audience: 'a' }, { audience: '', expirationSeconds: 600 }] },
    ],
    [
      'nodes are not asked too often',
      { nodeAllocatableUpdatePeriodSeconds: 9 },
      ['spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds'],
      { nodeAllocatableUpdatePeriodSeconds: 10 },
    ],
  ],
);

judge(
  (spec) => validateDriver(made(spec), made({ attachRequired: true })),
  [
    [
      'a driver attaches or not, for good',
      { attachRequired: false },
      ['spec.attachedRequired: Invalid value: false: field is immutable'],
      { attachRequired: true, podInfoOnMount: true },
    ],
  ],
);

judge(
  (drivers) => validateNodeDrivers(made({ drivers }), null),
  [
    [
      'a driver knows its node',
      [{ name: 'd' }],
      ['spec.drivers[0].nodeID: Required value'],
      [{ name: 'd', nodeID: 'n', topologyKeys: ['topology.kubernetes.io/zone'] }],
    ],
    [
      'a driver is there once',
      [
        { name: 'd', nodeID: 'n' },
        { name: 'd', nodeID: 'n' },
      ],
      ['spec.drivers[1].name: Duplicate value: "d"'],
      [
        { name: 'd', nodeID: 'n' },
        { name: 'e', nodeID: 'n', allocatable: { count: 0 } },
      ],
    ],
  ],
);
