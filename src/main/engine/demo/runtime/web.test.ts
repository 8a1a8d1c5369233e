import { expect, test } from 'vitest';
import type { World } from '../sim/world.ts';
import { newMemory } from './agnhost.ts';
import { serveHttp } from './web.ts';

test('a server that runs as a sidecar is as old as its own container', async () => {
  const container = { name: 'beside', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', args: ['liveness'] };
  const startedAt = '2030-01-01T00:00:00Z';
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default' },
    status: { initContainerStatuses: [{ name: 'beside', state: { running: { startedAt } } }] },
  };
  const at = async (seconds: number) => {
    const host = {
      world: { now: () => Date.parse(startedAt) + seconds * 1000 } as World,
      source: {} as never,
      filesOf: async () => null,
      serve: async () => null,
      memoryOf: newMemory,
    };
    const asked = { method: 'GET', path: '/healthz', headers: {}, body: new Uint8Array(), client: '10.0.0.1' };
    return (await serveHttp(host, { pod, container, port: 8080 }, asked))?.status;
  };
  expect([await at(5), await at(11)]).toEqual([200, 500]);
});
