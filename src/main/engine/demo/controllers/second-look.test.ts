import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Plugin } from './fit.ts';
import { type Change, worthASecondLook } from './second-look.ts';

const ZONE = 'topology.kubernetes.io/zone';

function pod(spec: Json = {}, labels: Record<string, string> = {}, namespace = 'default'): KubeObject {
  const containers = [{ name: 'c', resources: { requests: { cpu: '2' } } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace, labels }, spec: { containers, ...spec } };
}

function node(spec: Json = {}, labels: Record<string, string> = {}, cpu = '4'): KubeObject {
  const status = { allocatable: { cpu, pods: '10' } };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', labels }, spec, status };
}

const term = { topologyKey: ZONE, labelSelector: { matchLabels: { app: 'db' } } };
const near = { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
const apart = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
const spread = { topologySpreadConstraints: [{ ...term, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }] };
const port = (hostPort: number) => ({ containers: [{ name: 'c', ports: [{ hostPort }] }] });
const disk = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] };
const db = pod({ nodeName: 'n' }, { app: 'db' });
const web = pod({ nodeName: 'n' }, { app: 'web' });
const came = (after: KubeObject): Change => ({ of: 'pod', after });
const went = (before: KubeObject): Change => ({ of: 'pod', before });
const changed = (before: KubeObject, after: KubeObject): Change => ({ of: 'node', before, after });
const claim = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
});
const taint = { taints: [{ key: 'k', effect: 'NoSchedule' }] };

test.each<[what: string, plugin: Plugin, waiting: KubeObject, change: Change, helps: boolean]>([
  ['room that a pod leaves', 'NodeResourcesFit', pod(), went(web), true],
  ['a pod that comes, to one without room', 'NodeResourcesFit', pod(), came(web), false],
  ['a pod that leaves, to one that is tainted off', 'TaintToleration', pod(), went(web), false],
  ['a port that is free again', 'NodePorts', pod(port(80)), went(pod(port(80))), true],
  ['another port', 'NodePorts', pod(port(80)), went(pod(port(81))), false],
  ['the neighbour a pod wants', 'InterPodAffinity', pod(near), came(db), true],
  ['any neighbour', 'InterPodAffinity', pod(near), came(web), false],
  [
    'the wanted neighbour in another namespace',
    'InterPodAffinity',
    pod(near),
    came(pod({}, { app: 'db' }, 'x')),
    false,
  ],
  ['a neighbour that gets the label', 'InterPodAffinity', pod(near), { of: 'pod', before: web, after: db }, true],
  ['the neighbour it avoids going', 'InterPodAffinity', pod(apart), went(db), true],
  ['the neighbour it avoids coming', 'InterPodAffinity', pod(apart), came(db), false],
  ['one that avoided it going', 'InterPodAffinity', db, went(pod(apart)), true],
  ['a pod of its kind going', 'PodTopologySpread', pod(spread), went(db), true],
  ['a pod of another kind going', 'PodTopologySpread', pod(spread), went(web), false],
  [
    'a label it asks for',
    'NodeAffinity',
    pod({ nodeSelector: { a: 'b' } }),
    changed(node(), node({}, { a: 'b' })),
    true,
  ],
  ['another label', 'NodeAffinity', pod({ nodeSelector: { a: 'b' } }), changed(node(), node({}, { c: 'd' })), false],
  ['a taint taken away', 'TaintToleration', pod(), changed(node(taint), node()), true],
  ['a taint put on', 'TaintToleration', pod(), changed(node(), node(taint)), false],
  ['a node that takes pods again', 'NodeUnschedulable', pod(), changed(node({ unschedulable: true }), node()), true],
  [
    'a node that takes none any more',
    'NodeUnschedulable',
    pod(),
    changed(node(), node({ unschedulable: true })),
    false,
  ],
  ['a node that has grown', 'NodeResourcesFit', pod(), changed(node(), node({}, {}, '8')), true],
  ['a node that has not grown', 'NodeResourcesFit', pod(), changed(node(), node({}, { a: 'b' })), false],
  ['a new node that is too small', 'NodeResourcesFit', pod(), { of: 'node', after: node({}, {}, '1') }, false],
  ['a new node with room', 'NodeResourcesFit', pod(), { of: 'node', after: node() }, true],
  [
    'a node that gets the topology label',
    'PodTopologySpread',
    pod(spread),
    changed(node(), node({}, { [ZONE]: 'a' })),
    true,
  ],
  ['a node outside of the topology', 'PodTopologySpread', pod(spread), changed(node(), node(taint)), false],
  [
    'a node of another zone',
    'InterPodAffinity',
    pod(near),
    changed(node({}, { [ZONE]: 'a' }), node({}, { [ZONE]: 'b' })),
    true,
  ],
  [
    'a node cordoned, to one that wants a neighbour',
    'InterPodAffinity',
    pod(near),
    changed(node(), node(taint)),
    false,
  ],
  ['its claim', 'VolumeBinding', pod(disk), { of: 'claim', claim: claim('data') }, true],
  ['the claim of another', 'VolumeBinding', pod(disk), { of: 'claim', claim: claim('other') }, false],
  ['a new class', 'VolumeBinding', pod(disk), { of: 'storage' }, true],
  ['a new class, to one without room', 'NodeResourcesFit', pod(disk), { of: 'storage' }, false],
  ['a namespace', 'InterPodAffinity', pod(near), { of: 'namespace' }, true],
])('%s: %s', (_what, plugin, waiting, change, helps) => {
  expect(worthASecondLook(waiting, [plugin], change, () => ({}))).toBe(helps);
});

test('one of the plugins that refused is enough', () => {
  expect(worthASecondLook(pod(), ['TaintToleration', 'NodeResourcesFit'], went(web), () => ({}))).toBe(true);
});
