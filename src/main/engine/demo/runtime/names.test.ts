import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { World } from '../sim/world.ts';
import { ask, hostnameOf, lookup, resolverOf } from './names.ts';

/** A cluster of Services with their endpoints, all in namespace `shop` but the DNS itself. */
function cluster({ dnsReady = true } = {}): World {
  const services = [
    service('kube-system', 'kube-dns', { clusterIP: '10.96.0.10' }),
    service('shop', 'web', { clusterIP: '10.96.1.1', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }),
    service('shop', 'db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] }),
    service('shop', 'old', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
    service('shop', 'far', { type: 'ExternalName', externalName: 'far.example.com' }),
  ];
  const slices: Record<string, Json[]> = {
    'kube-system/kube-dns': [endpoints([{ addresses: ['10.0.0.2'], conditions: { ready: dnsReady } }], 53)],
    'shop/db': [endpoints([{ addresses: ['10.0.0.8'], hostname: 'db-0' }, { addresses: ['10.0.0.9'] }], 5432, 'sql')],
  };
  return {
    caches: {
      services: {
        get: (key: string) => services.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
        list: () => services,
      },
      namespaces: { get: (name: string) => (['shop', 'kube-system'].includes(name) ? {} : undefined) },
      endpointSlices: { byIndex: (_index: string, key: string) => slices[key] ?? [] },
      pods: { get: () => undefined },
      networkPolicies: { list: () => [] },
    },
  } as unknown as World;
}

function service(namespace: string, name: string, spec: Json): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec };
}

function endpoints(list: Json[], port: number, name?: string): Json {
  return { metadata: {}, endpoints: list, ports: [{ port, name, protocol: 'TCP' }] };
}

function pod(spec: Json = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name: 'web-0' },
    spec,
    status: { podIP: '10.0.0.7' },
  };
}

describe('the cluster’s DNS', () => {
  const answer = (name: string, type = 'A') => {
    const found = ask(cluster(), { namespace: 'shop' }, `${name}.`, type, false);
    return found?.status === 'NXDOMAIN' ? null : found?.records.map((one) => `${one.type} ${one.data}`);
  };
  test.each<[string, string, string[] | null]>([
    ['web.shop.svc.cluster.local', 'A', ['A 10.96.1.1']],
    ['web.shop.svc.cluster.local', 'AAAA', []],
    ['_http._tcp.web.shop.svc.cluster.local', 'SRV', ['SRV 0 100 80 web.shop.svc.cluster.local.']],
    ['_http._udp.web.shop.svc.cluster.local', 'SRV', null],
    ['db.shop.svc.cluster.local', 'A', ['A 10.0.0.8', 'A 10.0.0.9']],
    ['db-0.db.shop.svc.cluster.local', 'A', ['A 10.0.0.8']],
    ['10-0-0-9.db.shop.svc.cluster.local', 'A', ['A 10.0.0.9']],
    ['db-1.db.shop.svc.cluster.local', 'A', null],
    [
      '_sql._tcp.db.shop.svc.cluster.local',
      'SRV',
      ['SRV 0 50 5432 db-0.db.shop.svc.cluster.local.', 'SRV 0 50 5432 10-0-0-9.db.shop.svc.cluster.local.'],
    ],
    ['old.shop.svc.cluster.local', 'A', ['CNAME web.shop.svc.cluster.local.', 'A 10.96.1.1']],
    ['far.shop.svc.cluster.local', 'CNAME', ['CNAME far.example.com.']],
    ['1.1.96.10.in-addr.arpa', 'PTR', ['PTR web.shop.svc.cluster.local.']],
    ['8.0.0.10.in-addr.arpa', 'PTR', ['PTR db-0.db.shop.svc.cluster.local.']],
    ['10-0-0-7.shop.pod.cluster.local', 'A', ['A 10.0.0.7']],
    ['shop.svc.cluster.local', 'A', []],
    ['web.none.svc.cluster.local', 'A', null],
    ['example.com', 'A', null],
  ])('%s %s', (name, type, expected) => {
    expect(answer(name, type)).toEqual(expected);
  });
});

describe('a pod', () => {
  const find = (name: string, spec: Json = {}, world = cluster()) =>
    lookup(world, name, { namespace: 'shop', pod: pod(spec) })?.addresses;
  test('finds names by its search list, and its own and added ones in its hosts file', () => {
    expect([find('web'), find('web.shop'), find('web.shop.svc.cluster.local.')]).toEqual(
      Array.from({ length: 3 }, () => ['10.96.1.1']),
    );
    expect(find('web-0')).toEqual(['10.0.0.7']);
    expect(find('web-0.db.shop.svc.cluster.local', { subdomain: 'db' })).toEqual(['10.0.0.7']);
    expect(find('b', { hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }] })).toEqual(['1.2.3.4']);
    expect(find('far')).toBeUndefined();
  });
  test('finds no name of the cluster where its servers are others, or while the DNS has no pod', () => {
    const other = { dnsPolicy: 'None', dnsConfig: { nameservers: ['9.9.9.9'], searches: ['shop.svc.cluster.local'] } };
    expect([find('web', other), find('web', { dnsPolicy: 'Default' })]).toEqual([undefined, undefined]);
    const down = cluster({ dnsReady: false });
    expect([find('web', {}, down), find('web-0', {}, down)]).toEqual([undefined, ['10.0.0.7']]);
    expect(ask(down, { namespace: 'shop' }, 'web', 'A', true)).toBeUndefined();
  });
  test('on its node’s network asks what its node asks, unless it says otherwise', () => {
    const servers = (dnsPolicy: string) => resolverOf(pod({ hostNetwork: true, dnsPolicy }), '10.96.0.10').servers;
    expect([servers('ClusterFirst'), servers('ClusterFirstWithHostNet')]).toEqual([['10.0.0.2'], ['10.96.0.10']]);
  });
  test('is called as its spec says', () => {
    const names = [
      {},
      { hostname: 'a' },
      { hostname: 'a', subdomain: 'db', setHostnameAsFQDN: true },
      { hostNetwork: true, nodeName: 'node-1' },
    ].map((spec) => hostnameOf(pod(spec)));
    expect(names).toEqual(['web-0', 'a', 'a.db.shop.svc.cluster.local', 'node-1']);
  });
});
