/** What the workload controllers do with objects that people move about: owners, labels, refusals, old templates. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { type SimulatedCluster, startCluster } from '../cluster.ts';
import { canonical, controllerOf, isDeleting, nameOf } from '../sim/objects.ts';
import { isActive, isReady } from '../sim/pods.ts';
import {
  AUTOSCALERS,
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  DISRUPTION_BUDGETS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  EVENTS,
  JOBS,
  LEASES,
  NAMESPACES,
  NODES,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  SERVICES,
  STATEFUL_SETS,
  VOLUME_CLAIMS,
} from '../sim/refs.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-workloads-'));
let cluster: SimulatedCluster;
let client: KubeClient;
beforeAll(async () => {
  const sizes = { index: 0, seed: 1, nodes: 2, pods: 0, churn: 0, pace: 0 };
  cluster = await startCluster({ dir, ...sizes, report: () => undefined, onProgress: () => undefined });
  client = cluster.client('tester');
});
afterAll(async () => {
  await cluster?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** While its kubelet looks away, what is deleted does not end. */
const look = (pod: KubeObject | undefined, away: boolean) =>
  client.patch(NODES, pod?.spec?.nodeName ?? '', 'merge', {
    metadata: { annotations: { 'demo.fleetdeck/behaviour': away ? 'ignores-pods' : null } },
  });

/** A namespace of its own with what a test asks of it. */
async function space(namespace: string) {
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const inside = { namespace };
  return {
    create: (ref: ResourceRef, apiVersion: string, kind: string, name: string, spec: Json, labels = {}) =>
      client.create(ref, { apiVersion, kind, metadata: { name, namespace, labels }, spec }, inside),
    get: async (ref: ResourceRef, name: string) => (await client.find(ref, name, inside)) as KubeObject,
    list: async (ref: ResourceRef) => (await client.list(ref, inside)).items,
    pods: async () => (await client.list(PODS, inside)).items.filter((pod) => isActive(pod)),
    patch: (ref: ResourceRef, name: string, change: object) => client.patch(ref, name, 'merge', change, inside),
    remove: (ref: ResourceRef, name: string, propagationPolicy?: 'Orphan' | 'Background') =>
      client.delete(ref, name, { ...inside, ...(propagationPolicy === undefined ? {} : { propagationPolicy }) }),
    told: async (reason: string) =>
      (await client.list(EVENTS, inside)).items
        .filter((event) => event.reason === reason)
        .map(({ message }) => message),
  };
}

const template = (app: string, image = 'nginx:1.29') => ({
  metadata: { labels: { app } },
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image }] },
});
const workload = (app: string, replicas: number, more: object = {}) => ({
  replicas,
  selector: { matchLabels: { app } },
  template: template(app),
  ...more,
});
const ready = async (pods: Promise<KubeObject[]>, count: number) => {
  const found = await pods;
  return found.length === count && found.every(isReady) ? found : undefined;
};
const until = <T>(look: () => Promise<T>): Promise<NonNullable<T>> =>
  expect.poll(look, { timeout: 20_000, interval: 20 }).toBeTruthy().then(look) as Promise<NonNullable<T>>;

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

test('below the partition a pod of a StatefulSet comes back as it was', async () => {
  const { create, patch, get, remove, pods } = await space('partition');
  await create(STATEFUL_SETS, 'apps/v1', 'StatefulSet', 'db', { ...workload('db', 2), serviceName: 'db' });
  await until(() => ready(pods(), 2));
  const updateStrategy = { rollingUpdate: { partition: 1 } };
  await patch(STATEFUL_SETS, 'db', { spec: { updateStrategy, template: template('db', 'nginx:1.30') } });
  const image = (pod: KubeObject) => pod.spec?.containers[0].image;
  await until(async () => image(await get(PODS, 'db-1')) === 'nginx:1.30' && isReady(await get(PODS, 'db-1')));
  const { metadata } = await get(PODS, 'db-0');
  await remove(PODS, 'db-0');
  const again = await until(async () => {
    const pod = await get(PODS, 'db-0');
    return pod !== null && pod.metadata.uid !== metadata.uid ? pod : undefined;
  });
  expect(image(again)).toBe('nginx:1.29');
  expect(again.metadata.generateName).toBe('db-');
  expect(again.metadata.labels?.['controller-revision-hash']).toBe(metadata.labels?.['controller-revision-hash']);
});

