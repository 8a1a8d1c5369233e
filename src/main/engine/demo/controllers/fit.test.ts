import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nodeStates, place } from './fit.ts';
import { withExpected } from './preemption.ts';

function node(
  name: string,
  options: { zone?: string; cpu?: string; spec?: Json; labels?: Record<string, string> } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'topology.kubernetes.io/zone': options.zone ?? 'z1',
        'kubernetes.io/hostname': name,
        ...options.labels,
      },
    },
    spec: options.spec ?? {},
    status: { allocatable: { cpu: options.cpu ?? '4', memory: '8Gi', pods: '10' } },
  };
}

let serial = 0;
function pod(spec: Json = {}, labels: Record<string, string> = {}, owner?: string): KubeObject {
  serial += 1;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `p${serial}`,
      namespace: 'default',
      uid: `u${serial}`,
      labels,
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
          }),
    },
    spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
  };
}
const cpu = (amount: string) => ({
  containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: amount } } }],
});

describe('where a pod may run', () => {
  test('the words are those of the cluster’s version', () => {
    const nodes = nodeStates(
      [node('a', { spec: { taints: [{ key: 'kept', value: 'x', effect: 'NoSchedule' }] } })],
      [],
    );
    const said = (minor: number) =>
      place(pod(), nodes, { namespaces: () => undefined, volumes: () => undefined, minor }).message;
    const after = 'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
    expect(said(33)).toBe(`0/1 nodes are available: 1 node(s) had untolerated taint {kept: x}. ${after}`);
    expect(said(34)).toBe(
      `0/1 nodes are available: 1 node(s) had untolerated taint {kept: x}. no new claims to deallocate, ${after}`,
    );
    expect(said(36)).toBe(
      `0/1 nodes are available: 1 node(s) had untolerated taint(s). no new claims to deallocate, ${after}`,
    );
  });

  test('nodes other than those it names are not looked at, as for pods of a DaemonSet', () => {
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['a'] }];
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } };
    const daemon = pod({ ...cpu('2'), affinity: { nodeAffinity } });
    expect(
      place(daemon, nodeStates([node('a', { cpu: '3' }), node('b')], [pod({ ...cpu('2'), nodeName: 'a' })])).message,
    ).toBe(
      "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't satisfy plugin(s) [NodeAffinity]. " +
        'preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, ' +
        '1 Preemption is not helpful for scheduling.',
    );
    expect(place(daemon, nodeStates([node('a'), node('b')], [])).node).toBe('a');
  });

  test('no nodes at all', () => {
    expect(place(pod(), [])).toEqual({ node: null, message: 'no nodes available to schedule pods' });
  });

  test('every reason is counted, in the words of the scheduler', () => {
    const nodes = [
      node('a', { cpu: '1' }),
      node('b', { spec: { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] } }),
      node('c', { spec: { unschedulable: true } }),
    ];
    const running = pod({ ...cpu('500m'), nodeName: 'a' });
    expect(place(pod(cpu('600m')), nodeStates(nodes, [running])).message).toBe(
      '0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {dedicated: gpu}, ' +
        '1 node(s) were unschedulable. preemption: 0/3 nodes are available: ' +
        '1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
    );
  });

  test('a toleration opens a tainted node', () => {
    const nodes = [node('a', { spec: { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] } })];
    const tolerations = [{ key: 'dedicated', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }];
    expect(place(pod({ tolerations }), nodeStates(nodes, [])).node).toBe('a');
  });

  test('node selector and required affinity decide', () => {
    const nodes = [node('a'), node('b', { labels: { disk: 'ssd' } })];
    expect(place(pod({ nodeSelector: { disk: 'ssd' } }), nodeStates(nodes, [])).node).toBe('b');
    const term = { matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' }] };
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
    };
    expect(place(pod({ affinity }), nodeStates(nodes, [])).node).toBe('a');
    expect(place(pod({ nodeSelector: { disk: 'nvme' } }), nodeStates(nodes, [])).message).toContain(
      "2 node(s) didn't match Pod's node affinity/selector",
    );
  });

  test('finished pods take no room', () => {
    const done = { ...pod({ ...cpu('4'), nodeName: 'a' }), status: { phase: 'Succeeded' } };
    expect(place(pod(cpu('4')), nodeStates([node('a')], [done])).node).toBe('a');
  });

  test('required anti-affinity keeps copies apart', () => {
    const affinity = {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } },
        ],
      },
    };
    const first = pod({ affinity, nodeName: 'a' }, { app: 'x' });
    expect(place(pod({ affinity }, { app: 'x' }), nodeStates([node('a'), node('b')], [first])).node).toBe('b');
    expect(place(pod({ affinity }, { app: 'x' }), nodeStates([node('a')], [first])).message).toContain(
      "didn't match pod anti-affinity rules",
    );
  });

  test('a spread constraint limits the skew between zones', () => {
    const topologySpreadConstraints = [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'x' } },
      },
    ];
    const nodes = [node('a', { zone: 'z1' }), node('b', { zone: 'z2', cpu: '1' })];
    const first = pod({ nodeName: 'a' }, { app: 'x' });
    expect(place(pod({ topologySpreadConstraints }, { app: 'x' }), nodeStates(nodes, [first])).node).toBe('b');
    const big = { ...cpu('2'), topologySpreadConstraints };
    expect(place(pod(big, { app: 'x' }), nodeStates(nodes, [first])).message).toContain('topology spread constraints');
  });
});

