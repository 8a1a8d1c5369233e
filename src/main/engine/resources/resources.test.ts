import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ObjectRef } from '#shared/contract/resources.ts';
import type { Target } from '#shared/contract/views.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type ApiServer, startApiServer } from '../apiserver/index.ts';
import type { KubeClient } from '../kube/index.ts';
import { createResources } from './index.ts';
import { MASK } from './secrets.ts';

const target: Target = { kind: 'cluster', id: 'one' };
const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments' };
let server: ApiServer;
let client: KubeClient;

const resources = createResources({
  client: ({ id }) => {
    if (id !== 'one') throw new AppError('NOT_FOUND', `no cluster ${id}`);
    return client;
  },
  name: () => 'east',
});

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'east' });
  client = server.client('test');
});
afterAll(() => server.close());

function ref(resource: ObjectRef['resource'], name: string, namespace = 'default'): ObjectRef {
  return { target, resource, namespace, name };
}
function configMap(name: string, data: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

test('kinds are what the server says', async () => {
  const kinds = await resources.kinds(target);
  expect(kinds).toContainEqual(expect.objectContaining({ ...DEPLOYMENTS, kind: 'Deployment', namespaced: true }));
  expect(kinds.some((kind) => kind.resource.includes('/'))).toBe(false);
});

describe('creating', () => {
  test('puts the object where it says, in the default namespace when it says nothing', async () => {
    const { object } = await resources.create({ target, object: configMap('made', { a: '1' }), dryRun: false });
    expect(object.metadata).toMatchObject({ name: 'made', namespace: 'default' });
    expect(object.metadata.managedFields).toBeUndefined();
    expect((await client.get(CONFIG_MAPS, 'made', { namespace: 'default' })).data).toEqual({ a: '1' });
  });

  test('as a dry run changes nothing', async () => {
    await resources.create({ target, object: configMap('dry', {}), dryRun: true });
    expect(await client.find(CONFIG_MAPS, 'dry', { namespace: 'default' })).toBeNull();
  });

  test('a name that exists is taken', async () => {
    await resources.create({ target, object: configMap('twice', {}), dryRun: false });
    await expect(resources.create({ target, object: configMap('twice', {}), dryRun: false })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
      cluster: 'east',
      params: { name: 'twice' },
    });
  });

  test('a kind that is not served is named', async () => {
    const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } };
    await expect(resources.create({ target, object, dryRun: false })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      params: { kind: 'Widget', apiVersion: 'example.com/v1' },
    });
  });

  test('what the server refuses comes back as its words', async () => {
    await expect(
      resources.create({ target, object: configMap('Not A Name', {}), dryRun: false }),
    ).rejects.toMatchObject({ code: 'INVALID', cluster: 'east' });
  });
});

describe('replacing', () => {
  test('changes the object that was seen, and a change by somebody else in between is a conflict', async () => {
    await resources.create({ target, object: configMap('edited', { a: '1' }), dryRun: false });
    const seen = await resources.get(ref(CONFIG_MAPS, 'edited'));
    const mine = { ...seen, data: { a: '2' } };
    const { object } = await resources.replace({ ref: ref(CONFIG_MAPS, 'edited'), object: mine, dryRun: false });
    expect(object.data).toEqual({ a: '2' });
    await expect(
      resources.replace({ ref: ref(CONFIG_MAPS, 'edited'), object: mine, dryRun: false }),
    ).rejects.toMatchObject({ code: 'CONFLICT', cluster: 'east' });
  });

  test('needs the version that was seen, and the same object', async () => {
    await resources.create({ target, object: configMap('kept', {}), dryRun: false });
    const seen = await resources.get(ref(CONFIG_MAPS, 'kept'));
    const without = { ...seen, metadata: { ...seen.metadata, resourceVersion: undefined } };
    const renamed = { ...seen, metadata: { ...seen.metadata, name: 'other' } };
    for (const object of [without, renamed, { ...seen, apiVersion: 'v2' }])
      await expect(resources.replace({ ref: ref(CONFIG_MAPS, 'kept'), object, dryRun: false })).rejects.toMatchObject({
        code: 'INVALID',
      });
  });
});

