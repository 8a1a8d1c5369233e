/** What stands behind Services: slices, endpoints, load balancers. */
import { expect, test } from 'vitest';
import type { Json, KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { nameOf } from '../sim/objects.ts';
import { isReady } from '../sim/pods.ts';
import { DEPLOYMENTS, ENDPOINT_SLICES, ENDPOINTS, EVENTS, PODS, SERVICES } from '../sim/refs.ts';
import { ready, simulated, until, workload } from './test-support.ts';

const { client, space } = await simulated('service-endpoints');

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

test('a service that asks for zones has them, and tells when it has and when it has not any more', async () => {
  const { create, list, patch, pods, told } = await space('zones');
  const spread = { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' };
  const spec = workload('web', 2);
  const topologySpreadConstraints = [{ ...spread, labelSelector: { matchLabels: { app: 'web' } } }];
  const template = { ...spec.template, spec: { ...spec.template.spec, topologySpreadConstraints } };
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', { ...spec, template });
  await until(() => ready(pods(), 2));
  await create(SERVICES, 'v1', 'Service', 'web', { selector: { app: 'web' }, ports: [{ port: 80 }] });
  const mode = (value: string | null) =>
    patch(SERVICES, 'web', { metadata: { annotations: { 'service.kubernetes.io/topology-mode': value } } });
  const zones = async () =>
    (await list(ENDPOINT_SLICES)).flatMap((slice) =>
      ((slice['endpoints'] as Json[] | undefined) ?? []).map(({ zone, hints }) => [zone, hints?.forZones?.[0]?.name]),
    );
  await mode('Auto');
  await until(async () => {
    const found = await zones();
    return found.length === 2 && found.every(([zone, meant]) => zone === meant);
  });
  await until(async () =>
    (await told('TopologyAwareHintsEnabled')).includes('Topology Aware Hints has been enabled, addressType: IPv4'),
  );
  expect(await told('TopologyAwareHintsDisabled')).toEqual([]);
  await mode(null);
  await until(async () => (await zones()).every(([, meant]) => meant === undefined));
  await until(async () =>
    (await told('TopologyAwareHintsDisabled')).includes('Topology Aware Hints has been disabled, addressType: IPv4'),
  );
});
