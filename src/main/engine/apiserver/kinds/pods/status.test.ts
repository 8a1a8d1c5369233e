import { expect, test } from 'vitest';
import { keptPodStatus, validatePodStatus } from './status.ts';

const pod = (status: object, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec,
  status,
});
const said = (status: object, before: object = {}, spec: object = {}) =>
  validatePodStatus(pod(status, spec), pod(before, spec)).map(({ field, message }) => `${field}: ${message}`);

test('what a kubelet says of a pod is taken', () => {
  const status = {
    phase: 'Running',
    hostIP: '10.0.0.5',
    hostIPs: [{ ip: '10.0.0.5' }],
    podIP: '10.1.0.5',
    podIPs: [{ ip: '10.1.0.5' }, { ip: 'fd00::5' }],
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'example.com/gate', status: 'True' },
    ],
    containerStatuses: [{ name: 'c', state: { running: {} } }],
  };
  expect(said(status)).toEqual([]);
});

test('a condition has a name', () => {
  const [first] = said({ conditions: [{ status: 'True' }] });
  expect(first).toBe('status.conditions[0].Type: Invalid value: "": name part must be non-empty');
});

test('addresses are such, one of each family, and the first is the one of the host', () => {
  expect(said({ podIPs: [{ ip: 'x' }] })[0]).toMatch(/^status\.podIPs\[0\]: Invalid value: "x": must be a valid IP/);
  expect(said({ podIPs: [{ ip: 'x' }] }, { podIPs: [{ ip: 'x' }] })).toEqual([]);
  expect(said({ podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] })[0]).toContain('no more than one IP for each');
  expect(said({ hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] })).toEqual([
    'status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`',
  ]);
});

test('a pod on a node is nominated for none, and keeps its class', () => {
  expect(said({ nominatedNodeName: 'n2' }, {}, { nodeName: 'n1' })).toEqual([
    'status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node',
  ]);
  expect(said({ qosClass: 'Burstable' }, { qosClass: 'BestEffort' })).toEqual([
    'status.qosClass: Invalid value: "Burstable": field is immutable',
  ]);
});

test.each([
  ['Always', 0, []],
  ['OnFailure', 1, []],
  ['OnFailure', 0, ['back']],
  ['Never', 1, ['back']],
])('a container that ended comes back as the policy %s allows with exit code %i', (restartPolicy, exitCode, refused) => {
  const before = { containerStatuses: [{ name: 'c', state: { terminated: { exitCode } } }] };
  const now = { containerStatuses: [{ name: 'c', state: { running: {} } }] };
  const message = 'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state';
  expect(said(now, before, { restartPolicy, containers: [{ name: 'c' }] })).toEqual(refused.map(() => message));
});

test('what kubelets leave out stays', () => {
  const before = {
    qosClass: 'Burstable',
    observedGeneration: 3,
    conditions: [
      { type: 'Ready', status: 'False', observedGeneration: 2 },
      { type: 'Ready', status: 'False' },
    ],
  };
  const ready = { type: 'Ready', status: 'True' };
  expect(keptPodStatus({ phase: 'Running', conditions: [ready, ready, ready] }, before)).toEqual({
    phase: 'Running',
    qosClass: 'Burstable',
    observedGeneration: 3,
    conditions: [{ ...ready, observedGeneration: 2 }, ready, ready],
  });
  const own = { qosClass: 'Guaranteed', observedGeneration: 4, conditions: [{ ...ready, observedGeneration: 4 }] };
  expect(keptPodStatus(own, before)).toEqual(own);
});

test('claims that the pod has not are none it can be told of, and of each it is told once', () => {
  const spec = { resourceClaims: [{ name: 'gpu' }] };
  expect(said({ resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'p-gpu-x' }] }, {}, spec)).toEqual([]);
  expect(said({ resourceClaimStatuses: [{ name: 'gpu' }, { name: 'gpu' }, { name: 'b' }] }, {}, spec)).toEqual([
    'status.resourceClaimStatuses[1].name: Duplicate value: "gpu"',
    'status.resourceClaimStatuses[2].name: Invalid value: "b": must match the name of an entry in `spec.resourceClaims`',
  ]);
});
