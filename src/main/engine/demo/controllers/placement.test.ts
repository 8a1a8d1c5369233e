/** Nodes and pods on them: taints, neighbours, nodes that fall silent or go. */
import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf } from '../sim/objects.ts';
import { isReady } from '../sim/pods.ts';
import { DEPLOYMENTS, EVENTS, NODES, PODS } from '../sim/refs.ts';
import { ready, simulated, template, until, workload } from './test-support.ts';

const { client, space } = await simulated('placement');

test('an eviction by taint is told', async () => {
  const { create, get, pods, told } = await space('evicted');
  const tolerations = [{ key: 'leave', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3600 }];
  const base = template('web').spec;
  await create(PODS, 'v1', 'Pod', 'patient', { ...base, tolerations });
  const [pod] = await until(() => ready(pods(), 1));
  const node: string = pod?.spec?.nodeName;
  const taint = (taints: Json[]) => client.patch(NODES, node, 'merge', { spec: { taints } });
  await client.patch(PODS, 'patient', 'merge', { metadata: { finalizers: ['test/stays'] } }, { namespace: 'evicted' });
  // Simulated time stands still at this pace: what is tolerated for an hour is over at once.
  await taint([{ key: 'leave', effect: 'NoExecute' }]);
  await expect
    .poll(() => told('TaintManagerEviction'), { timeout: 20_000 })
    .toEqual(['Marking for deletion Pod evicted/patient']);
  await taint([]);
  const { status } = await get(PODS, 'patient');
  const mark = status.conditions.find(({ type }: Json) => type === 'DisruptionTarget');
  expect(mark).toMatchObject({ reason: 'DeletionByTaintManager', observedGeneration: 1 });
  await client.patch(PODS, 'patient', 'merge', { metadata: { finalizers: null } }, { namespace: 'evicted' });
});

test('a node that registers tells of its first states', async () => {
  const [node] = (await client.list(NODES)).items;
  const about = async () =>
    (await client.list(EVENTS, { namespace: 'default' })).items.filter(
      ({ involvedObject }) => (involvedObject as Json).name === nameOf(node as KubeObject),
    );
  await expect
    .poll(async () => (await about()).map(({ reason }) => reason), { timeout: 20_000 })
    .toEqual(
      expect.arrayContaining([
        'Starting',
        'NodeHasSufficientMemory',
        'NodeHasNoDiskPressure',
        'NodeHasSufficientPID',
        'NodeAllocatableEnforced',
        'NodeReady',
        'RegisteredNode',
      ]),
    );
});

test("before 1.35 a pod does not carry the labels of its node's place", async () => {
  const { create, pods } = await space('placed');
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 1));
  const [pod] = await until(() => ready(pods(), 1));
  expect(Object.keys(pod?.metadata.labels ?? {}).sort()).toEqual(['app', 'pod-template-hash']);
});

test('a pod that wants a neighbour is placed when that comes, and one whose devices are not claimed waits in silence', async () => {
  const { create, get, list } = await space('together');
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'first' } } };
  const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const { spec } = template('any');
  await create(PODS, 'v1', 'Pod', 'second', { ...spec, affinity });
  const claims = [{ name: 'gpu', resourceClaimName: 'none' }];
  await create(PODS, 'v1', 'Pod', 'device', { ...spec, resourceClaims: claims });
  const placed = async () => (await get(PODS, 'second')).status.conditions;
  await until(async () => (await placed())?.some(({ reason }: Json) => reason === 'Unschedulable'));
  await create(PODS, 'v1', 'Pod', 'first', spec, { app: 'first' });
  await until(async () => (await get(PODS, 'second')).spec.nodeName);
  const refused = async () =>
    (await list(EVENTS))
      .filter(({ reason }) => reason === 'FailedScheduling')
      .map(({ involvedObject }) => (involvedObject as Json).name);
  await expect.poll(refused, { timeout: 20_000 }).toEqual(['second']);
  expect((await get(PODS, 'device')).status.conditions).toBeUndefined();
});

test('pods of a node that is taken out are left to the collection of pods, which waits', async () => {
  const { create, get } = await space('stranded');
  await client.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'passing' }, spec: {} });
  await create(PODS, 'v1', 'Pod', 'left', { ...template('web').spec, nodeName: 'passing' });
  await client.delete(NODES, 'passing');
  // Whoever saw the node go has had a turn by the time another pod runs.
  await create(PODS, 'v1', 'Pod', 'after', template('web').spec);
  await until(async () => isReady(await get(PODS, 'after')) || undefined);
  expect(await get(PODS, 'left')).toMatchObject({ status: { phase: 'Pending' } });
});

