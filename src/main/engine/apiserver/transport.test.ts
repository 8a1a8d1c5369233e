import { afterAll, expect, test, vi } from 'vitest';
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

const GADGETS = { group: 'example.com', version: 'v1', resource: 'gadgets' };
const CRDS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };

/** Of a kind that knows these fields of the spec. */
function gadgets(spec: Record<string, object>): KubeObject {
  const properties = { spec: { type: 'object', properties: spec }, status: { type: 'object', properties: {} } };
  const phase = { type: 'string', default: 'New' };
  properties.status.properties = { phase, seen: { type: 'integer' } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'gadgets', kind: 'Gadget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties } },
        },
      ],
    },
  };
}

test('a status of a custom resource is written beside the stored rest, until its definition changes', async () => {
  const client = server.client('test', { shares: true });
  await client.create(CRDS, gadgets({ size: { type: 'integer' }, colour: { type: 'string' } }));
  const gadget = {
    apiVersion: 'example.com/v1',
    kind: 'Gadget',
    metadata: { name: 'one' },
    spec: { size: 1, colour: 'red' },
  };
  const created = await vi.waitFor(() => client.create(GADGETS, frozen(gadget), HERE));
  const where = { ...HERE, subresource: 'status' } as const;

  const first = await client.update(GADGETS, frozen({ ...created, status: { seen: 1, unknown: true } }), where);
  expect(first.spec).toBe(created.spec);
  expect(first.status).toEqual({ seen: 1, phase: 'New' });

  const narrower = gadgets({ size: { type: 'integer' }, shape: { type: 'string', default: 'round' } });
  const definition = await client.get(CRDS, 'gadgets.example.com');
  await client.update(CRDS, { ...definition, spec: narrower.spec });
  // Read by the new definition as soon as it is in force.
  await vi.waitFor(async () => expect((await client.get(GADGETS, 'one', HERE)).spec.colour).toBeUndefined());
  const second = await client.update(GADGETS, frozen({ ...first, status: { seen: 2 } }), where);
  expect(second.spec).toEqual({ size: 1, shape: 'round' });
  expect(first.spec).toEqual({ size: 1, colour: 'red' });
  const third = await client.update(GADGETS, frozen({ ...second, status: { seen: 3 } }), where);
  expect(third.spec).toBe(second.spec);
});
