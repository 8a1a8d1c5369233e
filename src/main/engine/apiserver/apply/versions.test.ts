/** Who owns what when an object is written in several versions, and how other versions show it. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../start.ts';
import { adminOf, type Credentials, call, type RawAnswer, until } from '../test-support.ts';
import type { ApiServer } from '../types.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const TYPES = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
};

let server: ApiServer;
let admin: Credentials;

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'versions' });
  admin = adminOf(server);
});
afterAll(() => server.close());

const send = (method: string, path: string, body?: Json, type: keyof typeof TYPES = 'merge'): Promise<RawAnswer> =>
  call(server, admin, method, path, {
    ...(body === undefined ? {} : { body }),
    ...(method === 'PATCH' ? { headers: { 'content-type': TYPES[type] } } : {}),
  });

/** A kind with two versions: `spec.a` in both, `only1` in the first, which is stored, and `only2` in the second. */
async function define(group: string): Promise<(version: string) => string> {
  const version = (name: string, own: Json, storage: boolean): Json => ({
    name,
    served: true,
    storage,
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: { a: { type: 'string', default: name }, ...own } } },
      },
    },
  });
  const names = { plural: 'things', kind: 'Thing' };
  await send('POST', DEFINITIONS, {
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names,
      versions: [
        version('v1', { only1: { type: 'string' } }, true),
        version('v2', { only2: { type: 'string', default: 'x' } }, false),
      ],
    },
  });
  const path = (name: string) => `/apis/${group}/${name}/things`;
  await until(async () => (await send('GET', path('v2'))).status === 200);
  return path;
}

const thing = (path: string, name: string, spec: Json): Json => ({
  apiVersion: path.split('/').slice(2, 4).join('/'),
  kind: 'Thing',
  metadata: { name },
  spec,
});
const managersOf = ({ json }: RawAnswer): unknown =>
  (json.metadata.managedFields ?? []).map((entry: Json) => [
    entry.manager,
    entry.operation,
    entry.apiVersion.split('/')[1],
    Object.keys(entry.fieldsV1['f:spec'] ?? {}),
  ]);

