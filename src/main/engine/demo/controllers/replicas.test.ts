/** Deployments, ReplicaSets and ReplicationControllers with what people do to their pods: labels, owners, refusals. */
import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { controllerOf, nameOf } from '../sim/objects.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS, REPLICATION_CONTROLLERS, STATEFUL_SETS } from '../sim/refs.ts';
import { ready, simulated, template, until, workload } from './test-support.ts';

const { client, look, space } = await simulated('replicas');

test('a pod whose label is changed leaves its set, which makes another', async () => {
  const { create, pods, patch } = await space('isolated');
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 2));
  const [first] = await until(() => ready(pods(), 2));
  // Being given a node is no change of what was asked for.
  expect(first?.metadata.generation).toBe(1);
  const name = nameOf(first as KubeObject);
  await patch(PODS, name, { metadata: { labels: { app: 'aside' } } });
  const three = await until(() => ready(pods(), 3));
  expect(three.filter((pod) => controllerOf(pod) === undefined).map(nameOf)).toEqual([name]);
});

test('what was orphaned is adopted by the next owner of the same selector, pods of nobody as well', async () => {
  const { create, pods, list, remove } = await space('orphans');
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 2));
  const before = (await until(() => ready(pods(), 2))).map(nameOf);
  await remove(DEPLOYMENTS, 'web', 'Orphan');
  await until(async () => (await list(REPLICA_SETS)).every((set) => controllerOf(set) === undefined));
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 2));
  await until(async () => (await list(REPLICA_SETS)).every((set) => controllerOf(set)?.name === 'web'));
  expect((await pods()).map(nameOf)).toEqual(before);
  await create(PODS, 'v1', 'Pod', 'bare', template('old').spec, { app: 'old' });
  const spec = { replicas: 2, selector: { app: 'old' }, template: template('old') };
  await create(REPLICATION_CONTROLLERS, 'v1', 'ReplicationController', 'old', spec);
  const owned = await until(async () => {
    const found = (await pods()).filter((pod) => controllerOf(pod)?.kind === 'ReplicationController');
    return found.length === 2 ? found : undefined;
  });
  expect(owned.map(nameOf)).toContain('bare');
});

test('pods that a quota refuses are a condition of their set and of its Deployment, until there is room', async () => {
  const { create, get, patch, told } = await space('quota');
  const quotas = { group: '', version: 'v1', resource: 'resourcequotas' };
  await create(quotas, 'v1', 'ResourceQuota', 'q', { hard: { pods: '0' } });
  await until(async () => (await get(quotas, 'q')).status?.hard);
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 3));
  await create(STATEFUL_SETS, 'apps/v1', 'StatefulSet', 'db', { ...workload('db', 1), serviceName: 'db' });
  const failure = async () =>
    (await get(DEPLOYMENTS, 'web')).status?.conditions?.find(({ type }: { type: string }) => type === 'ReplicaFailure');
  const condition = await until(failure);
  expect(condition).toMatchObject({ status: 'True', reason: 'FailedCreate' });
  expect(condition.message).toMatch(/^pods "web-\w+-\w+" is forbidden: exceeded quota: q, requested: pods=1/);
  await until(async () => (await told('FailedCreate')).some((message) => message.startsWith('create Pod db-0 in')));
  expect(await told('FailedCreate')).toContainEqual(
    expect.stringMatching(/^Error creating: pods "web-\w+-\w+" is forbidden: exceeded quota/),
  );
  await patch(quotas, 'q', { spec: { hard: { pods: '10' } } });
  await until(async () => (await failure()) === undefined);
});

test('re-creating a Deployment makes no new set before the old pods have gone', async () => {
  const { create, patch, list, pods } = await space('recreated');
  const spec = workload('web', 2, { strategy: { type: 'Recreate' } });
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', spec);
  const [pod] = await until(() => ready(pods(), 2));
  await look(pod, true);
  await patch(DEPLOYMENTS, 'web', { spec: { template: template('web', 'nginx:1.30') } });
  await until(async () => (await list(REPLICA_SETS)).every((set) => set.spec?.replicas === 0) || undefined);
  expect(await list(REPLICA_SETS)).toHaveLength(1);
  await look(pod, false);
  await until(() => ready(pods(), 2));
  expect(await list(REPLICA_SETS)).toHaveLength(2);
});

test('pods that must not be deleted are a condition of their set, and told', async () => {
  const { create, get, pods, patch, told } = await space('kept');
  const registration = (resource: string) => ({ group: 'admissionregistration.k8s.io', version: 'v1', resource });
  const own = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kept' } } };
  const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['DELETE'] };
  const validations = [{ expression: 'false', message: 'it stays' }];
  const make = (resource: string, kind: string, spec: Json) =>
    client.create(registration(resource), {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name: 'keep' },
      spec,
    });
  const constraints = { ...own, resourceRules: [rule] };
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 1));
  await until(() => ready(pods(), 1));
  await make('validatingadmissionpolicies', 'ValidatingAdmissionPolicy', {
    matchConstraints: constraints,
    validations,
  });
  const binding = { policyName: 'keep', validationActions: ['Deny'], matchResources: own };
  await make('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', binding);
  await patch(DEPLOYMENTS, 'web', { spec: { replicas: 0 } });
  const message = await until(async () => (await told('FailedDelete'))[0]);
  expect(message).toMatch(/^Error deleting: pods "web-\w+-\w+" is forbidden: .* denied request: it stays$/);
  const failure = async () =>
    (await get(DEPLOYMENTS, 'web')).status?.conditions?.find(({ type }: Json) => type === 'ReplicaFailure');
  expect(await until(failure)).toMatchObject({ status: 'True', reason: 'FailedDelete' });
  await client.delete(registration('validatingadmissionpolicybindings'), 'keep');
  await until(async () => (await pods()).length === 0);
});