test('a StatefulSet whose update is broken is not repaired by taking it back: its pod has to be deleted', async () => {
  const { create, patch, get, remove, pods } = await space('broken');
  await create(STATEFUL_SETS, 'apps/v1', 'StatefulSet', 'db', { ...workload('db', 1), serviceName: 'db' });
  await until(() => ready(pods(), 1));
  await patch(STATEFUL_SETS, 'db', { spec: { template: template('db', 'example.com/missing:1') } });
  const broken = await until(async () => {
    const pod = await get(PODS, 'db-0');
    return pod?.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff' ? pod : undefined;
  });
  await patch(STATEFUL_SETS, 'db', { spec: { template: template('db') } });
  await until(async () => {
    const { metadata, status } = await get(STATEFUL_SETS, 'db');
    return status?.observedGeneration === metadata.generation;
  });
  expect((await get(PODS, 'db-0')).metadata).toMatchObject({ uid: broken.metadata.uid });
  expect(isDeleting(await get(PODS, 'db-0'))).toBe(false);
  await remove(PODS, 'db-0');
  await until(() => ready(pods(), 1));
});

test('pods that do not work hold up those above them when a StatefulSet shrinks, the lowest of them goes', async () => {
  const { create, get, pods, patch, list } = await space('shrinking');
  const container = { name: 'c', image: 'nginx:1.29', readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 } };
  const spec = workload('web', 3);
  await create(STATEFUL_SETS, 'apps/v1', 'StatefulSet', 'web', {
    ...spec,
    serviceName: 'web',
    template: { ...spec.template, spec: { ...spec.template.spec, containers: [container] } },
  });
  await until(() => ready(pods(), 3));
  const behave = (name: string, value: string | null) =>
    patch(PODS, name, { metadata: { annotations: { 'demo.fleetdeck/behaviour': value } } });
  for (const name of ['web-1', 'web-2']) await behave(name, 'unready');
  await until(async () => (await pods()).filter(isReady).length === 1);
  await patch(STATEFUL_SETS, 'web', { spec: { replicas: 0 } });
  await until(async () => (await get(STATEFUL_SETS, 'web')).status?.observedGeneration === 2);
  expect((await pods()).map(nameOf).sort()).toEqual(['web-0', 'web-1', 'web-2']);
  // The one above works again; the lowest that does not is no reason to wait.
  await behave('web-2', null);
  await until(async () => (await list(PODS)).length === 0);
});

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

const batch = (script: string, more: object = {}) => ({
  ...more,
  template: {
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', script] }],
    },
  },
});

