import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type NodeState, nodeStates } from './fit.ts';
import { type ScoreInput, scoreNodes } from './scores.ts';

const HOSTNAME = 'kubernetes.io/hostname';

function node(name: string, labels: Record<string, string> = {}, taints: Json[] = []): KubeObject {
  const all = { [HOSTNAME]: name, 'topology.kubernetes.io/zone': `z${name}`, ...labels };
  const allocatable = { cpu: '3920m', memory: '15678308Ki', pods: '64' };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: all }, spec: { taints }, status: { allocatable } };
}

function pod(name: string, requests: Json = {}, spec: Json = {}, app = name): KubeObject {
  const containers = [{ name: 'c', image: 'nginx', resources: { requests } }];
  const metadata = { name, namespace: 'default', uid: name, labels: { app } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec } };
}

// Much CPU on the first, much memory on the second, something of both on the third, which nobody likes.
const soft = [{ key: 'soft', value: 'x', effect: 'PreferNoSchedule' }];
const states = nodeStates(
  [node('n1', { disk: 'ssd' }), node('n2'), node('n3', {}, soft)],
  [
    pod('f1', { cpu: '2', memory: '1Gi' }, { nodeName: 'n1' }, 'web'),
    pod('f2', { cpu: '500m', memory: '8Gi' }, { nodeName: 'n2' }),
    pod('f3', { cpu: '1500m', memory: '4Gi' }, { nodeName: 'n3' }, 'db'),
  ],
);
const scores = (one: KubeObject, more: Partial<ScoreInput> = {}, feasible: readonly NodeState[] = states) =>
  scoreNodes({ pod: one, feasible, all: states, namespaces: () => ({}), kin: undefined, minor: 36, ...more });
const chosen = (one: KubeObject, more: Partial<ScoreInput> = {}): string => {
  const found = scores(one, more);
  const best = Math.max(...found);
  expect(found.filter((score) => score === best)).toHaveLength(1);
  return states[found.indexOf(best)]?.node.metadata.name ?? '';
};

const cpu = (amount: string, memory = '100Mi') => ({ cpu: amount, memory });
const tolerant = { tolerations: [{ key: 'soft', operator: 'Exists' }] };
const likes = (weight: number) => {
  const preference = { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] };
  return { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, preference }] } } };
};
const beside = (which: 'podAffinity' | 'podAntiAffinity', weight: number) => {
  const podAffinityTerm = { topologyKey: HOSTNAME, labelSelector: { matchLabels: { app: 'db' } } };
  return { affinity: { [which]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] } } };
};
const apart = (app: string) => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { app } } },
  ],
});

describe('what the scheduler of 1.36 chose among the same nodes', () => {
  test.each<[what: string, pod: KubeObject, node: string]>([
    ['a core', pod('p', cpu('1')), 'n2'],
    ['more cores', pod('p', cpu('1500m')), 'n2'],
    ['memory', pod('p', cpu('100m', '4Gi')), 'n1'],
    ['more memory', pod('p', cpu('100m', '6Gi')), 'n1'],
    ['both', pod('p', cpu('1', '4Gi')), 'n1'],
    ['nothing', pod('p'), 'n1'],
    ['a core, whatever the node is like', pod('p', cpu('1'), tolerant), 'n2'],
    ['memory, whatever the node is like', pod('p', cpu('100m', '4Gi'), tolerant), 'n1'],
    ['a small wish for a disk', pod('p', cpu('500m'), likes(1)), 'n1'],
    ['a great wish for a disk', pod('p', cpu('1'), likes(100)), 'n1'],
    ['a neighbour on a node that it does not like', pod('p', cpu('500m'), beside('podAffinity', 1)), 'n2'],
    ['a neighbour', pod('p', cpu('500m'), { ...tolerant, ...beside('podAffinity', 100) }), 'n3'],
    ['no such neighbour', pod('p', cpu('100m', '4Gi'), { ...tolerant, ...beside('podAntiAffinity', 50) }), 'n1'],
    ['not beside its like', pod('p', cpu('500m', '1Gi'), apart('web'), 'web'), 'n2'],
    ['not beside its like, tolerant', pod('p', cpu('500m', '4Gi'), { ...tolerant, ...apart('db') }, 'db'), 'n1'],
  ])('%s', (_what, one, expected) => {
    expect(chosen(one)).toBe(expected);
  });
  test('pods of one Service are spread without saying so', () => {
    const web = pod('p', cpu('100m'), {}, 'web');
    expect(chosen(web, { kin: { selector: { matchLabels: { app: 'web' } } } })).toBe('n2');
    expect(chosen(web)).toBe('n1');
  });
});

test('before 1.36 it is how even the node becomes that counts, not how much evener', () => {
  // All the other parts are the same.
  const [now = 0, before = 0] = [36, 35].map((minor) => scores(pod('p', cpu('1')), { minor })[0]);
  expect([now, before]).toEqual([426, 422]);
});

test('what those who are there want counts for who comes', () => {
  const friend = { ...pod('friend', {}, { nodeName: 'n2' }), spec: { ...beside('podAffinity', 10), nodeName: 'n2' } };
  const [first, second] = nodeStates([node('n1'), node('n2')], [friend]);
  const both = [first, second] as NodeState[];
  const [away = 0, near = 0] = scores(pod('p', {}, {}, 'db'), { all: both }, both);
  expect(near - away).toBeGreaterThan(150);
});
