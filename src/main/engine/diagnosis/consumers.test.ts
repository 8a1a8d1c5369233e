import { expect, test } from 'vitest';
import { consumersOf, topConsumers } from './consumers.ts';
import { ago, NOW, pod, thing } from './testing.ts';
import { createWorld, type WorldInput } from './world.ts';

const node = (name: string) => thing('v1', 'Node', name, { status: { allocatable: { cpu: '2', memory: '4Gi' } } }, '');
const web = thing('apps/v1', 'Deployment', 'web');
const set = thing('apps/v1', 'ReplicaSet', 'web-1', {
  metadata: { ownerReferences: [{ controller: true, kind: 'Deployment', name: 'web', uid: web.metadata.uid }] },
});
const ofWeb = (name: string, nodeName: string) =>
  pod({
    metadata: {
      name,
      ownerReferences: [{ controller: true, kind: 'ReplicaSet', name: 'web-1', uid: set.metadata.uid }],
    },
    spec: { nodeName },
  });
const warning = (name: string, about: string, minutes: number, count = 1) =>
  thing('v1', 'Event', name, {
    type: 'Warning',
    reason: 'BackOff',
    message: `back-off ${minutes}`,
    count,
    lastTimestamp: ago(minutes * 60),
    involvedObject: { kind: 'Pod', namespace: 'shop', name: about, uid: `uid-Pod-${about}` },
  });

const objects = [
  ...[node('n1'), node('n2'), web, set, ofWeb('web-1-a', 'n1'), ofWeb('web-1-b', 'n2')],
  pod({ metadata: { name: 'batch' }, spec: { nodeName: 'n2' } }),
  ...[warning('e1', 'batch', 9, 3), warning('e2', 'batch', 2, 4), warning('e3', 'web-1-a', 5)],
  thing('v1', 'Event', 'e4', { type: 'Normal', reason: 'Pulled', involvedObject: { kind: 'Pod', name: 'batch' } }),
];
const usage: NonNullable<WorldInput['usage']> = new Map([
  ['shop/web-1-a', { cpu: 0.2, memory: 1024 ** 3 }],
  ['shop/web-1-b', { cpu: 0.3, memory: 1024 ** 3 }],
  ['shop/batch', { cpu: 0.4, memory: 3 * 1024 ** 3 }],
]);
const world = (input: Partial<WorldInput> = {}) => createWorld({ cluster: 'east', now: NOW, objects, usage, ...input });

test('pods count for what a person edits, and for their node by its fuller share', () => {
  const { cpu, memory, nodes } = consumersOf(world());
  expect(cpu.map(({ object, pods }) => [object.kind, object.name, pods])).toEqual([
    ['Deployment', 'web', 2],
    ['Pod', 'batch', 1],
  ]);
  expect(cpu[0]?.cpu).toBeCloseTo(0.5);
  expect(memory.map(({ object }) => object.name)).toEqual(['batch', 'web']);
  expect(nodes.map(({ object, pods, memoryAllocatable }) => [object.name, pods, memoryAllocatable])).toEqual([
    ['n2', 2, 4 * 1024 ** 3],
    ['n1', 1, 4 * 1024 ** 3],
  ]);
});

test('without the metrics API nobody consumes, and warnings are there all the same', () => {
  const { cpu, memory, nodes, events } = consumersOf(world({ usage: new Map() }));
  expect([cpu, memory, nodes]).toEqual([[], [], []]);
  expect(events.map(({ object, message, count }) => [object.name, message, count])).toEqual([
    ['batch', 'back-off 2', 7],
    ['web-1-a', 'back-off 5', 1],
  ]);
});

test('a fleet’s are the most of its clusters’, each with its cluster', () => {
  const consumers = consumersOf(world());
  const more = { ...consumers, cpu: consumers.cpu.map((one) => ({ ...one, cpu: one.cpu * 10 })) };
  const top = topConsumers([
    { id: '1', name: 'east', consumers },
    { id: '2', name: 'west', consumers: more },
    { id: '3', name: 'away', consumers: undefined },
  ]);
  expect(top.cpu.map(({ cluster, object }) => `${cluster}/${object.name}`)).toEqual([
    'west/web',
    'west/batch',
    'east/web',
    'east/batch',
  ]);
});