test('copies of one owner are spread over nodes and zones', () => {
  const nodes = [node('a', { zone: 'z1' }), node('b', { zone: 'z1' }), node('c', { zone: 'z2' })];
  const placed: KubeObject[] = [];
  for (let i = 0; i < 6; i++) {
    const next = pod({}, {}, 'rs');
    const kin = () => ({ owner: 'rs' });
    const around = { namespaces: () => undefined, volumes: () => undefined, kin };
    const { node: chosen } = place(next, nodeStates(nodes, placed), around);
    placed.push({ ...next, spec: { ...next.spec, nodeName: chosen } });
  }
  const counts = new Map<string, number>();
  for (const { spec } of placed) counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1);
  expect([...counts.values()].sort()).toEqual([2, 2, 2]);
  expect(new Set(placed.slice(0, 2).map(({ spec }) => spec.nodeName)).has('c')).toBe(true);
});

describe('a pod of higher priority', () => {
  const important = (amount: string, more: Json = {}) => pod({ ...cpu(amount), priority: 1000, ...more });
  const placed = (on: string, amount: string, priority = 0, started = '2026-01-01T00:00:00Z') => {
    const made = pod({ ...cpu(amount), nodeName: on, priority });
    made.status = { startTime: started };
    return made;
  };
  const preemption = (incoming: KubeObject, nodes: KubeObject[], pods: KubeObject[]) =>
    place(incoming, nodeStates(nodes, pods)).preemption;

  test('takes the place of as few and as unimportant ones as it can', () => {
    const nodes = [node('a'), node('b')];
    const small = placed('b', '1');
    const pods = [placed('a', '3', 500), small, placed('b', '2', 100)];
    expect(preemption(important('2'), nodes, pods)).toEqual({ node: 'b', victims: [small] });
  });

  test('takes nobody’s place when that would not help, or it may not', () => {
    const pods = [placed('a', '3')];
    expect(preemption(important('8'), [node('a')], pods)).toBeUndefined();
    expect(preemption(important('2', { preemptionPolicy: 'Never' }), [node('a')], pods)).toBeUndefined();
    expect(preemption(important('2', { nodeSelector: { disk: 'ssd' } }), [node('a')], pods)).toBeUndefined();
    expect(preemption(pod(cpu('2')), [node('a')], pods)).toBeUndefined();
  });

  test('is told why nobody goes for it: its policy, or what would be missing all the same', () => {
    const full = nodeStates([node('a')], [placed('a', '3')]);
    expect(place(important('2', { preemptionPolicy: 'Never' }), full).message).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
    );
    const above = [pod({ ...cpu('3.5'), priority: 2000, nodeName: 'a' }), pod({ ...cpu('0.5'), nodeName: 'a' })];
    expect(place(important('2'), nodeStates([node('a')], above)).message).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Insufficient cpu.',
    );
  });

  test('keeps the place it was promised from those below it', () => {
    const promised = important('3');
    const later = pod(cpu('2'));
    expect(
      place(later, withExpected(nodeStates([node('a')], []), [{ pod: promised, node: 'a' }], later)).node,
    ).toBeNull();
    const above = pod({ ...cpu('2'), priority: 2000 });
    expect(place(above, withExpected(nodeStates([node('a')], []), [{ pod: promised, node: 'a' }], above)).node).toBe(
      'a',
    );
  });
});

test('anti-affinity of those who are there already keeps others away', () => {
  const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'topology.kubernetes.io/zone' };
  const shy = pod({
    nodeName: 'a',
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
  });
  const nodes = [node('a', { zone: 'z1' }), node('b', { zone: 'z1' })];
  expect(place(pod({}, { app: 'web' }), nodeStates(nodes, [shy])).message).toContain(
    "2 node(s) didn't satisfy existing pods anti-affinity rules",
  );
  expect(place(pod({}, { app: 'other' }), nodeStates(nodes, [shy])).node).not.toBeNull();
});