test('a pod of a Job that somebody deletes is a failure which stays counted, and no pod is left behind', async () => {
  const { create, get, remove, pods, list } = await space('jobs');
  await create(JOBS, 'batch/v1', 'Job', 'long', batch('sleep 3600'));
  const [pod] = await until(() => ready(pods(), 1));
  expect(pod?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
  await remove(PODS, nameOf(pod as KubeObject));
  await until(async () => ((await get(JOBS, 'long')).status?.failed === 1 ? await ready(pods(), 1) : undefined));
  await remove(JOBS, 'long', 'Background');
  await until(async () => (await list(PODS)).length === 0);
});

test('a Job that gives up is Failed once its last pod has gone, and says before that it will be', async () => {
  const { create, get, patch, pods, told } = await space('late');
  await create(JOBS, 'batch/v1', 'Job', 'late', batch('sleep 3600'));
  const [pod] = await until(() => ready(pods(), 1));
  await look(pod, true);
  await patch(JOBS, 'late', { spec: { activeDeadlineSeconds: 1 } });
  const types = async () =>
    ((await get(JOBS, 'late')).status?.conditions ?? []).map(({ type }: { type: string }) => type);
  await until(async () => (await types()).includes('FailureTarget'));
  expect(await types()).not.toContain('Failed');
  await look(pod, false);
  await until(async () => (await types()).includes('Failed'));
  const [message] = await until(async () => {
    const messages = await told('DeadlineExceeded');
    return messages.length > 0 ? messages : undefined;
  });
  expect(message).toBe('Job was active longer than specified deadline');
  expect((await get(JOBS, 'late')).status).toMatchObject({ failed: 1, terminating: 0, uncountedTerminatedPods: {} });
});

test('a budget counts what there is where it asks for a number, and what owners want where it asks for a share', async () => {
  const { create, get, pods, told } = await space('budgets');
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 2));
  await create(PODS, 'v1', 'Pod', 'bare', template('bare').spec, { app: 'bare' });
  await until(() => ready(pods(), 3));
  const budget = (name: string, spec: object) =>
    create(DISRUPTION_BUDGETS, 'policy/v1', 'PodDisruptionBudget', name, spec);
  const labelled = (app: string) => ({ selector: { matchLabels: { app } } });
  await budget('share', { minAvailable: '50%', ...labelled('web') });
  await budget('number', { minAvailable: 1, ...labelled('bare') });
  await budget('nobody', { maxUnavailable: 1, ...labelled('bare') });
  const status = (name: string, wanted: object) =>
    expect.poll(async () => (await get(DISRUPTION_BUDGETS, name)).status, { timeout: 20_000 }).toMatchObject(wanted);
  await status('share', { expectedPods: 2, desiredHealthy: 1, currentHealthy: 2, disruptionsAllowed: 1 });
  await status('number', { expectedPods: 1, desiredHealthy: 1, currentHealthy: 1, disruptionsAllowed: 0 });
  await status('nobody', { expectedPods: 0, desiredHealthy: 0, currentHealthy: 1, disruptionsAllowed: 0 });
  const [message] = await until(async () => {
    const messages = await told('UnmanagedPods');
    return messages.length > 0 ? messages : undefined;
  });
  expect(message).toContain(
    '(selector: &LabelSelector{MatchLabels:map[string]string{app: bare,},MatchExpressions:[]LabelSelectorRequirement{},})',
  );
});

test('a service without a selector has the slices of the endpoints that somebody wrote, and follows them', async () => {
  const { create, list, patch, remove } = await space('mirrored');
  await create(SERVICES, 'v1', 'Service', 'outside', { ports: [{ port: 80 }] });
  const subsets = (ip: string) => [{ addresses: [{ ip }], ports: [{ port: 80 }] }];
  await client.create(
    ENDPOINTS,
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'outside' },
      subsets: subsets('203.0.113.9'),
    } as KubeObject,
    { namespace: 'mirrored' },
  );
  const addresses = async () =>
    (await list(ENDPOINT_SLICES)).flatMap((slice) => slice.endpoints.flatMap((one: Json) => one.addresses));
  await expect.poll(addresses, { timeout: 20_000 }).toEqual(['203.0.113.9']);
  await patch(ENDPOINTS, 'outside', { subsets: subsets('203.0.113.7') });
  await expect.poll(addresses, { timeout: 20_000 }).toEqual(['203.0.113.7']);
  await remove(ENDPOINTS, 'outside');
  await expect.poll(addresses, { timeout: 20_000 }).toEqual([]);
});

