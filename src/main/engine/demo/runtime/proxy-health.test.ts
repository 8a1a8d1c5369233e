import { expect, test } from 'vitest';
import type { World } from '../sim/world.ts';
import { kubeProxyPage, nodeHealth } from './proxy-health.ts';

test('a load balancer hears from a node whether it has endpoints of the Service', () => {
  const service = {
    metadata: { namespace: 'shop', name: 'web' },
    spec: { externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 },
  };
  const endpoints = [{ addresses: ['10.0.0.7'], nodeName: 'n1', conditions: { ready: true } }];
  const world = {
    caches: {
      services: { list: () => [service] },
      endpointSlices: { byIndex: () => [{ metadata: {}, endpoints, ports: [] }] },
    },
    machines: {
      list: () => [
        { name: 'n1', ip: '192.0.2.1' },
        { name: 'n2', ip: '192.0.2.2' },
      ],
    },
  } as unknown as World;
  const at = (host: string, port: number) => nodeHealth(world, host, port, { namespace: 'shop' });
  expect([at('192.0.2.1', 31_000)?.status, at('192.0.2.2', 31_000)?.status]).toEqual([200, 503]);
  expect(at('192.0.2.1', 31_000)?.body).toContain('"localEndpoints": 1,');
  expect([at('192.0.2.1', 31_001), at('192.0.2.9', 31_000)]).toEqual([null, null]);
});

test('kube-proxy tells its mode and when it was last well', () => {
  const page = (path: string, port: number) => kubeProxyPage(path, port, 0)?.body;
  expect([page('/healthz', 10_249), page('/proxyMode', 10_249), page('/other', 10_249)]).toEqual([
    'ok',
    'iptables',
    undefined,
  ]);
  expect(page('/healthz', 10_256)).toContain('"lastUpdated": "1970-01-01 00:00:00 +0000 UTC"');
});
