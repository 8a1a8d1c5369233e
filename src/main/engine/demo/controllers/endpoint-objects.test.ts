import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { mirrorSlices } from './endpoint-mirroring.ts';
import { endpointsLabels, newSlice, sliceGroups, sliceLabels, subsetsOf } from './endpoint-objects.ts';

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