test('slices and endpoints that somebody takes away or changes are made again', async () => {
  const { create, get, pods, patch, list, remove } = await space('again');
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 1));
  await create(SERVICES, 'v1', 'Service', 'web', { selector: { app: 'web' }, ports: [{ port: 80 }] });
  const [pod] = await until(() => ready(pods(), 1));
  const addresses = async () =>
    (await list(ENDPOINT_SLICES))
      .flatMap((slice) => (slice['endpoints'] as Json[] | undefined) ?? [])
      .map((one) => one.addresses[0]);
  const whole = async () =>
    (await addresses()).join() === pod?.status?.podIP ? await list(ENDPOINT_SLICES) : undefined;
  const [slice] = await until(whole);
  await remove(ENDPOINT_SLICES, nameOf(slice as KubeObject));
  const [second] = await until(async () => {
    const found = await whole();
    return found?.[0] !== undefined && found[0].metadata.uid !== slice?.metadata.uid ? found : undefined;
  });
  await patch(ENDPOINT_SLICES, nameOf(second as KubeObject), { endpoints: [{ addresses: ['10.9.9.9'] }] });
  await until(whole);
  await remove(ENDPOINTS, 'web');
  await until(async () => (await get(ENDPOINTS, 'web'))?.['subsets']);
});

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