describe('secrets', () => {
  const hunter2 = Buffer.from('hunter2').toString('base64');
  const other = Buffer.from('other').toString('base64');

  beforeAll(async () => {
    await client.create(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'db',
        namespace: 'default',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":{"password":"${hunter2}"}}` },
      },
      data: { password: hunter2, user: other },
    });
  });

  test('are shown without a value, wherever it stands', async () => {
    const shown = await resources.get(ref(SECRETS, 'db'));
    expect(shown.data).toEqual({ password: MASK, user: MASK });
    expect(JSON.stringify(shown)).not.toContain(hunter2);
  });

  test('give out one value, and only when asked for it', async () => {
    await client.create(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'mixed', namespace: 'default' },
      data: { text: Buffer.from('密码\n').toString('base64'), bytes: Buffer.from([0, 255, 254]).toString('base64') },
    });
    const reveal = (key: string) => resources.reveal({ ref: ref(SECRETS, 'mixed'), key });
    expect(await reveal('text')).toEqual({ value: '密码\n', encoding: 'utf8' });
    expect(await reveal('bytes')).toEqual({ value: 'AP/+', encoding: 'base64' });
    for (const key of ['missing', 'constructor'])
      await expect(reveal(key)).rejects.toMatchObject({ code: 'NOT_FOUND', cluster: 'east' });
    await expect(resources.reveal({ ref: ref(CONFIG_MAPS, 'edited'), key: 'a' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('keep the values a person did not touch', async () => {
    const shown = await resources.get(ref(SECRETS, 'db'));
    const edited = { ...shown, data: { ...shown.data, user: hunter2 } };
    const { object } = await resources.replace({ ref: ref(SECRETS, 'db'), object: edited, dryRun: false });
    expect(JSON.stringify(object)).not.toContain(hunter2);
    const stored = await client.get(SECRETS, 'db', { namespace: 'default' });
    expect(stored.data).toEqual({ password: hunter2, user: hunter2 });
    expect(Object.values(stored.metadata.annotations ?? {})[0]).toContain(hunter2);
  });

  test('refuse a hidden value that has nothing behind it', async () => {
    const shown = await resources.get(ref(SECRETS, 'db'));
    const edited = { ...shown, data: { ...shown.data, fresh: MASK } };
    await expect(resources.replace({ ref: ref(SECRETS, 'db'), object: edited, dryRun: false })).rejects.toMatchObject({
      code: 'INVALID',
      params: { field: 'data.fresh' },
    });
    await expect(
      resources.create({ target, object: { ...shown, metadata: { name: 'copy' } }, dryRun: false }),
    ).rejects.toMatchObject({ code: 'INVALID' });
  });
});

test('events of an object are its own, the newest first', async () => {
  const event = (name: string, about: string, last: string, kind = 'ConfigMap') =>
    client.create(
      { group: '', version: 'v1', resource: 'events' },
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace: 'default' },
        involvedObject: { kind, namespace: 'default', name: about },
        type: 'Warning',
        reason: 'Failed',
        message: name,
        count: 3,
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: last,
        source: { component: 'tester' },
      },
    );
  await event('old', 'watched', '2026-01-02T00:00:00Z');
  await event('new', 'watched', '2026-01-03T00:00:00Z');
  await event('elsewhere', 'other', '2026-01-04T00:00:00Z');
  await event('other-kind', 'watched', '2026-01-04T00:00:00Z', 'Pod');
  const rows = await resources.events(ref(CONFIG_MAPS, 'watched'));
  expect(rows.map((row) => row.message)).toEqual(['new', 'old']);
  expect(rows[0]).toMatchObject({ type: 'Warning', count: 3, lastSeen: '2026-01-03T00:00:00Z', source: 'tester' });
});

test('scaling changes the replicas alone; removing removes', async () => {
  const labels = { app: 'web' };
  await resources.create({
    target,
    dryRun: false,
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
      },
    },
  });
  await resources.scale({ ref: ref(DEPLOYMENTS, 'web'), replicas: 4 });
  expect((await resources.get(ref(DEPLOYMENTS, 'web'))).spec).toMatchObject({
    replicas: 4,
    selector: { matchLabels: labels },
  });
  await resources.remove(ref(DEPLOYMENTS, 'web'));
  await expect(resources.get(ref(DEPLOYMENTS, 'web'))).rejects.toMatchObject({ code: 'NOT_FOUND', cluster: 'east' });
});

