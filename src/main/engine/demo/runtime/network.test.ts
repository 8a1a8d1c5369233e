import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { World } from '../sim/world.ts';
import { atService } from './network.ts';
import { type ServiceEndpoint, usableEndpoints } from './service-routes.ts';

function object(name: string, spec: object, status: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Any', metadata: { namespace: 'shop', name, uid: name }, spec, status };
}

/** Three pods behind one Service; the last draw of many decides, so that two draws differ. */
function world() {
  const pods = ['a', 'b', 'c'].map((name) =>
    object(
      name,
      { containers: [{ name: 'web', image: 'nginx' }] },
      {
        phase: 'Running',
        containerStatuses: [{ name: 'web', state: { running: { startedAt: '2026-01-01T00:00:00Z' } } }],
      },
    ),
  );
  const slice = {
    metadata: {},
    endpoints: pods.map(({ metadata }) => ({ targetRef: { name: metadata.name } })),
    ports: [{ port: 80 }],
  };
  const made = { time: 0, draw: 0 };
  const of = {
    caches: {
      pods: { get: (key: string) => pods.find(({ metadata }) => `shop/${metadata.name}` === key), list: () => pods },
      endpointSlices: { byIndex: () => [slice] },
    },
    now: () => made.time,
    random: { next: () => made.draw },
  } as unknown as World;
  return { made, of, pods };
}

const spec = { clusterIP: '10.96.0.1', ports: [{ port: 80 }] };
const led = (of: World, service: KubeObject, client: string) =>
  atService(of, service, '80', { client, place: { node: 'n', zone: undefined }, policy: 'Cluster' }).pod.metadata.name;

test('a client comes back to its pod until the time of its Service has passed without it', () => {
  const { made, of } = world();
  const clientIP = { timeoutSeconds: 10 };
  const service = object('web', { ...spec, sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP } });
  expect(led(of, service, '10.0.0.7')).toBe('a');
  made.draw = 0.9;
  expect([led(of, service, '10.0.0.7'), led(of, service, '10.0.0.8')]).toEqual(['a', 'c']);
  made.time = 9000;
  expect(led(of, service, '10.0.0.7')).toBe('a');
  // Every visit counts anew.
  made.time = 18_000;
  expect([led(of, service, '10.0.0.7'), led(of, service, '10.0.0.8')]).toEqual(['a', 'c']);
  made.time = 28_001;
  expect(led(of, service, '10.0.0.7')).toBe('c');
});

test('without affinity, and where the pod has gone, any pod answers', () => {
  const { made, of, pods } = world();
  const sticky = object('sticky', { ...spec, sessionAffinity: 'ClientIP' });
  expect([led(of, object('web', spec), '10.0.0.7'), led(of, sticky, '10.0.0.7')]).toEqual(['a', 'a']);
  made.draw = 0.9;
  expect(led(of, object('web', spec), '10.0.0.7')).toBe('c');
  pods.shift();
  expect(led(of, sticky, '10.0.0.7')).toBe('c');
});

describe('traffic of a Service', () => {
  const endpoint = (address: string, node: string, more: Partial<ServiceEndpoint> = {}): ServiceEndpoint => ({
    address,
    node,
    hostname: undefined,
    target: undefined,
    ports: [],
    ready: true,
    serving: true,
    terminating: false,
    proxied: true,
    forNodes: [],
    forZones: [],
    ...more,
  });
  const leaving = { ready: false, terminating: true };
  const to = (policy: 'Cluster' | 'Local', ...list: ServiceEndpoint[]) =>
    usableEndpoints(list, policy, { node: 'n1', zone: 'z1' }).map(({ address }) => address);

  test('goes to those that are ready; to those that are leaving only where there are no others', () => {
    expect(to('Cluster', endpoint('a', 'n1'), endpoint('b', 'n2'), endpoint('c', 'n1', leaving))).toEqual(['a', 'b']);
    expect(to('Cluster', endpoint('a', 'n1', { ready: false, serving: false }), endpoint('b', 'n2', leaving))).toEqual([
      'b',
    ]);
    expect(to('Cluster', endpoint('a', 'n1', { ...leaving, serving: false }))).toEqual([]);
  });
  test('stays on the node where the policy says so, even if nobody is there', () => {
    expect(to('Local', endpoint('a', 'n1', leaving), endpoint('b', 'n2'))).toEqual(['a']);
    expect(to('Local', endpoint('b', 'n2'))).toEqual([]);
  });
  test('follows hints of node and zone where all endpoints have them', () => {
    const zoned = [endpoint('a', 'n1', { forZones: ['z1'] }), endpoint('b', 'n2', { forZones: ['z2'] })];
    expect(to('Cluster', ...zoned)).toEqual(['a']);
    expect(to('Cluster', ...zoned, endpoint('c', 'n3'))).toEqual(['a', 'b', 'c']);
    expect(to('Cluster', endpoint('b', 'n2', { forZones: ['z2'] }))).toEqual(['b']);
    const near = endpoint('d', 'n1', { forZones: ['z1'], forNodes: ['n1'] });
    const far = endpoint('e', 'n4', { forZones: ['z1'], forNodes: ['n4'] });
    expect([to('Cluster', near, far), to('Cluster', far)]).toEqual([['d'], ['e']]);
  });
});
