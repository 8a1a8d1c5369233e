import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { mirrorSlices, pairUp, skippedAddresses } from './endpoint-mirroring.ts';
import {
  endpointsLabels,
  newSlice,
  sliceGroups,
  sliceLabels,
  subsetsOf,
  withCapacity,
  withinCapacity,
} from './endpoint-objects.ts';

const service = (spec: Json): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'db', namespace: 'shop', uid: 's', labels: { tier: 'data' } },
  spec: { ports: [{ port: 80, protocol: 'TCP' }], ...spec },
});
const member: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'db-0', namespace: 'shop', uid: 'p' },
  spec: { nodeName: 'n1', hostname: 'db-0', subdomain: 'db', containers: [] },
  status: { podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
};

describe('endpoints of a service', () => {
  test('without pods there are neither endpoints nor ports', () => {
    const [group, ...others] = sliceGroups(service({}), [], () => undefined);
    expect(others).toEqual([]);
    const slice = newSlice(service({}), group?.endpoints ?? [], group?.ports ?? []);
    expect([slice.endpoints, slice.ports]).toEqual([undefined, undefined]);
  });
  test('a pod of its subdomain is there with its name, in both kinds', () => {
    expect(subsetsOf(service({}), [member])[0].addresses[0]).toMatchObject({ ip: '10.0.0.1', hostname: 'db-0' });
    expect(sliceGroups(service({}), [member], () => 'z1')[0]?.endpoints[0]).toMatchObject({
      hostname: 'db-0',
      zone: 'z1',
    });
  });
  test('addresses of pods without the named port are no endpoints, those of a service without ports are', () => {
    expect(subsetsOf(service({ ports: [{ port: 80, targetPort: 'nowhere' }] }), [member])).toEqual([]);
    expect(subsetsOf(service({ clusterIP: 'None', ports: undefined }), [member])[0].addresses).toHaveLength(1);
  });
  test.each([
    [undefined, 36, undefined],
    ['PreferClose', 33, { forZones: [{ name: 'z1' }] }],
    ['PreferSameZone', 36, { forZones: [{ name: 'z1' }] }],
    ['PreferSameNode', 36, { forNodes: [{ name: 'n1' }], forZones: [{ name: 'z1' }] }],
  ])('traffic distribution %s gives hints to what is ready', (trafficDistribution, minor, hints) => {
    const near = service({ trafficDistribution });
    expect(sliceGroups(near, [member], () => 'z1', minor)[0]?.endpoints[0].hints).toEqual(hints);
    const down = { ...member, status: { podIP: '10.0.0.1' } };
    expect(sliceGroups(near, [down], () => 'z1', minor)[0]?.endpoints[0].hints).toBeUndefined();
  });
  test('pods that mean another port by the same name are apart, in both kinds', () => {
    const named = (name: string, ip: string, ports: Json[]): KubeObject => ({
      ...member,
      metadata: { name, namespace: 'shop', uid: name },
      spec: { nodeName: 'n1', containers: [{ ports }] },
      status: { ...member.status, podIP: ip },
    });
    const ports = [
      { name: 'http', port: 80, targetPort: 'web', protocol: 'TCP' },
      { name: 'admin', port: 81, targetPort: 8081, protocol: 'TCP' },
    ];
    const web = (containerPort: number) => ({ name: 'web', containerPort, protocol: 'TCP' });
    const pods = [
      named('a', '10.0.0.1', [web(3000)]),
      named('b', '10.0.0.2', [web(3001)]),
      named('c', '10.0.0.3', [web(3000)]),
      // Over another protocol it is another port.
      named('d', '10.0.0.4', [{ ...web(3000), protocol: 'UDP' }]),
    ];
    const groups = sliceGroups(service({ ports }), pods, () => undefined);
    const numbers = (of: Json[]) => of.map(({ port }) => port);
    expect(
      groups.map((group) => [numbers(group.ports), group.endpoints.flatMap(({ addresses }) => addresses)]),
    ).toEqual([
      [
        [3000, 8081],
        ['10.0.0.1', '10.0.0.3'],
      ],
      [[3001, 8081], ['10.0.0.2']],
      [[8081], ['10.0.0.4']],
    ]);
    const subsets = subsetsOf(service({ ports }), pods).map((subset) => [
      numbers(subset.ports),
      subset.addresses.map(({ ip }: Json) => ip),
    ]);
    expect(subsets).toEqual([
      [[3000], ['10.0.0.1', '10.0.0.3']],
      [[8081], ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']],
      [[3001], ['10.0.0.2']],
    ]);
  });
  test('labels are those of the service, what makes them, and whether it is headless', () => {
    const headless = service({ clusterIP: 'None' });
    expect(sliceLabels(headless)).toEqual({
      tier: 'data',
      'kubernetes.io/service-name': 'db',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      'service.kubernetes.io/headless': '',
    });
    expect(endpointsLabels(service({ clusterIP: '10.0.0.9' }))).toEqual({
      tier: 'data',
      'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
    });
  });
});

test('endpoints that a person wrote become one slice for each family of addresses', () => {
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'db', namespace: 'shop', uid: 'e', labels: { tier: 'data' } },
    subsets: [
      {
        addresses: [{ ip: '203.0.113.9' }, { ip: '2001:db8::9', hostname: 'six' }],
        notReadyAddresses: [{ ip: '203.0.113.10' }],
        ports: [{ port: 5432 }],
      },
    ],
  } as unknown as KubeObject;
  const [four, six, ...rest] = mirrorSlices(endpoints);
  expect(rest).toEqual([]);
  expect(four).toMatchObject({
    addressType: 'IPv4',
    metadata: {
      generateName: 'db-',
      labels: { tier: 'data', 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' },
      ownerReferences: [{ kind: 'Endpoints', name: 'db', controller: true }],
    },
    endpoints: [
      { addresses: ['203.0.113.9'], conditions: { ready: true } },
      { addresses: ['203.0.113.10'], conditions: { ready: false } },
    ],
    ports: [{ name: '', port: 5432, protocol: 'TCP' }],
  });
  expect(six?.endpoints).toEqual([{ addresses: ['2001:db8::9'], conditions: { ready: true }, hostname: 'six' }]);
});