test('a schedule that forbids a second job makes up for it, and does not wait for jobs that somebody made', async () => {
  const { create, get, list, remove, told } = await space('scheduled');
  const jobTemplate = { spec: batch('sleep 3600') };
  const spec = { schedule: '* * * * *', concurrencyPolicy: 'Forbid', suspend: true, jobTemplate };
  const cron = await create(CRON_JOBS, 'batch/v1', 'CronJob', 'often', spec);
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'often', uid: cron.metadata.uid, controller: true };
  const manual = { name: 'manual', ownerReferences: [owner] };
  await client.create(
    JOBS,
    { apiVersion: 'batch/v1', kind: 'Job', metadata: manual, spec: jobTemplate.spec } as KubeObject,
    { namespace: 'scheduled' },
  );
  await until(async () => (await told('UnexpectedJob')).length > 0);
  expect((await get(CRON_JOBS, 'often')).status?.active).toBeUndefined();
  // Two hours late: due at once, and once only.
  const lastScheduleTime = new Date(Date.now() - 7_200_000).toISOString().replace(/\.\d+Z/, 'Z');
  const late = { ...(await get(CRON_JOBS, 'often')), status: { lastScheduleTime } };
  await client.update(CRON_JOBS, late, { namespace: 'scheduled', subresource: 'status' });
  await client.patch(CRON_JOBS, 'often', 'merge', { spec: { suspend: false } }, { namespace: 'scheduled' });
  const ours = async () => (await list(JOBS)).filter((job) => nameOf(job) !== 'manual');
  const [first] = await until(async () => {
    const jobs = await ours();
    return jobs.length === 1 ? jobs : undefined;
  });
  await until(async () => (await get(CRON_JOBS, 'often')).status?.lastScheduleTime !== lastScheduleTime);
  await remove(JOBS, nameOf(first as KubeObject), 'Background');
  await until(async () => (await told('MissingJob')).length > 0);
  await remove(CRON_JOBS, 'often', 'Background');
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

test('a claim that nothing can be made for is told of again and again', async () => {
  const { create, list } = await space('claims');
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await create(VOLUME_CLAIMS, 'v1', 'PersistentVolumeClaim', 'nowhere', { ...claim, storageClassName: 'absent' });
  await create(VOLUME_CLAIMS, 'v1', 'PersistentVolumeClaim', 'by-hand', { ...claim, storageClassName: '' });
  const often = async () =>
    Object.fromEntries((await list(EVENTS)).map(({ reason, count }) => [reason, Number(count) >= 4]));
  await expect.poll(often, { timeout: 20_000 }).toEqual({ ProvisioningFailed: true, FailedBinding: true });
});

test('an autoscaler has its first turn after a period', async () => {
  const { create, get } = await space('scaled');
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nowhere' };
  const asked = Date.now();
  await create(AUTOSCALERS, 'autoscaling/v2', 'HorizontalPodAutoscaler', 'web', { scaleTargetRef, maxReplicas: 3 });
  await until(async () => (await get(AUTOSCALERS, 'web')).status?.conditions);
  // A twentieth of its 15 s.
  expect(Date.now() - asked).toBeGreaterThan(700);
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
  const about = (await list(EVENTS)).map(({ involvedObject, reason }) => [(involvedObject as Json).name, reason]);
  expect(about.filter(([, reason]) => reason === 'FailedScheduling')).toEqual([['second', 'FailedScheduling']]);
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

test('a load balancer is held by its service until it has been removed', async () => {
  const { create, get, list, patch, remove } = await space('balanced');
  await create(SERVICES, 'v1', 'Service', 'web', { type: 'LoadBalancer', ports: [{ port: 80 }] });
  const address = async () => (await get(SERVICES, 'web')).status?.loadBalancer?.ingress?.[0];
  await until(address);
  expect((await get(SERVICES, 'web')).metadata.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
  // What a load balancer is made from changes: it is seen to again and keeps its address.
  const ensured = async () =>
    (await list(EVENTS)).filter(({ reason }) => reason === 'EnsuredLoadBalancer').map(({ count }) => count);
  await until(async () => (await ensured()).length > 0);
  const before = await address();
  await patch(SERVICES, 'web', { spec: { sessionAffinity: 'ClientIP' } });
  await until(async () => (await ensured()).reduce((sum: number, count) => sum + Number(count ?? 1), 0) === 2);
  expect(await address()).toEqual(before);
  await patch(SERVICES, 'web', { spec: { type: 'ClusterIP' } });
  await expect.poll(async () => (await get(SERVICES, 'web')).metadata.finalizers, { timeout: 20_000 }).toBeUndefined();
  expect(await address()).toBeUndefined();
  await patch(SERVICES, 'web', { spec: { type: 'LoadBalancer' } });
  await until(address);
  await remove(SERVICES, 'web');
  await expect.poll(() => get(SERVICES, 'web'), { timeout: 20_000 }).toBeNull();
  const told = async () => (await list(EVENTS)).map(({ reason, message }) => [reason, message]);
  await expect.poll(told, { timeout: 20_000 }).toEqual(
    expect.arrayContaining([
      ['EnsuringLoadBalancer', 'Ensuring load balancer'],
      ['EnsuredLoadBalancer', 'Ensured load balancer'],
      ['Type', 'LoadBalancer -> ClusterIP'],
      ['Type', 'ClusterIP -> LoadBalancer'],
      ['DeletingLoadBalancer', 'Deleting load balancer'],
      ['DeletedLoadBalancer', 'Deleted load balancer'],
    ]),
  );
});

test('the components of the control plane can be seen: leases of leaders, accounts of controllers', async () => {
  const system = { namespace: 'kube-system' };
  const accounts = { group: '', version: 'v1', resource: 'serviceaccounts' };
  await until(() => client.find(accounts, 'volumeattributesclass-protection-controller', system));
  const lease = await client.get(LEASES, 'kube-scheduler', system);
  expect(lease.spec).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 0 });
  const leads = async () =>
    (await client.list(EVENTS, system)).items.find(
      ({ involvedObject }) => (involvedObject as Json).uid === lease.metadata.uid,
    );
  expect((await until(leads)).message).toBe(`${lease.spec.holderIdentity} became leader`);
});

test('endpoints tell when what made them change happened', async () => {
  const { create, list, pods } = await space('triggers');
  await create(SERVICES, 'v1', 'Service', 'web', { selector: { app: 'web' }, ports: [{ port: 80 }] });
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 1));
  await until(() => ready(pods(), 1));
  const told = async (ref: ResourceRef) => {
    const [found] = (await list(ref)).filter(({ subsets, endpoints }) => (subsets ?? endpoints)?.length > 0);
    return found?.metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time'];
  };
  expect(await until(() => told(ENDPOINT_SLICES))).toMatch(/^\d{4}-\d\d-\d\dT[\d:]+Z$/);
  expect(await until(() => told(ENDPOINTS))).toMatch(/^\d{4}-/);
});