test('a target that is not known is not found', async () => {
  await expect(resources.kinds({ kind: 'cluster', id: 'gone' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('the schema of a kind', () => {
  test('is what its cluster publishes, with what it refers to', async () => {
    const schema = await resources.schema({ target, apiVersion: 'apps/v1', kind: 'Deployment' });
    const root = schema.schemas[schema.root];
    expect(Object.keys(root?.properties ?? {}).sort()).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
    const spec = schema.schemas[root?.properties?.spec?.ref ?? ''];
    expect(spec?.properties?.replicas).toMatchObject({ type: 'integer' });
    expect(spec?.required).toContain('selector');
    const pod = Object.keys(schema.schemas).find((name) => name.endsWith('.PodSpec')) ?? '';
    expect(schema.schemas[pod]?.properties?.containers?.items?.ref).toMatch(/\.Container$/);
  });

  test('of a kind nobody serves there is none', async () => {
    const asked = resources.schema({ target, apiVersion: 'example.org/v1', kind: 'Nothing' });
    await expect(asked).rejects.toMatchObject({ code: 'UNSUPPORTED', cluster: 'east' });
  });
});

describe('applying', () => {
  const deployment = (replicas: number, image: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'applied', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'applied' } },
      template: { metadata: { labels: { app: 'applied' } }, spec: { containers: [{ name: 'c', image }] } },
    },
  });

  test('makes the object, names who owns the fields it would change, and takes them over when told to', async () => {
    const made = await resources.apply({ target, object: deployment(1, 'web:1'), dryRun: false, force: false });
    expect(made.object?.spec.replicas).toBe(1);
    await client.patch(
      DEPLOYMENTS,
      'applied',
      'apply',
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'applied' }, spec: { replicas: 5 } },
      { namespace: 'default', fieldManager: 'autoscaler', force: true },
    );
    const refused = await resources.apply({ target, object: deployment(2, 'web:2'), dryRun: true, force: false });
    expect(refused).toMatchObject({ object: null, conflicts: [{ manager: 'autoscaler', field: 'spec.replicas' }] });
    const forced = await resources.apply({ target, object: deployment(2, 'web:2'), dryRun: false, force: true });
    expect(forced).toMatchObject({ conflicts: [], object: { spec: { replicas: 2 } } });
  });

  test('a kind that is not served is said so', async () => {
    const object = { apiVersion: 'example.org/v1', kind: 'Nothing', metadata: { name: 'x' } };
    await expect(resources.apply({ target, object, dryRun: false, force: false })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      cluster: 'east',
    });
  });
});

describe('many objects at once', () => {
  test('each has its own outcome, in the order asked', async () => {
    for (const name of ['bulk-1', 'bulk-2'])
      await client.create(CONFIG_MAPS, configMap(name, {}), { namespace: 'default' });
    const refs = ['bulk-1', 'gone', 'bulk-2'].map((name) => ref(CONFIG_MAPS, name));
    const labelled = await resources.bulk({ refs, action: { kind: 'label', labels: { team: 'red' } } });
    expect(labelled.map(({ name, error }) => [name, error?.code])).toEqual([
      ['bulk-1', undefined],
      ['gone', 'NOT_FOUND'],
      ['bulk-2', undefined],
    ]);
    expect((await client.get(CONFIG_MAPS, 'bulk-2', { namespace: 'default' })).metadata.labels).toEqual({
      team: 'red',
    });
    await resources.bulk({ refs, action: { kind: 'label', labels: { team: null } } });
    expect((await client.get(CONFIG_MAPS, 'bulk-2', { namespace: 'default' })).metadata.labels ?? {}).toEqual({});
    await resources.bulk({ refs, action: { kind: 'delete', orphan: false } });
    expect(await client.find(CONFIG_MAPS, 'bulk-1', { namespace: 'default' })).toBeNull();
  });

  test('workloads are restarted and scaled', async () => {
    const refs = [ref(DEPLOYMENTS, 'applied')];
    await resources.bulk({ refs, action: { kind: 'restart' } });
    await resources.bulk({ refs, action: { kind: 'scale', replicas: 0 } });
    const { spec } = await client.get(DEPLOYMENTS, 'applied', { namespace: 'default' });
    expect(spec.replicas).toBe(0);
    expect(spec.template.metadata.annotations['kubectl.kubernetes.io/restartedAt']).toMatch(/^20/);
  });

  test('what is no node cannot be cordoned, and a cluster that is gone is named', async () => {
    const other: ObjectRef = { ...ref(CONFIG_MAPS, 'x'), target: { kind: 'cluster', id: 'two' } };
    const outcomes = await resources.bulk({
      refs: [ref(CONFIG_MAPS, 'applied'), other],
      action: { kind: 'cordon', on: true },
    });
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['UNSUPPORTED', 'NOT_FOUND']);
  });
});
