/** DaemonSets: taints, failing pods, revisions. */
import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { canonical, nameOf } from '../sim/objects.ts';
import { DAEMON_SETS, EVENTS, NODES, PODS } from '../sim/refs.ts';
import { ready, simulated, template, until, workload } from './test-support.ts';

const { client, space } = await simulated('daemon-set');

test('a taint that keeps pods off a node does not drive away those of a DaemonSet which are there', async () => {
  const { create, get, pods } = await space('tainted');
  const { replicas: _none, ...spec } = workload('agent', 0);
  await create(DAEMON_SETS, 'apps/v1', 'DaemonSet', 'agent', spec);
  const [pod] = await until(() => ready(pods(), 2));
  const node: string = pod?.spec?.nodeName;
  await client.patch(NODES, node, 'merge', { spec: { taints: [{ key: 'kept', effect: 'NoSchedule' }] } });
  const status = await until(async () => {
    const { status } = await get(DAEMON_SETS, 'agent');
    return status?.numberMisscheduled === 1 ? status : undefined;
  });
  expect(status).toMatchObject({ desiredNumberScheduled: 1, currentNumberScheduled: 1, numberReady: 1 });
  expect(await pods()).toHaveLength(2);
  await client.patch(NODES, node, 'merge', { spec: { taints: [{ key: 'kept', effect: 'NoExecute' }] } });
  await until(async () => (await pods()).length === 1 || undefined);
  await client.patch(NODES, node, 'merge', { spec: { taints: null } });
});

test('a pod of a DaemonSet that fails is replaced, the next one that fails there only after a pause', async () => {
  const { create, pods, list, told } = await space('failing-daemons');
  await create(DAEMON_SETS, 'apps/v1', 'DaemonSet', 'agent', {
    selector: { matchLabels: { app: 'agent' } },
    template: template('agent'),
  });
  const [first] = await until(() => ready(pods(), 2));
  const node = first?.spec?.nodeName;
  const fail = async () => {
    const there = await until(async () => (await pods()).find((pod) => pod.spec?.nodeName === node));
    const where = { namespace: 'failing-daemons', subresource: 'status' };
    await client.patch(PODS, nameOf(there), 'merge', { status: { phase: 'Failed', reason: 'Evicted' } }, where);
    return nameOf(there);
  };
  const gone = async () => (await list(EVENTS)).filter(({ reason }) => reason === 'SuccessfulDelete').length;
  const times: number[] = [];
  for (let count = 1; count <= 5; count++) {
    const name = await fail();
    await until(async () => !(await list(PODS)).some((pod) => nameOf(pod) === name));
    times.push(Date.now());
    await until(async () => (await gone()) >= count);
  }
  expect(await told('FailedDaemonPod')).toHaveLength(5);
  // Four pauses that double from 50 ms on.
  expect(times[4]! - times[0]!).toBeGreaterThan(700);
});

test('a revision of somebody else that has the name makes a set count a collision and take another', async () => {
  const revisions = { group: 'apps', version: 'v1', resource: 'controllerrevisions' };
  const spec = { selector: { matchLabels: { app: 'agent' } }, template: template('agent') };
  // Names come from the template alone, so that another namespace tells which one it will be.
  const elsewhere = await space('collisions-elsewhere');
  await elsewhere.create(DAEMON_SETS, 'apps/v1', 'DaemonSet', 'agent', spec);
  await until(async () => (await elsewhere.list(revisions)).length === 1);
  const taken = nameOf((await elsewhere.list(revisions))[0] as KubeObject);
  const { create, get, list, pods, patch } = await space('collisions');
  await client.create(
    revisions,
    { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: taken }, data: {}, revision: 1 },
    { namespace: 'collisions' },
  );
  await create(DAEMON_SETS, 'apps/v1', 'DaemonSet', 'agent', spec);
  await until(async () => (await get(DAEMON_SETS, 'agent')).status?.collisionCount === 1);
  const [pod] = await until(() => ready(pods(), 2));
  const hash = pod?.metadata.labels?.['controller-revision-hash'];
  expect(`agent-${hash}`).not.toBe(taken);
  const mine = async () => (await list(revisions)).filter(({ metadata }) => metadata.ownerReferences !== undefined);
  expect((await mine()).map(nameOf)).toEqual([`agent-${hash}`]);
  // As Go writes it: tools compare what they would write by its bytes.
  const { data } = (await mine())[0] as KubeObject;
  expect(JSON.stringify(data)).toBe(canonical(data));
  expect(JSON.stringify(data)).toMatch(/^\{"spec":\{"template":\{"\$patch":"replace","metadata":/);
  // The template that comes back is known by what it says and not by its name.
  await patch(DAEMON_SETS, 'agent', { spec: { template: template('agent', 'nginx:1.30') } });
  await until(async () => (await mine()).length === 2);
  await patch(DAEMON_SETS, 'agent', { spec: { template: template('agent') } });
  await until(async () => (await mine()).some((one) => one.revision === 3));
  expect((await mine()).find((one) => one.revision === 3)?.metadata.name).toBe(`agent-${hash}`);
});
