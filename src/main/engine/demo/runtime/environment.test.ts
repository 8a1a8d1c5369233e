import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { resourceOf } from './downward.ts';
import { serviceVariables } from './environment.ts';
import { networkFiles } from './shell/image-files.ts';

const pod = (spec: Json = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-0', namespace: 'shop' },
  spec,
  status: { podIP: '10.0.0.7', startTime: '2026-01-01T00:00:10Z' },
});
const service = (name: string, namespace: string, spec: Json, created = '2026-01-01T00:00:00Z'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, creationTimestamp: created },
  spec,
});
const cart = service('cart-v2', 'shop', { clusterIP: '10.96.0.9', ports: [{ name: 'http-x', port: 8080 }] });
const others = [
  service('headless', 'shop', { clusterIP: 'None', ports: [{ port: 1 }] }),
  service('elsewhere', 'other', { clusterIP: '10.96.0.8', ports: [{ port: 1 }] }),
  service('later', 'shop', { clusterIP: '10.96.0.7', ports: [{ port: 1 }] }, '2026-01-01T00:01:00Z'),
];
const master = service('kubernetes', 'default', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443 }] });

describe('variables of services', () => {
  test('are those of the namespace that were there first, and of the API server', () => {
    const found = serviceVariables(pod(), [master, cart, ...others]);
    expect(found.filter(([name]) => name.startsWith('CART'))).toEqual([
      ['CART_V2_SERVICE_HOST', '10.96.0.9'],
      ['CART_V2_SERVICE_PORT', '8080'],
      ['CART_V2_SERVICE_PORT_HTTP_X', '8080'],
      ['CART_V2_PORT', 'tcp://10.96.0.9:8080'],
      ['CART_V2_PORT_8080_TCP', 'tcp://10.96.0.9:8080'],
      ['CART_V2_PORT_8080_TCP_PROTO', 'tcp'],
      ['CART_V2_PORT_8080_TCP_PORT', '8080'],
      ['CART_V2_PORT_8080_TCP_ADDR', '10.96.0.9'],
    ]);
    expect(found.find(([name]) => name === 'KUBERNETES_SERVICE_PORT_HTTPS')).toEqual([
      'KUBERNETES_SERVICE_PORT_HTTPS',
      '443',
    ]);
    expect(found.some(([name]) => /^(HEADLESS|ELSEWHERE|LATER)_/.test(name))).toBe(false);
  });
  test('are the API server’s alone where the pod wants no links', () => {
    const names = serviceVariables(pod({ enableServiceLinks: false }), [master, cart]).map(([name]) => name);
    expect(names.every((name) => name.startsWith('KUBERNETES_'))).toBe(true);
    expect(names.length).toBeGreaterThan(0);
  });
});

test.each([
  ['limits.memory', '1Mi', '64'],
  ['limits.cpu', undefined, '1'],
  ['limits.cpu', '1m', '500'],
  ['requests.memory', undefined, '33554432'],
])('%s by %s is %s', (resource, divisor, expected) => {
  const resources = { limits: { memory: '64Mi', cpu: '500m' }, requests: { memory: '32Mi' } };
  expect(resourceOf(pod(), { resources }, { resource, divisor }, undefined)).toBe(expected);
});

test('without a limit there is as much as the node can give, without a request nothing is asked for', () => {
  const node = { status: { allocatable: { cpu: '4', memory: '1Gi' } } } as unknown as KubeObject;
  const of = (resource: string) => resourceOf(pod(), {}, { resource }, node);
  expect(['limits.cpu', 'limits.memory', 'requests.cpu'].map(of)).toEqual(['4', '1073741824', '0']);
});

describe('network files', () => {
  const text = (spec: Json, path: string) =>
    String(new Map(networkFiles(pod(spec), '10.96.0.10')).get(path)).split('\n');
  test('name the pod, its subdomain and its aliases', () => {
    const hosts = text({ subdomain: 'db', hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }] }, '/etc/hosts');
    expect(hosts).toContain('10.0.0.7\tweb-0.db.shop.svc.cluster.local\tweb-0');
    expect(hosts.slice(-3)).toEqual(['# Entries added by HostAliases.', '1.2.3.4\ta\tb', '']);
  });
  test('follow the cluster’s DNS and what the pod adds or puts in its place', () => {
    expect(text({}, '/etc/resolv.conf')).toEqual([
      'search shop.svc.cluster.local svc.cluster.local cluster.local',
      'nameserver 10.96.0.10',
      'options ndots:5',
      '',
    ]);
    const dnsConfig = { nameservers: ['9.9.9.9'], searches: ['corp'], options: [{ name: 'ndots', value: '2' }] };
    expect(text({ dnsPolicy: 'None', dnsConfig }, '/etc/resolv.conf')).toEqual([
      'search corp',
      'nameserver 9.9.9.9',
      'options ndots:2',
      '',
    ]);
  });
});
