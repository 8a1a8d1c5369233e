import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { judge } from '../test-support.ts';
import { validatePodUpdate } from './update.ts';

const FIXED =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
const container = { name: 'c', image: 'i', resources: { requests: { cpu: '1' } } };
const toleration = { key: 'a', operator: 'Exists' };
const spec = { containers: [container], tolerations: [toleration] };

const pod = (more: Json): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n' },
  spec: { ...spec, ...more },
});

/** Changes of a pod with `before`, through a subresource; how it differs has tests of its own. */
const from =
  (before: Json, subresource = '') =>
  (next: Json) =>
    validatePodUpdate(pod(next), pod(before), subresource).map((error) => ({
      ...error,
      message: error.message.replace(/\n@@ -[\s\S]*/, ''),
    }));

judge(from({}), [
  [
    'containers stay',
    { containers: [container, container] },
    ['spec.containers: Forbidden: pod updates may not add or remove containers'],
    { containers: [{ ...container, image: 'i:2' }] },
  ],
  ['a priority stays', { priority: 7 }, [FIXED], {}],
  ['a node is given by the scheduler', { nodeName: 'node-1' }, [FIXED], {}],
  [
    'resources are changed where the pod runs',
    { containers: [{ ...container, resources: { requests: { cpu: '2' } } }] },
    [FIXED],
    { containers: [{ ...container, image: 'j' }] },
  ],
  [
    'tolerations stay',
    { tolerations: [] },
    ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
    {
      tolerations: [
        { key: 'b', operator: 'Exists' },
        { ...toleration, tolerationSeconds: undefined },
      ],
    },
  ],
  [
    'no gate is added',
    { schedulingGates: [{ name: 'a.io/b' }] },
    ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a.io/b'"],
    { activeDeadlineSeconds: 10 },
  ],
]);

judge(from({ activeDeadlineSeconds: 10 }), [
  [
    'a deadline comes nearer',
    { activeDeadlineSeconds: 11 },
    ['spec.activeDeadlineSeconds: Invalid value: 11: must be less than or equal to previous value'],
    { activeDeadlineSeconds: 9 },
  ],
  [
    'a deadline stays',
    {},
    ['spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value'],
    { activeDeadlineSeconds: 10 },
  ],
]);

judge(from({ terminationGracePeriodSeconds: -1 }), [
  [
    'a negative time to end becomes the shortest there is',
    { terminationGracePeriodSeconds: 2 },
    [FIXED],
    { terminationGracePeriodSeconds: 1 },
  ],
]);

const gate = { schedulingGates: [{ name: 'a.io/b' }], nodeSelector: { zone: 'a' } };
judge(from(gate), [
  [
    'what is held back may be narrowed',
    { ...gate, nodeSelector: { zone: 'b' } },
    [
      'spec.nodeSelector: Invalid value: {"zone":"b"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ],
    { nodeSelector: { zone: 'a', disk: 'ssd' }, affinity: { nodeAffinity: {} } },
  ],
]);

const look = { name: 'e', image: 'i' };
judge(from({ ephemeralContainers: [look] }, 'ephemeralcontainers'), [
  [
    'who looks inside stays',
    { ephemeralContainers: [] },
    ['spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be removed\n'],
    { ephemeralContainers: [look, { name: 'f', image: 'i' }] },
  ],
]);
