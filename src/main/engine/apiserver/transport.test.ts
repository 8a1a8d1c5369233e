import { afterAll, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { startApiServer } from './start.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const HERE = { namespace: 'default' };
const server = await startApiServer({ dir: null, name: 'transport' });
afterAll(() => server.close());

function pod(name: string): KubeObject {
  const containers = [{ name: 'web', image: 'nginx', resources: {} }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { a: '1' } },
    spec: { containers },
  };
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const item of Object.values(value)) frozen(item);
  }
  return value;
}

test('what a client hands over and is handed is its own: changing it changes nothing on the server', async () => {
  const client = server.client('test');
  const given = pod('own');
  const created = await client.create(PODS, given, HERE);
  given.spec.containers[0].image = 'changed';
  created.spec.containers[0].image = 'changed';
  expect((await client.get(PODS, 'own', HERE)).spec.containers[0].image).toBe('nginx');
});

test('a client that shares is handed the stored objects themselves, in answers and in watches', async () => {
  const client = server.client('test', { shares: true });
  const end = new AbortController();
  const events = client.watch(PODS, { ...HERE, resourceVersion: '0', signal: end.signal })[Symbol.asyncIterator]();
  const created = await client.create(PODS, frozen(pod('shared')), HERE);
  expect(await client.get(PODS, 'shared', HERE)).toBe(created);
  for (;;) {
    const { value } = await events.next();
    if (value.object.metadata.name !== 'shared') continue;
    expect(value.object).toBe(created);
    break;
  }
  end.abort();
  const status = { ...created.status, phase: 'Running' };
  const updated = await client.update(PODS, frozen({ ...created, status }), { ...HERE, subresource: 'status' });
  expect(updated.spec).toBe(created.spec);
  expect(created.status?.phase).toBe('Pending');
});