test('what a quota refuses a Job is asked for ever more rarely', async () => {
  const { create, list } = await space('scarce');
  const quotas = { group: '', version: 'v1', resource: 'resourcequotas' };
  await create(quotas, 'v1', 'ResourceQuota', 'none', { hard: { pods: '0' } });
  await create(JOBS, 'batch/v1', 'Job', 'refused', batch('exit 0'));
  // Names of events end with the time in nanoseconds.
  const times = async () =>
    (await list(EVENTS))
      .filter(({ reason }) => reason === 'FailedCreate')
      .map((event) => Number(BigInt(`0x${nameOf(event).split('.').at(-1)}`) / 1_000_000n))
      .sort((a, b) => a - b);
  const found = await until(async () => {
    const seen = await times();
    return seen.length >= 7 ? seen : undefined;
  });
  // Six pauses that double from half of 50 ms on make 1.5 s at least; from client-go's 5 ms on they make 0.3 s at most.
  expect(found[6]! - found[0]!).toBeGreaterThan(700);
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

test('a budget over pods whose owner has no scale allows nothing and says why; a Deployment counts once in a rollout', async () => {
  const { create, get, pods, patch, told, list } = await space('scaleless');
  const labelled = (app: string) => ({ selector: { matchLabels: { app } } });
  const budget = (name: string, spec: object) =>
    create(DISRUPTION_BUDGETS, 'policy/v1', 'PodDisruptionBudget', name, spec);
  await create(DAEMON_SETS, 'apps/v1', 'DaemonSet', 'agent', { ...labelled('agent'), template: template('agent') });
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 2));
  await until(() => ready(pods(), 4));
  await patch(DEPLOYMENTS, 'web', { spec: { template: template('web', 'registry.example.com/missing:1') } });
  await until(async () => (await pods()).length === 5);
  await budget('agents', { maxUnavailable: 1, ...labelled('agent') });
  await budget('webs', { maxUnavailable: '50%', ...labelled('web') });
  const status = (name: string, wanted: object) =>
    expect.poll(async () => (await get(DISRUPTION_BUDGETS, name)).status, { timeout: 20_000 }).toMatchObject(wanted);
  const message = 'daemonsets.apps does not implement the scale subresource';
  const conditions = [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message }];
  await status('agents', { disruptionsAllowed: 0, expectedPods: 0, conditions });
  await status('webs', { expectedPods: 2, desiredHealthy: 1, disruptionsAllowed: 1 });
  await until(async () =>
    (await told('CalculateExpectedPodCountFailed')).includes(
      `Failed to calculate the number of expected pods: ${message}`,
    ),
  );
  await budget('second', { maxUnavailable: 1, ...labelled('web') });
  const [pod] = (await list(PODS)).filter(({ metadata }) => metadata.labels?.['app'] === 'web');
  await patch(PODS, nameOf(pod as KubeObject), { metadata: { annotations: { look: 'again' } } });
  await until(async () => (await told('MultiplePodDisruptionBudgets')).length > 0);
});

