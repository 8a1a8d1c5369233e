import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nodeStates, place } from './fit.ts';
import { bestVolume, SELECTED_NODE, volumeNeeds } from './volume-fit.ts';

const ZONE = 'topology.kubernetes.io/zone';

function node(name: string, zone: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [ZONE]: zone } },
    spec: {},
    status: { allocatable: { cpu: '8', memory: '16Gi', pods: '110' } },
  };
}

function claim(spec: Json = {}, more: { bound?: string; annotations?: Record<string, string> } = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default', uid: 'claim-1', annotations: more.annotations ?? {} },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'late',
      resources: { requests: { storage: '2Gi' } },
      ...(more.bound === undefined ? {} : { volumeName: more.bound }),
      ...spec,
    },
    status: { phase: more.bound === undefined ? 'Pending' : 'Bound' },
  };
}

function volume(name: string, spec: Json = {}, zone?: string): KubeObject {
  const term = { matchExpressions: [{ key: ZONE, operator: 'In', values: [zone] }] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '2Gi' },
      storageClassName: 'late',
      ...(zone === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: [term] } } }),
      ...spec,
    },
    status: { phase: 'Available' },
  };
}

const CLASSES: Record<string, Json> = {
  late: { provisioner: 'disk.example.com', volumeBindingMode: 'WaitForFirstConsumer' },
  local: { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' },
  early: { provisioner: 'disk.example.com', volumeBindingMode: 'Immediate' },
};

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'db-0', namespace: 'default', uid: 'pod-1' },
  spec: {
    containers: [{ name: 'c', image: 'postgres' }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  },
};

function needs(one: KubeObject | undefined, volumes: KubeObject[] = []) {
  return volumeNeeds(pod, {
    claim: () => one,
    volume: (name) => volumes.find((other) => other.metadata.name === name),
    volumes: () => volumes,
    storageClass: (of) => CLASSES[of.spec.storageClassName],
    limit: () => undefined,
  });
}

function placed(one: KubeObject, volumes: KubeObject[] = []) {
  const states = nodeStates([node('a', 'z1'), node('b', 'z2')], []);
  return place(pod, states, { namespaces: () => undefined, volumes: needs(one, volumes).judge });
}

describe('a node with a bound on its volumes', () => {
  const disk = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { csi: { driver: 'disk.example.com', volumeHandle: name } },
  });
  const judged = (limit: number | undefined, others: KubeObject[] = []) => {
    const bound: KubeObject = claim({ volumeName: 'v1' });
    bound.status = { phase: 'Bound' };
    const [state] = nodeStates([node('a', 'z1')], others);
    return volumeNeeds(pod, {
      claim: (key) => (key === 'default/data' ? bound : { ...bound, spec: { volumeName: key.split('/')[1] } }),
      volume: disk,
      volumes: () => [],
      storageClass: () => undefined,
      limit: (_node, driver) => (driver === 'disk.example.com' ? limit : undefined),
    }).judge(state as NonNullable<typeof state>);
  };
  const neighbour = {
    ...pod,
    metadata: { ...pod.metadata, name: 'other', uid: 'pod-2' },
    spec: { ...pod.spec, nodeName: 'a', volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'v9' } }] },
  };
  test('takes no more than that, and the same volume once', () => {
    expect(judged(1)).toBeUndefined();
    expect(judged(undefined, [neighbour])).toBeUndefined();
    expect(judged(1, [neighbour])).toMatchObject({ reason: 'node(s) exceed max volume count', preemptionHelps: true });
    expect(judged(1, [{ ...pod, spec: { ...pod.spec, nodeName: 'a' } }])).toBeUndefined();
  });
});

describe('a claim of a pod', () => {
  test('is bound as soon as both sides are written, before its status says so', () => {
    const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
    const written = claim({ volumeName: 'v' }, { annotations });
    expect(needs(written, [volume('v', {}, 'z1')]).refusal).toBeUndefined();
    expect(needs(claim({ volumeName: 'v' })).refusal).toBe('pod has unbound immediate PersistentVolumeClaims');
  });
  test.each([
    ['that is not there', undefined, 'persistentvolumeclaim "data" not found'],
    ['that binds at once', claim({ storageClassName: 'early' }), 'pod has unbound immediate PersistentVolumeClaims'],
    ['of no class', claim({ storageClassName: '' }), 'pod has unbound immediate PersistentVolumeClaims'],
  ])('%s keeps it from every node', (_name, one, refusal) => {
    expect(needs(one).refusal).toBe(refusal);
  });

  test('that waits for its consumer lets it run anywhere, and is bound there', () => {
    expect(needs(claim()).delayed).toHaveLength(1);
    expect(placed(claim()).node).not.toBeNull();
  });

  test('whose node has been chosen already follows that node', () => {
    expect(placed(claim({}, { annotations: { [SELECTED_NODE]: 'b' } })).node).toBe('b');
  });

  test('that is bound leads to where its volume is', () => {
    expect(placed(claim({}, { bound: 'disk' }), [volume('disk', {}, 'z2')]).node).toBe('b');
    expect(placed(claim({}, { bound: 'disk' }), [volume('disk', {}, 'z3')]).message).toContain(
      "2 node(s) didn't match PersistentVolume's node affinity",
    );
  });

  test('nobody provisions for needs a volume that is there', () => {
    const local = claim({ storageClassName: 'local' });
    expect(placed(local).message).toContain("2 node(s) didn't find available persistent volumes to bind");
    expect(placed(local, [volume('ssd', { storageClassName: 'local' }, 'z1')]).node).toBe('a');
  });
});

describe('the volume of a claim', () => {
  test('is the smallest that is large enough and of its kind', () => {
    const volumes = [
      volume('huge', { capacity: { storage: '20Gi' } }),
      volume('fits', { capacity: { storage: '5Gi' } }),
      volume('small', { capacity: { storage: '1Gi' } }),
      volume('shared', { accessModes: ['ReadWriteMany'] }),
      volume('block', { volumeMode: 'Block' }),
      volume('other', { storageClassName: 'early' }),
      volume('taken', { claimRef: { uid: 'claim-2' } }),
    ];
    expect(bestVolume(claim(), volumes)?.metadata.name).toBe('fits');
  });

  test('is the one reserved for it, whatever else there is', () => {
    const reserved = volume('mine', { claimRef: { namespace: 'default', name: 'data' }, capacity: { storage: '9Gi' } });
    expect(bestVolume(claim(), [volume('free'), reserved])).toBe(reserved);
    expect(bestVolume(claim(), [volume('free')], undefined, true)).toBeUndefined();
  });
});