describe('versions that differ in their fields', () => {
  test('an object keeps what its storage version knows and shows what the asked one knows, too', async () => {
    const at = await define('shown.example.com');
    const created = await send('POST', at('v2'), thing(at('v2'), 'one', { only1: 'no', only2: 'yes' }));
    expect(created.json.spec).toEqual({ a: 'v2' });
    await send('POST', at('v1'), thing(at('v1'), 'two', { only1: 'kept' }));
    expect((await send('GET', `${at('v2')}/two`)).json.spec).toEqual({ a: 'v1' });
    expect((await send('GET', at('v2'))).json.items.map((item: Json) => item.spec)).toEqual([{ a: 'v2' }, { a: 'v1' }]);
    const rehearsed = await send('POST', `${at('v2')}?dryRun=All`, thing(at('v2'), 'three', { only2: 'yes' }));
    expect(rehearsed.json.spec).toEqual({ a: 'v2' });
  });

  test('a write that changes nothing brings an object into the present storage version, whose defaults are read', async () => {
    const at = await define('moved.example.com');
    const before = await send('POST', at('v1'), thing(at('v1'), 'one', { only1: 'kept' }));
    const changed = async (operations: Json[]) =>
      expect((await send('PATCH', `${DEFINITIONS}/things.moved.example.com`, operations, 'json')).status).toBe(200);
    await changed([
      { op: 'replace', path: '/spec/versions/0/storage', value: false },
      { op: 'replace', path: '/spec/versions/1/storage', value: true },
    ]);
    expect((await send('GET', `${at('v2')}/one`)).json.spec).toEqual({ a: 'v1' });
    const after = await send('PATCH', `${at('v1')}/one`, {});
    expect(after.json.metadata.resourceVersion).not.toBe(before.json.metadata.resourceVersion);
    expect((await send('GET', `${at('v2')}/one`)).json.spec).toEqual({ a: 'v1', only2: 'x' });
    const properties = '/spec/versions/1/schema/openAPIV3Schema/properties/spec/properties';
    await changed([{ op: 'add', path: `${properties}/fresh`, value: { type: 'string', default: 'new' } }]);
    const spec = { a: 'v1', only2: 'x', fresh: 'new' };
    await until(async () => (await send('GET', `${at('v2')}/one`)).json.spec.fresh === 'new');
    expect((await send('GET', at('v2'))).json.items[0].spec).toEqual(spec);
    const revision = (await send('GET', `${at('v2')}/one`)).json.metadata.resourceVersion;
    expect((await send('PATCH', `${at('v2')}/one`, {})).json.metadata.resourceVersion).not.toBe(revision);
  });

  test('what a write in one version changes is lost by those who own it in another', async () => {
    const at = await define('owned.example.com');
    const apply = (version: string, manager: string, spec: Json, more = '') =>
      send('PATCH', `${at(version)}/one?fieldManager=${manager}${more}`, thing(at(version), 'one', spec), 'apply');
    await apply('v1', 'first', { a: '1', only1: 'x' });
    expect((await apply('v2', 'second', { a: '2' })).json.message).toBe(
      'Apply failed with 1 conflict: conflict with "first": .spec.a',
    );
    // Changing the version, an applier takes away what it declared in the old one.
    expect((await apply('v2', 'first', { a: '3' })).json.spec).toEqual({ a: '3' });
    expect(managersOf(await send('GET', `${at('v1')}/one`))).toEqual([['first', 'Apply', 'v2', ['f:a']]]);
    expect((await send('GET', `${at('v1')}/one`)).json.spec).toEqual({ a: '3' });
  });

  test('owners are forgotten when an object has what their version does not know, and nothing can be applied', async () => {
    const at = await define('forgotten.example.com');
    await send('POST', `${at('v1')}?fieldManager=first`, thing(at('v1'), 'one', { a: '1' }));
    const apply = await send(
      'PATCH',
      `${at('v2')}/one?fieldManager=second`,
      thing(at('v2'), 'one', { only2: 'y' }),
      'apply',
    );
    expect([apply.status, apply.json.message]).toEqual([
      500,
      'failed to convert new object: .spec.only2: field not declared in schema',
    ]);
    expect(managersOf(await send('PATCH', `${at('v2')}/one`, { spec: { a: '2' } }))).toEqual([]);
  });
});

test('an item that its applier drops goes, though somebody else owns something in it', async () => {
  const path = '/apis/apps/v1/namespaces/default/deployments/web';
  const config = (...containers: Json[]): Json => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers } },
    },
  });
  const [one, two] = [
    { name: 'one', image: 'i' },
    { name: 'two', image: 'i' },
  ];
  await send('PATCH', `${path}?fieldManager=m`, config(one, two), 'apply');
  await send(
    'PATCH',
    `${path}?fieldManager=other`,
    [{ op: 'replace', path: '/spec/template/spec/containers/1/image', value: 'j' }],
    'json',
  );
  const { json } = await send('PATCH', `${path}?fieldManager=m`, config(one), 'apply');
  expect(json.spec.template.spec.containers.map((each: Json) => each.name)).toEqual(['one']);
});

test('of an object that nobody owned nothing is owned until somebody applies', async () => {
  const path = '/api/v1/namespaces/default/configmaps';
  expect((await send('POST', path, { metadata: { name: 'bare' } })).json.metadata.managedFields).toBeUndefined();
  const merged = await send('PATCH', `${path}/bare`, { data: { a: '1' } });
  expect(merged.json.metadata.managedFields).toBeUndefined();
  const applied = await send(
    'PATCH',
    `${path}/bare?fieldManager=m`,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bare' }, data: { b: '2' } },
    'apply',
  );
  expect(applied.json.metadata.managedFields.map((entry: Json) => entry.manager)).toEqual(['m', 'before-first-apply']);
});
