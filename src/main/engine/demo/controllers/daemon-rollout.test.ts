import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf } from '../sim/objects.ts';
import { countsOf, oldestFirst, podsByNode, replaceStep, surgeStep, tooMany } from './daemon-rollout.ts';
import { HASH_LABEL } from './revisions.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const pod = (
  name: string,
  hash: string,
  more: { made?: number; node?: string; goes?: boolean; phase?: string } = {},
) => {
  const { made = 0, node = 'n', goes = false, phase = 'Running' } = more;
  const deletionTimestamp = goes ? { deletionTimestamp: '2026-01-01T00:30:00Z' } : {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { [HASH_LABEL]: hash },
      creationTimestamp: new Date(NOW - 3_000_000 + made * 1000).toISOString(),
      ...deletionTimestamp,
    },
    spec: { nodeName: node },
    status: { phase, conditions: [{ type: 'Ready', status: name.startsWith('broken') ? 'False' : 'True' }] },
  } satisfies KubeObject as KubeObject;
};
const view = {
  updated: (one: KubeObject) => one.metadata.labels?.[HASH_LABEL] === 'new',
  available: (one: KubeObject) => !nameOf(one).startsWith('broken'),
};
const places = (nodes: Record<string, KubeObject[]>, unwanted: readonly string[] = []) =>
  Object.entries(nodes).map(([node, pods]) => ({ node, starts: !unwanted.includes(node), pods }));
const names = ({ create, remove }: { create: string[]; remove: KubeObject[] }) => ({
  create,
  remove: remove.map(nameOf),
});
const surging = (nodes: Record<string, KubeObject[]>, surge: number, unwanted?: readonly string[]) =>
  names(surgeStep(places(nodes, unwanted), view, surge));
const replacing = (nodes: Record<string, KubeObject[]>, limit: number) =>
  names(replaceStep(places(nodes), view, limit)).remove;

test('a surging update adds as many new pods as it may and removes an old one only when its successor works', () => {
  const a = pod('a', 'old');
  const b = pod('b', 'old');
  expect(surging({ n1: [a], n2: [b] }, 1)).toEqual({ create: ['n1'], remove: [] });
  expect(surging({ n1: [a, pod('broken-a', 'new')], n2: [b] }, 1)).toEqual({ create: [], remove: [] });
  expect(surging({ n1: [a, pod('a2', 'new')], n2: [b] }, 1)).toEqual({ create: ['n2'], remove: ['a'] });
  expect(surging({ n1: [pod('a2', 'new')], n2: [pod('b2', 'new')] }, 1)).toEqual({ create: [], remove: [] });
});

test('a broken old pod is replaced whatever the limit says', () => {
  expect(surging({ n1: [pod('broken', 'old')], n2: [pod('b', 'old')] }, 1)).toEqual({
    create: ['n1', 'n2'],
    remove: [],
  });
  expect(replacing({ n1: [pod('broken', 'old')], n2: [pod('b', 'old')] }, 1)).toEqual(['broken']);
});

test('a surging update leaves the old pod of a node that is no longer wanted until enough work elsewhere', () => {
  const a = pod('a', 'old');
  expect(surging({ n1: [a], n2: [] }, 1, ['n1'])).toEqual({ create: [], remove: [] });
  expect(surging({ n1: [a], n2: [pod('b', 'new')] }, 1, ['n1'])).toEqual({ create: [], remove: ['a'] });
  expect(surging({ n1: [pod('broken', 'old')], n2: [] }, 1, ['n1'])).toEqual({ create: [], remove: ['broken'] });
});

test('of two on a node a surging set keeps the old one only while it is ready and the new one is not', () => {
  const kept = (...pods: KubeObject[]) => tooMany(pods, view).map(nameOf);
  expect(kept(pod('a', 'old'), pod('broken', 'new'))).toEqual([]);
  expect(kept(pod('broken', 'old'), pod('broken-too', 'new'))).toEqual(['broken']);
  expect(kept(pod('a', 'old'), pod('b', 'new'))).toEqual(['a']);
  expect(kept(pod('late', 'old', { made: 2 }), pod('early', 'old', { made: 1 }))).toEqual(['late']);
});

test('an update in place stays within what may be unavailable; pods that go, nodes without one and with too many count', () => {
  const [a, b, c] = [pod('a', 'old'), pod('b', 'old'), pod('c', 'old')];
  expect(replacing({ n1: [a], n2: [b], n3: [c] }, 2)).toEqual(['a', 'b']);
  expect(replacing({ n1: [pod('a', 'old', { goes: true })], n2: [b], n3: [] }, 2)).toEqual([]);
  expect(replacing({ n1: [a, pod('a2', 'old')], n2: [b] }, 1)).toEqual([]);
  expect(replacing({ n1: [pod('broken', 'new')], n2: [b] }, 1)).toEqual([]);
});

test('of two pods on a node the status counts the one with a node, then the oldest, even on its way out', () => {
  const count = (...pods: KubeObject[]) => countsOf(places({ n1: pods }), view.updated, 0, NOW).status;
  const young = pod('a-broken-if-asked', 'new', { made: 5 });
  expect(oldestFirst([pod('no-node', 'new', { node: '' }), young]).map(nameOf)).toEqual([
    'a-broken-if-asked',
    'no-node',
  ]);
  expect(count(young, pod('broken', 'old'))).toMatchObject({
    currentNumberScheduled: 1,
    numberReady: 0,
    updatedNumberScheduled: 0,
    numberUnavailable: 1,
  });
  expect(count(pod('leaving', 'new', { goes: true }))).toMatchObject({ currentNumberScheduled: 1, numberReady: 1 });
  expect(countsOf(places({ n1: [young] }, ['n1']), view.updated, 0, NOW).status).toMatchObject({
    desiredNumberScheduled: 0,
    numberMisscheduled: 1,
  });
});

test('nobody waits for a pod that has ended and only has a finalizer to go', () => {
  const kept = podsByNode(
    [pod('over', 'new', { goes: true, phase: 'Failed' }), pod('leaving', 'new', { goes: true, node: 'm' })],
    (one) => one.spec?.nodeName,
  );
  expect([...kept.keys()]).toEqual(['m']);
});
