/** Custom resources as a client sees them over HTTPS. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../index.ts';
import { adminOf, call, until } from '../test-support.ts';
import type { ApiServer } from '../types.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'served' });
});
afterAll(() => server.close());

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const ask = (method: string, path: string, body?: unknown) =>
  call(server, adminOf(server), method, path, body === undefined ? {} : { body });

function definition(plural: string, change: Json = {}, version: Json = {}): Json {
  const kind = `${plural[0]!.toUpperCase()}${plural.slice(1, -1)}`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.served.example.com` },
    spec: {
      group: 'served.example.com',
      scope: 'Cluster',
      names: { plural, kind },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } }, ...version },
        { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
      ],
      ...change,
    },
  };
}

const conditionOf = async (name: string, type: string): Promise<Json> =>
  ((await ask('GET', `${CRDS}/${name}`)).json.status.conditions ?? []).find((each: Json) => each.type === type);

test('a deprecated version warns in every answer, the others do not', async () => {
  await ask('POST', CRDS, definition('lamps', {}, { deprecated: true }));
  await until(async () => (await conditionOf('lamps.served.example.com', 'Established'))?.status === 'True');
  const old = await ask('GET', '/apis/served.example.com/v1/lamps');
  expect(old.headers.warning).toBe('299 - "served.example.com/v1 Lamp is deprecated; use served.example.com/v2 Lamp"');
  expect((await ask('GET', '/apis/served.example.com/v2/lamps')).headers.warning).toBeUndefined();
});

test('what is stored under one version is answered under every other', async () => {
  const lamp = { apiVersion: 'served.example.com/v1', kind: 'Lamp', metadata: { name: 'l' } };
  expect((await ask('POST', '/apis/served.example.com/v1/lamps', lamp)).status).toBe(201);
  const other = (await ask('GET', '/apis/served.example.com/v2/lamps/l')).json;
  expect(other.apiVersion).toBe('served.example.com/v2');
});

test('a name that another definition holds is not accepted, and the definition says which', async () => {
  await ask('POST', CRDS, definition('torches', { names: { plural: 'torches', kind: 'Lamp' } }));
  await until(async () => (await conditionOf('torches.served.example.com', 'NamesAccepted')) !== undefined);
  expect(await conditionOf('torches.served.example.com', 'NamesAccepted')).toMatchObject({
    status: 'False',
    reason: 'ListKindConflict',
    message: '"LampList" is already in use',
  });
  expect(await conditionOf('torches.served.example.com', 'Established')).toMatchObject({
    status: 'False',
    reason: 'NotAccepted',
  });
  expect((await ask('GET', '/apis/served.example.com/v1/torches')).status).toBe(404);
});

test('while a definition waits for its last object nothing new is made of it', async () => {
  const path = '/apis/served.example.com/v1/lamps';
  const lamp = (name: string, finalizers: string[] = []) => ({
    apiVersion: 'served.example.com/v1',
    kind: 'Lamp',
    metadata: { name, finalizers },
  });
  await ask('POST', path, lamp('held', ['example.com/held']));
  const going = await ask('DELETE', `${CRDS}/lamps.served.example.com`);
  expect(going.json.metadata.generation).toBe(1);
  const refused = await ask('POST', path, lamp('late'));
  expect(refused.status).toBe(403);
  expect(refused.json.message).toBe(
    'lamps.served.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
  );
});

test('an apply that changes nothing fills in no default of its version, and counts no generation', async () => {
  const schema = (spec: Json) => ({
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: spec } } },
  });
  const size = { type: 'integer' };
  const versions = [
    { name: 'v1', served: true, storage: true, schema: schema({ size }) },
    { name: 'v2', served: true, storage: false, schema: schema({ size, mode: { type: 'string', default: 'fast' } }) },
  ];
  await ask('POST', CRDS, definition('fans', { versions }));
  await until(async () => (await conditionOf('fans.served.example.com', 'Established'))?.status === 'True');
  const fan = (version: string, size: number) => ({
    apiVersion: `served.example.com/${version}`,
    kind: 'Fan',
    metadata: { name: 'f' },
    spec: { size },
  });
  await ask('POST', '/apis/served.example.com/v1/fans', fan('v1', 1));
  const apply = async (size: number) =>
    (
      await call(server, adminOf(server), 'PATCH', '/apis/served.example.com/v2/fans/f?fieldManager=a&force=true', {
        body: fan('v2', size),
        headers: { 'content-type': 'application/apply-patch+yaml' },
      })
    ).json;
  const same = await apply(1);
  expect(same.metadata.managedFields.map(({ manager }: Json) => manager)).toContain('a');
  expect(same.metadata.generation).toBe(1);
  expect(same.spec).toEqual({ size: 1 });
  expect((await apply(2)).metadata.generation).toBe(2);
});