test('a mirrored slice is written anew for the subset of its ports, the annotations that are gone with it', () => {
  const slice = (port: number, name?: string): KubeObject => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...(name === undefined ? {} : { name }) },
    addressType: 'IPv4',
    ports: [{ name: '', port, protocol: 'TCP' }],
  });
  const [a, b, c] = [slice(1, 'a'), slice(2, 'b'), slice(3, 'c')];
  const { pairs, surplus } = pairUp([a, b, c], [slice(4), slice(2), slice(1)]);
  expect(pairs.map(({ old }) => old?.metadata.name)).toEqual(['c', 'b', 'a']);
  expect(surplus).toEqual([]);
  expect(pairUp([a, b], [slice(2)]).surplus).toEqual([a]);
});

test('of a subset as many addresses are mirrored as may be', () => {
  const addresses = Array.from({ length: 1005 }, (_, index) => ({ ip: `10.0.${index >> 8}.${index & 255}` }));
  const endpoints = { kind: 'Endpoints', metadata: { name: 'db' }, subsets: [{ addresses }] } as unknown as KubeObject;
  expect(mirrorSlices(endpoints)[0]?.endpoints).toHaveLength(1000);
  expect(skippedAddresses(endpoints)).toBe(5);
});

test('endpoints hold as many addresses as may be: ready ones first, each subset its share', () => {
  const addresses = (count: number) => Array.from({ length: count }, (_, index) => ({ ip: `10.0.0.${index}` }));
  const counts = (...subsets: Json[]) => {
    const { subsets: kept, over } = withinCapacity(subsets, 10);
    return [over, ...kept.map((one) => [one.addresses?.length, one.notReadyAddresses?.length])];
  };
  expect(counts({ addresses: addresses(4), notReadyAddresses: addresses(6) })).toEqual([false, [4, 6]]);
  expect(counts({ addresses: addresses(4), notReadyAddresses: addresses(9) })).toEqual([true, [4, 6]]);
  expect(counts({ addresses: addresses(15), notReadyAddresses: addresses(2) }, { addresses: addresses(5) })).toEqual([
    true,
    [8, undefined],
    [2, undefined],
  ]);
  expect(withCapacity({ a: 'b' }, true)).toEqual({ a: 'b', 'endpoints.kubernetes.io/over-capacity': 'truncated' });
  expect(withCapacity(withCapacity({ a: 'b' }, true), false)).toEqual({ a: 'b' });
});

test('a pod on its way out is an address only where what is not ready is published', () => {
  const leaving = { ...member, metadata: { ...member.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  expect(subsetsOf(service({}), [leaving])).toEqual([]);
  expect(subsetsOf(service({ publishNotReadyAddresses: true }), [leaving])[0].addresses).toHaveLength(1);
});
