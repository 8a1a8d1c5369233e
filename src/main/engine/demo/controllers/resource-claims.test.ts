/** Claims to devices that pods ask for by a template. */
import { expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import { DEVICE_CLASSES, EVENTS, PODS, RESOURCE_CLAIM_TEMPLATES, RESOURCE_CLAIMS } from '../sim/refs.ts';
import { CLAIMS_SINCE_MINOR, claimPrefix } from './resource-claims.ts';
import { simulated, until } from './test-support.ts';

const inside = { namespace: 'default' };
const { cluster, client } = await simulated('claims');

const exactly = { deviceClassName: 'gpu.example.com' };
const makeTemplate = (name: string) =>
  client.create(
    RESOURCE_CLAIM_TEMPLATES,
    {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaimTemplate',
      metadata: { name, ...inside },
      spec: { metadata: { labels: { a: 'b' } }, spec: { devices: { requests: [{ name: 'gpu', exactly }] } } },
    },
    inside,
  );
const makePod = (name: string, template: string, spec: Json = {}) =>
  client.create(
    PODS,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, ...inside },
      spec: {
        containers: [{ name: 'c', image: 'nginx:1.29', resources: { claims: [{ name: 'gpu' }] } }],
        resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: template }],
        ...spec,
      },
    },
    inside,
  );
const claims = async () => (await client.list(RESOURCE_CLAIMS, inside)).items;
const statusOf = async (pod: string) => (await client.find(PODS, pod, inside))?.status;

test('a pod gets a claim of its own from the template that it names, and waits for devices', async () => {
  expect(minorOf(cluster.info.version)).toBeGreaterThanOrEqual(CLAIMS_SINCE_MINOR);
  await makeTemplate('gpus');
  const pod = await makePod('wants', 'gpus');
  const told = await until(async () => (await statusOf('wants'))?.resourceClaimStatuses);
  const [claim] = await claims();
  expect(told).toEqual([{ name: 'gpu', resourceClaimName: claim?.metadata.name }]);
  expect(claim?.metadata).toMatchObject({
    generateName: 'wants-gpu-',
    labels: { a: 'b' },
    annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'wants', uid: pod.metadata.uid, controller: true }],
  });
  const message = async () => (await statusOf('wants'))?.conditions?.[0]?.message;
  const missing =
    '0/2 nodes are available: request gpu: device class gpu.example.com does not exist. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.';
  await until(async () => (await message()) === missing);
  // A claim that somebody takes away is made again.
  await client.delete(RESOURCE_CLAIMS, claim?.metadata.name ?? '', inside);
  const [again] = await until(async () => {
    const found = await claims();
    return found.length === 1 && found[0]?.metadata.uid !== claim?.metadata.uid ? found : undefined;
  });
  await until(
    async () => (await statusOf('wants'))?.resourceClaimStatuses[0].resourceClaimName === again?.metadata.name,
  );
  const kind = { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'gpu.example.com' } };
  await client.create(DEVICE_CLASSES, { ...kind, spec: {} });
  await makePod('later', 'gpus');
  const none =
    '0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.';
  await until(async () => (await statusOf('later'))?.conditions?.[0]?.message === none);
  await client.delete(PODS, 'wants', inside);
  await client.delete(PODS, 'later', inside);
  await until(async () => (await claims()).length === 0);
});

test('a template that is missing is told of until it is there', async () => {
  await makePod('early', 'late');
  const told = async () =>
    (await client.list(EVENTS, inside)).items.find(({ reason }) => reason === 'FailedResourceClaimCreation');
  expect((await until(told)).message).toBe(
    'PodResourceClaim gpu: resource claim template "late": resourceclaimtemplate.resource.k8s.io "late" not found',
  );
  await makeTemplate('late');
  await until(async () => (await statusOf('early'))?.resourceClaimStatuses);
  await client.delete(PODS, 'early', inside);
});

test('what a pod had is given up when it has ended, and a claim that was made for it goes', async () => {
  await makeTemplate('brief');
  const pod = await makePod('ends', 'brief', {
    nodeName: (await client.list({ group: '', version: 'v1', resource: 'nodes' })).items[0]?.metadata.name,
    restartPolicy: 'Never',
    containers: [{ name: 'c', image: 'busybox:1.37', command: ['sh', '-c', 'exit 0'] }],
  });
  const spec = { devices: { requests: [{ name: 'gpu', exactly }] } };
  const finalizers = ['resource.kubernetes.io/delete-protection'];
  const shared = await client.create(
    RESOURCE_CLAIMS,
    {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: { name: 'shared', ...inside, finalizers },
      spec,
    },
    inside,
  );
  const result = { request: 'gpu', driver: 'gpu.example.com', pool: 'p', device: 'd' };
  const reservedFor = [{ resource: 'pods', name: 'gone', uid: pod.metadata.uid }];
  const status = { allocation: { devices: { results: [result] } }, reservedFor };
  await client.update(RESOURCE_CLAIMS, { ...shared, status }, { ...inside, subresource: 'status' });
  await until(async () => (await statusOf('ends'))?.phase === 'Succeeded');
  await until(async () => (await claims()).every(({ metadata }) => metadata.name === 'shared'));
  const free = await until(async () => (await claims()).find(({ metadata }) => metadata.finalizers === undefined));
  expect(free.status).toEqual({});
});

test('a claim is called after its pod and its own name, as far as both fit', () => {
  expect(claimPrefix('web-0', 'gpu')).toBe('web-0-gpu-');
  expect(claimPrefix('p'.repeat(60), 'c'.repeat(40))).toBe(`${'p'.repeat(33)}-${'c'.repeat(22)}`);
});