test('a schedule that replaces takes the running job away first, tells so, and keeps as much history as it may', async () => {
  const { create, get, list, told } = await space('replacing');
  const inside = { namespace: 'replacing' };
  const jobTemplate = {
    metadata: { annotations: { note: 'kept' }, labels: { from: 'template' } },
    spec: batch('sleep 3600'),
  };
  const spec = { schedule: '* * * * *', timeZone: 'Asia/Shanghai', concurrencyPolicy: 'Replace', suspend: true };
  await create(CRON_JOBS, 'batch/v1', 'CronJob', 'often', { ...spec, successfulJobsHistoryLimit: 1, jobTemplate });
  /** Late by so many minutes: due at once. */
  const late = async (minutes: number) => {
    const lastScheduleTime = new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z/, 'Z');
    const { status, ...cron } = await get(CRON_JOBS, 'often');
    const next = { ...cron, status: { ...status, lastScheduleTime } } as KubeObject;
    await client.update(CRON_JOBS, next, { ...inside, subresource: 'status' });
    await client.patch(CRON_JOBS, 'often', 'merge', { spec: { suspend: false } }, inside);
    await until(async () => (await get(CRON_JOBS, 'often')).status?.lastScheduleTime !== lastScheduleTime);
    await client.patch(CRON_JOBS, 'often', 'merge', { spec: { suspend: true } }, inside);
  };
  // The name of a job is its minute: one that ran in the current one is not made again.
  const old = await create(JOBS, 'batch/v1', 'Job', 'often-1', batch('sleep 3600'));
  const { metadata: cron } = await get(CRON_JOBS, 'often');
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'often', uid: cron.uid, controller: true };
  await client.patch(JOBS, 'often-1', 'merge', { metadata: { ownerReferences: [owner] } }, inside);
  const active = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'often-1', ...inside, uid: old.metadata.uid }];
  await client.patch(CRON_JOBS, 'often', 'merge', { status: { active } }, { ...inside, subresource: 'status' });
  await late(10_000);
  await until(async () => (await told('SuccessfulDelete')).includes('Deleted job often-1'));
  await until(async () => (await told('TooManyMissedTimes')).length > 0);
  const [job] = (await list(JOBS)).filter((one) => nameOf(one) !== 'often-1');
  expect(job?.metadata.labels).toMatchObject({ from: 'template' });
  const at = job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'];
  expect(job?.metadata.annotations?.['note']).toBe('kept');
  expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\+08:00$/);
  expect(nameOf(job as KubeObject)).toBe(`often-${Date.parse(at ?? '') / 60_000}`);
  expect((await get(CRON_JOBS, 'often')).status?.active).toEqual([
    expect.objectContaining({ name: nameOf(job as KubeObject), uid: job?.metadata.uid }),
  ]);
  expect(await told('TooManyMissedTimes')).toContain(
    'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
  );
  // Of those that ended, the oldest go.
  for (const name of ['done-1', 'done-2', 'done-3']) {
    const metadata = { name, ownerReferences: [owner] };
    await client.create(
      JOBS,
      { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: batch('exit 0') } as KubeObject,
      inside,
    );
    await until(async () => (await get(JOBS, name)) === null || (await get(JOBS, name)).status?.succeeded === 1);
  }
  await until(async () => {
    const left = (await list(JOBS)).map(nameOf).filter((name) => name.startsWith('done'));
    return left.length === 1;
  });
  await until(async () => (await told('SuccessfulDelete')).includes('Deleted job done-1'));
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

test('a pod that is to go stops being ready when its probe says so, and its endpoint with it', async () => {
  const { create, get, list, remove } = await space('leaving');
  const labels = { app: 'slow' };
  // A shell does not hear that it is to end, so that the pod stays for as long as it may.
  const container = {
    name: 'c',
    image: 'busybox:1.37',
    command: ['sh', '-c', 'touch /tmp/ready; sleep 100000'],
    readinessProbe: { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 1 },
    lifecycle: { preStop: { exec: { command: ['rm', '/tmp/ready'] } } },
  };
  await create(PODS, 'v1', 'Pod', 'slow', { terminationGracePeriodSeconds: 600, containers: [container] }, labels);
  await create(SERVICES, 'v1', 'Service', 'slow', { selector: labels, ports: [{ port: 80 }] });
  const conditions = async () => (await list(ENDPOINT_SLICES))[0]?.endpoints?.[0]?.conditions;
  await until(async () => (await conditions())?.ready);
  await remove(PODS, 'slow');
  await until(async () => (await conditions())?.serving === false);
  expect(await conditions()).toEqual({ ready: false, serving: false, terminating: true });
  expect(isReady(await get(PODS, 'slow'))).toBe(false);
  await client.delete(PODS, 'slow', { namespace: 'leaving', gracePeriodSeconds: 0 });
});