test('a node that nobody speaks for becomes unknown and loses its pods', async () => {
  const { create, get } = await space('unspoken');
  await client.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'silent' }, spec: {} });
  await create(PODS, 'v1', 'Pod', 'lost', { ...template('web').spec, nodeName: 'silent' });
  const node = async () => (await client.find(NODES, 'silent')) as KubeObject;
  await until(async () => (await node()).spec?.taints?.length === 2 || undefined);
  const { spec, status } = await node();
  expect((spec?.taints as Json[]).map(({ key, effect }) => [key, effect])).toEqual([
    ['node.kubernetes.io/unreachable', 'NoSchedule'],
    ['node.kubernetes.io/unreachable', 'NoExecute'],
  ]);
  expect((status?.conditions as Json[]).map(({ type, status }) => [type, status])).toEqual(
    ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => [type, 'Unknown']),
  );
  await until(async () => (await get(PODS, 'lost'))?.metadata.deletionTimestamp);
  await client.delete(NODES, 'silent');
});

test('what somebody says a machine has beside its own resources can be asked for, until it is taken back', async () => {
  const { create, get } = await space('extended');
  const base = template('any').spec;
  const amount = { 'example.com/dongle': '1' };
  const containers = [{ ...base.containers[0], resources: { requests: amount, limits: amount } }];
  await create(PODS, 'v1', 'Pod', 'needs', { ...base, containers });
  const refusal = async () => (await get(PODS, 'needs')).status.conditions?.[0]?.message;
  await until(async () => (await refusal())?.includes('2 Insufficient example.com/dongle'));
  const [node] = (await client.list(NODES)).items;
  const name = nameOf(node as KubeObject);
  const say = (value: string | null) =>
    client.patch(
      NODES,
      name,
      'merge',
      { status: { capacity: { 'example.com/dongle': value } } },
      { subresource: 'status' },
    );
  await say('2');
  await until(async () => (await get(PODS, 'needs')).spec.nodeName === name);
  const offered = async () => (await client.get(NODES, name)).status?.allocatable?.['example.com/dongle'];
  expect(await offered()).toBe('2');
  await say(null);
  await until(async () => (await offered()) === undefined);
});

test('who was promised a place that a more important pod takes gives it up, so that others of its kind find what is left', async () => {
  const { create, get, list } = await space('promised');
  const classes = { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' };
  for (const [name, value] of Object.entries({ low: 1, middle: 2, high: 3 }))
    await client.create(classes, {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: `promised-${name}` },
      value,
    });
  const seats = { 'example.com/seat': '2' };
  const [node] = (await client.list(NODES)).items;
  const change = { status: { capacity: seats } };
  await client.patch(NODES, nameOf(node as KubeObject), 'merge', change, { subresource: 'status' });
  const one = { 'example.com/seat': '1' };
  // A shell does not hear that it is to end, so that its place stays taken.
  const spec = (priority: string) => ({
    priorityClassName: `promised-${priority}`,
    terminationGracePeriodSeconds: 600,
    containers: [
      { name: 'c', image: 'busybox:1.37', command: ['sleep', '100000'], resources: { requests: one, limits: one } },
    ],
  });
  const make = (name: string, priority: string) => create(PODS, 'v1', 'Pod', name, spec(priority));
  const all = async (names: string[], is: (pod: KubeObject) => boolean) => {
    const pods = await Promise.all(names.map((name) => get(PODS, name)));
    return pods.every((pod) => pod !== null && is(pod));
  };
  await make('low-1', 'low');
  await make('low-2', 'low');
  await until(() => all(['low-1', 'low-2'], isReady));
  await make('middle-1', 'middle');
  await make('middle-2', 'middle');
  await until(() => all(['middle-1', 'middle-2'], ({ status }) => status?.nominatedNodeName !== undefined));
  await make('high', 'high');
  await until(() => all(['high'], ({ status }) => status?.nominatedNodeName !== undefined));
  const inside = { namespace: 'promised', gracePeriodSeconds: 0 };
  for (const name of ['low-1', 'low-2']) await client.delete(PODS, name, inside);
  await until(() => all(['high'], isReady));
  const seated = async () =>
    (await list(PODS)).filter(({ spec }) => spec?.priority === 2 && spec.nodeName !== undefined);
  await until(async () => (await seated()).length === 1);
  for (const pod of await list(PODS)) await client.delete(PODS, nameOf(pod), inside);
});
