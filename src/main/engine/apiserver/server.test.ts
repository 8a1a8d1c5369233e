/** Behaviour of a whole server as an in-process client sees it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isConflict, isNotFound, type KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject, WatchEvent } from '#shared/kubernetes/types.ts';
import { startApiServer } from './index.ts';
import { refuse } from './status.ts';
import { adminOf, call, until } from './test-support.ts';
import type { ApiServer } from './types.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const PODS = { group: '', version: 'v1', resource: 'pods' };
const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments' };
const CRDS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };

let server: ApiServer;
let client: KubeClient;
beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'test' });
  client = server.client('test');
});
afterAll(() => server.close());

let counter = 0;
const fresh = (base: string) => `${base}-${++counter}`;

function configMap(name: string, extra: Partial<KubeObject> & { metadata?: KubeObject['metadata'] } = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    data: { a: '1' },
    ...extra,
    metadata: { name, namespace: 'default', ...extra.metadata },
  };
}

async function collect(events: AsyncIterable<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const result: WatchEvent[] = [];
  if (count === 0) return result;
  for await (const event of events) {
    result.push(event);
    if (result.length === count) break;
  }
  return result;
}

describe('objects', () => {
  test('what a client holds is its own: changing it does not change the server', async () => {
    const sent = configMap(fresh('own'));
    const created = await client.create(CONFIG_MAPS, sent);
    sent.data.a = 'changed';
    created.data.a = 'changed';
    const got = await client.get(CONFIG_MAPS, created.metadata.name!, { namespace: 'default' });
    expect(got.data.a).toBe('1');
    got.data.a = 'changed';
    const list = await client.list(CONFIG_MAPS, {
      namespace: 'default',
      fieldSelector: `metadata.name=${got.metadata.name}`,
    });
    expect(list.items[0]?.data.a).toBe('1');
  });

  test('a write that changes nothing keeps the resource version', async () => {
    const created = await client.create(CONFIG_MAPS, configMap(fresh('same')));
    const updated = await client.update(CONFIG_MAPS, created);
    expect(updated.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
  });

  test('an update from an old revision is a conflict', async () => {
    const created = await client.create(CONFIG_MAPS, configMap(fresh('stale')));
    await client.update(CONFIG_MAPS, { ...created, data: { a: '2' } });
    await expect(client.update(CONFIG_MAPS, { ...created, data: { a: '3' } })).rejects.toSatisfy(isConflict);
  });

  test('patches without a precondition all succeed however many run at once', async () => {
    const { metadata } = await client.create(CONFIG_MAPS, configMap(fresh('busy')));
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        client.patch(CONFIG_MAPS, metadata.name!, 'merge', { data: { [`k${i}`]: 'v' } }, { namespace: 'default' }),
      ),
    );
    const got = await client.get(CONFIG_MAPS, metadata.name!, { namespace: 'default' });
    expect(Object.keys(got.data)).toHaveLength(41);
  });

  test('of concurrent creations of one name exactly one succeeds', async () => {
    const name = fresh('race');
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => client.create(CONFIG_MAPS, configMap(name))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a dry run stores nothing', async () => {
    const name = fresh('dry');
    await client.create(CONFIG_MAPS, configMap(name), { dryRun: true });
    expect(await client.find(CONFIG_MAPS, name, { namespace: 'default' })).toBeNull();
  });

  test('paging stays consistent while the collection changes', async () => {
    const namespace = fresh('paging');
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    for (const name of ['a', 'b', 'c', 'd'])
      await client.create(CONFIG_MAPS, configMap(name, { metadata: { namespace } }));
    const first = await client.list(CONFIG_MAPS, { namespace, limit: 2 });
    expect(first.metadata.remainingItemCount).toBe(2);
    await client.delete(CONFIG_MAPS, 'c', { namespace });
    await client.create(CONFIG_MAPS, configMap('e', { metadata: { namespace } }));
    const second = await client.list(CONFIG_MAPS, { namespace, limit: 2, continue: first.metadata.continue });
    expect(second.items.map(({ metadata }) => metadata.name)).toEqual(['c', 'd']);
    expect(second.metadata.continue).toBeUndefined();
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });
});

describe('requests', () => {
  const ask = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', target: string, type = 'application/json') => {
    const { pathname: path, searchParams } = new URL(target, 'https://server');
    const query = Object.fromEntries(searchParams);
    const body = Buffer.from('{"kind":"X"}');
    const headers = { 'content-type': type };
    const answer = await client.transport.request({ method, path, query, headers, body });
    const { status } = answer;
    return { status, message: String((answer.body as { message?: string }).message ?? '') };
  };

  test.each([
    ['GET', '/api/v1/namespaces/default/configmaps/x?export=true', 400, 'the export parameter, deprecated since v1.14'],
    ['GET', '/api/v1/configmaps?limit=99999999999999999999', 400, 'value out of range'],
    ['GET', '/api/v1/namespaces/default/finalize', 405, 'does not allow this method'],
    ['GET', '/api/v1/namespaces/default/pods/p/binding/p', 404, 'could not find the requested resource'],
    ['GET', '/api/v2', 404, 'could not find the requested resource'],
    ['GET', '/api/v1/configmaps?labelSelector=a%3D-b', 400, 'values[0][a]: Invalid value: "-b"'],
    ['GET', '/api/v1/configmaps?labelSelector=-a&fieldSelector=x', 400, 'Invalid value: "-a"'],
    ['GET', '/api/v1/configmaps?labelSelector=-a&resourceVersionMatch=x', 400, 'Invalid value: "-a"'],
    ['GET', '/api/v1/configmaps?fieldSelector=metadata.name%3Da%5Cb', 400, 'invalid escape sequence: \\b'],
    ['DELETE', '/apis/apps/v1', 405, 'does not allow this method'],
  ] as const)('%s %s is refused with %d', async (method, path, status, message) => {
    const answer = await ask(method, path);
    expect(answer.status).toBe(status);
    expect(answer.message).toContain(message);
  });

  test('what a body is written in is judged before the options of a create', async () => {
    expect(await ask('POST', '/api/v1/namespaces/default/configmaps?dryRun=x', 'text/plain')).toMatchObject({
      status: 415,
    });
  });

  test('of a patch its type and options are judged first, then whether the object is there, then what it says', async () => {
    const type = 'application/json-patch+json';
    const path = '/api/v1/namespaces/default/configmaps/not-there';
    expect(await ask('PATCH', path, 'text/plain')).toMatchObject({ status: 415 });
    expect(await ask('PATCH', `${path}?force=true`, type)).toMatchObject({ status: 422 });
    expect(await ask('PATCH', path, type)).toMatchObject({ status: 404 });
  });

  test('that there is no such endpoint is told before in what form it could answer', async () => {
    const look = async (path: string) => {
      const headers = { accept: 'application/json;as=Table;v=v2;g=meta.k8s.io' };
      return (await client.transport.request({ method: 'GET', path, headers })).status;
    };
    expect(await look('/api/v1/namespaces/default/secrets/s/foo')).toBe(404);
    expect(await look('/api/v1/namespaces/default/pods/p/eviction')).toBe(405);
    expect(await look('/api/v1/namespaces/default/secrets/s')).toBe(406);
  });

  test('the precondition of a namespace is refused in the words of its own storage', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = { preconditions: { uid: 'x' } };
    const path = '/api/v1/namespaces/kube-node-lease';
    const answer = await client.transport.request({ method: 'DELETE', path, headers, body });
    expect(answer).toMatchObject({ status: 409, body: { details: { kind: 'namespaces' } } });
    expect((answer.body as { message: string }).message).toContain(
      'Precondition failed: UID in precondition: x, UID in',
    );
  });

  test('a strategic patch that is refused is quoted without the lists that it has put in order', async () => {
    const name = fresh('quoted');
    const admin = adminOf(server);
    const containers = [{ name: 'c', image: 'i' }];
    const PODS_OF = '/api/v1/namespaces/default/pods';
    await call(server, admin, 'POST', PODS_OF, { body: { metadata: { name }, spec: { containers } } });
    const headers = { 'content-type': 'application/strategic-merge-patch+json' };
    const spec = {
      '$setElementOrder/containers': [{ name: 'c' }],
      containers: [{ name: 'c', bogus: 1 }],
      nodename: 'x',
    };
    const answer = await call(server, admin, 'PATCH', `${PODS_OF}/${name}?fieldValidation=Strict`, {
      headers,
      body: { spec },
    });
    expect(answer.json.details.causes[0].message).toContain(
      'Invalid value: "map[spec:map[nodename:x]]": strict decoding error',
    );
  });

  test('people are answered in lines that can be read, programs in one', async () => {
    const text = async (path: string, agent: string, accept = 'application/json') =>
      (await call(server, adminOf(server), 'GET', path, { headers: { 'user-agent': agent, accept } })).text;
    const DEFAULT = '/api/v1/namespaces/default';
    expect(await text(DEFAULT, 'curl/8.0')).toMatch(/^{\n {2}"kind": "Namespace",\n {2}"apiVersion": "v1",\n[\s\S]*}$/);
    expect(await text(DEFAULT, 'Mozilla/5.0 (X11)')).toMatch(/^{\n/);
    expect(await text(`${DEFAULT}?pretty=1`, 'client/1')).toMatch(/^{\n/);
    expect(await text(`${DEFAULT}?pretty=false`, 'curl/8.0')).toMatch(/^{"[^\n]*}\n$/);
    expect(await text(`${DEFAULT}-not`, 'Wget/1')).toMatch(/^{\n {2}"kind": "Status"/);
    expect(await text('/apis/apps', 'curl/8.0')).toMatch(/^{\n {2}"kind": "APIGroup"/);
    expect(await text('/apis/apps', 'client/1')).toMatch(/^{"/);
    // Some are written for people whoever asks.
    expect(await text('/version', 'client/1')).toMatch(/^{\n {2}"major"/);
    expect(await text(DEFAULT, 'client/1', 'text/html')).toMatch(/^{\n {2}"kind": "Status"/);
  });

  test('of the parts of a control plane the storage works, and nobody else is there', async () => {
    const admin = adminOf(server);
    const { json, headers } = await call(server, admin, 'GET', '/api/v1/componentstatuses');
    expect(headers.warning).toBe('299 - "v1 ComponentStatus is deprecated in v1.19+"');
    const conditions = json.items.map((each: Json) => [each.metadata.name, each.conditions[0].status]);
    expect(conditions).toEqual([
      ['controller-manager', 'False'],
      ['etcd-0', 'True'],
      ['scheduler', 'False'],
    ]);
    expect((await call(server, admin, 'GET', '/api/v1/componentstatuses/none')).status).toBe(404);
  });

  test('every check that clusters are asked for by name is there', async () => {
    const { text } = await call(server, adminOf(server), 'GET', '/readyz?verbose');
    const names = [...text.matchAll(/^\[\+\](\S+) ok$/gm)].map(([, name]) => name!);
    expect(names).toHaveLength(38);
    for (const name of names) expect((await call(server, adminOf(server), 'GET', `/readyz/${name}`)).text).toBe('ok');
    expect((await call(server, adminOf(server), 'GET', '/livez/shutdown')).status).toBe(404);
  });

  test('handlers of their own answer any method', async () => {
    for (const path of ['/readyz', '/apis', '/apis/apps']) expect((await ask('DELETE', path)).status).toBe(200);
  });

  test('the namespaces that every server has are owned by the server', async () => {
    const { metadata } = await client.get(NAMESPACES, 'kube-system');
    expect(metadata.managedFields).toMatchObject([{ manager: 'kube-apiserver', operation: 'Update' }]);
  });
});

describe('watch', () => {
  test('an object that moves into and out of a selection is added and deleted', async () => {
    const name = fresh('moving');
    const { metadata } = await client.list(CONFIG_MAPS);
    const events = collect(
      client.watch(CONFIG_MAPS, {
        namespace: 'default',
        labelSelector: `move=${name}`,
        resourceVersion: metadata.resourceVersion,
      }),
      3,
    );
    await client.create(CONFIG_MAPS, configMap(name));
    const patch = (labels: Record<string, string | null>) =>
      client.patch(CONFIG_MAPS, name, 'merge', { metadata: { labels } }, { namespace: 'default' });
    await patch({ move: name });
    await patch({ move: name, more: 'x' });
    await patch({ move: null });
    expect((await events).map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  });

  test('a streaming list ends its first part with a bookmark, then goes on', async () => {
    const name = fresh('streamed');
    await client.create(CONFIG_MAPS, configMap(name));
    const stream = client.watch(CONFIG_MAPS, {
      namespace: 'default',
      fieldSelector: `metadata.name=${name}`,
      sendInitialEvents: true,
      allowBookmarks: true,
    });
    const [added, bookmark] = await collect(stream, 2);
    expect(added?.type).toBe('ADDED');
    expect(bookmark?.type).toBe('BOOKMARK');
    expect(bookmark?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  test('the end of the initial events of a table is a mark of its row', async () => {
    const name = fresh('tabled');
    await client.create(CONFIG_MAPS, configMap(name));
    const path = `/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3D${name}`;
    const query = '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const { text } = await call(server, adminOf(server), 'GET', path + query, { headers });
    const [added, bookmark] = text.split('\n').map((line) => JSON.parse(line || 'null') as Json);
    expect(added.object.rows[0].cells.slice(0, 2)).toEqual([name, 1]);
    const { resourceVersion } = bookmark.object.metadata;
    expect(bookmark).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion }, columnDefinitions: null },
    });
    expect(bookmark.object.rows).toEqual([
      {
        cells: ['', 0, '<unknown>'],
        object: {
          kind: 'PartialObjectMetadata',
          apiVersion: 'meta.k8s.io/v1',
          metadata: { resourceVersion, annotations: { 'k8s.io/initial-events-end': 'true' } },
        },
      },
    ]);
  });

  test('a list streamed of a revision that is yet to come is granted, and told in the stream that it cannot be', async () => {
    const query = '?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999999';
    const { status, text } = await call(server, adminOf(server), 'GET', `/api/v1/configmaps${query}`);
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      { type: 'ERROR', object: { code: 504, reason: 'Timeout' } },
    ]);
  });

  test('a revision that is no longer kept is answered with 410', async () => {
    const { name } = (await client.create(CONFIG_MAPS, configMap(fresh('much')))).metadata;
    const path = `/api/v1/namespaces/default/configmaps/${name}`;
    const headers = { 'content-type': 'application/merge-patch+json' };
    // More changes than any collection remembers.
    const changes = Array.from({ length: 4_100 }, (_, n) => ({ data: { n: String(n) } }));
    await Promise.all(changes.map((body) => client.transport.request({ method: 'PATCH', path, headers, body })));
    const [event] = await collect(client.watch(CONFIG_MAPS, { resourceVersion: '1' }), 1);
    expect(event?.type === 'ERROR' ? (event.object as unknown as { code: number }).code : 0).toBe(410);
  });

  test('aborting ends the stream', async () => {
    const controller = new AbortController();
    const stream = collect(client.watch(CONFIG_MAPS, { resourceVersion: '0', signal: controller.signal }), 10_000);
    controller.abort();
    await expect(stream).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('no event is lost or doubled between a list and the watch that follows it', async () => {
    const prefix = fresh('gap');
    const writer = (async () => {
      for (let i = 0; i < 100; i++)
        await client.create(CONFIG_MAPS, configMap(`${prefix}-${i}`, { metadata: { labels: { gap: prefix } } }));
    })();
    await until(async () => (await client.list(CONFIG_MAPS, { labelSelector: `gap=${prefix}` })).items.length > 10);
    const list = await client.list(CONFIG_MAPS, { labelSelector: `gap=${prefix}` });
    const seen = list.items.map(({ metadata }) => metadata.name);
    const rest = await collect(
      client.watch(CONFIG_MAPS, { labelSelector: `gap=${prefix}`, resourceVersion: list.metadata.resourceVersion }),
      100 - seen.length,
    );
    await writer;
    const all = [...seen, ...rest.map(({ object }) => object.metadata.name)];
    expect(new Set(all).size).toBe(100);
    expect(all).toHaveLength(100);
  });
});

describe('namespaces', () => {
  test('the usual ones exist, each with its default service account', async () => {
    const names = (await client.list(NAMESPACES)).items.map(({ metadata }) => metadata.name);
    expect(names).toEqual(expect.arrayContaining(['default', 'kube-node-lease', 'kube-public', 'kube-system']));
    const accounts = { group: '', version: 'v1', resource: 'serviceaccounts' };
    await until(() => client.find(accounts, 'default', { namespace: 'kube-system' }));
  });

  test('deletion empties a namespace, waits for finalizers, and lets nothing new in', async () => {
    const namespace = fresh('ending');
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await client.create(CONFIG_MAPS, configMap('plain', { metadata: { namespace } }));
    await client.create(CONFIG_MAPS, configMap('held', { metadata: { namespace, finalizers: ['example.com/hold'] } }));
    await client.delete(NAMESPACES, namespace);
    await expect(client.create(CONFIG_MAPS, configMap('late', { metadata: { namespace } }))).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('because it is being terminated'),
    });
    await until(async () => (await client.find(CONFIG_MAPS, 'plain', { namespace })) === null);
    expect(await client.find(NAMESPACES, namespace)).not.toBeNull();
    await client.patch(CONFIG_MAPS, 'held', 'merge', { metadata: { finalizers: null } }, { namespace });
    await until(async () => (await client.find(NAMESPACES, namespace)) === null);
  });

  test('nothing can be created in a namespace that does not exist', async () => {
    await expect(
      client.create(CONFIG_MAPS, configMap('x', { metadata: { namespace: 'nowhere' } })),
    ).rejects.toMatchObject({
      status: 404,
      message: 'namespaces "nowhere" not found',
    });
  });
});

describe('garbage collection', () => {
  async function family(block = false): Promise<{ owner: KubeObject; child: string; grandchild: string }> {
    const own = (object: KubeObject) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: object.metadata.name!,
      uid: object.metadata.uid!,
      blockOwnerDeletion: block,
    });
    const owner = await client.create(CONFIG_MAPS, configMap(fresh('owner')));
    const child = await client.create(
      CONFIG_MAPS,
      configMap(fresh('child'), { metadata: { ownerReferences: [own(owner)] } }),
    );
    const grandchild = await client.create(
      CONFIG_MAPS,
      configMap(fresh('grandchild'), { metadata: { ownerReferences: [own(child)] } }),
    );
    return { owner, child: child.metadata.name!, grandchild: grandchild.metadata.name! };
  }
  const find = (name: string) => client.find(CONFIG_MAPS, name, { namespace: 'default' });

  test('background: the owner goes at once, dependents of dependents follow', async () => {
    const { owner, child, grandchild } = await family();
    await client.delete(CONFIG_MAPS, owner.metadata.name!, { namespace: 'default', propagationPolicy: 'Background' });
    expect(await find(owner.metadata.name!)).toBeNull();
    await until(async () => (await find(child)) === null && (await find(grandchild)) === null);
  });

  test('foreground: the owner goes after what blocks it', async () => {
    const { owner, child, grandchild } = await family(true);
    await client.patch(
      CONFIG_MAPS,
      child,
      'merge',
      { metadata: { finalizers: ['example.com/hold'] } },
      { namespace: 'default' },
    );
    await client.delete(CONFIG_MAPS, owner.metadata.name!, { namespace: 'default', propagationPolicy: 'Foreground' });
    await until(async () => (await find(grandchild)) === null);
    await until(async () => (await find(child))?.metadata.finalizers?.length === 1);
    expect((await find(owner.metadata.name!))?.metadata.finalizers).toEqual(['foregroundDeletion']);
    await client.patch(CONFIG_MAPS, child, 'merge', { metadata: { finalizers: null } }, { namespace: 'default' });
    await until(async () => (await find(owner.metadata.name!)) === null);
    expect(await find(child)).toBeNull();
    expect(await find(grandchild)).toBeNull();
  });

  test('orphan: dependents stay and lose the owner', async () => {
    const { owner, child } = await family();
    await client.delete(CONFIG_MAPS, owner.metadata.name!, { namespace: 'default', propagationPolicy: 'Orphan' });
    await until(async () => (await find(owner.metadata.name!)) === null);
    expect((await find(child))?.metadata.ownerReferences).toBeUndefined();
  });

  test('a dependent with another owner left stays', async () => {
    const { owner, child } = await family();
    const second = await client.create(CONFIG_MAPS, configMap(fresh('second')));
    const references = (await find(child))!.metadata.ownerReferences!;
    const added = { ...references[0]!, name: second.metadata.name!, uid: second.metadata.uid! };
    await client.patch(
      CONFIG_MAPS,
      child,
      'merge',
      { metadata: { ownerReferences: [...references, added] } },
      { namespace: 'default' },
    );
    await client.delete(CONFIG_MAPS, owner.metadata.name!, { namespace: 'default' });
    const left = await until(async () => {
      const found = await find(child);
      return found?.metadata.ownerReferences?.length === 1 ? found : null;
    });
    expect(left?.metadata.ownerReferences?.[0]?.name).toBe(second.metadata.name);
  });

  test('an object whose owner never existed is collected', async () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: '0-0-0' }];
    const { metadata } = await client.create(CONFIG_MAPS, configMap(fresh('stray'), { metadata: { ownerReferences } }));
    await until(async () => (await find(metadata.name!)) === null);
  });
});

describe('pods', () => {
  test('a bound pod ends gracefully, an unbound one at once', async () => {
    const pod = (name: string, nodeName?: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'i' }], ...(nodeName === undefined ? {} : { nodeName }) },
    });
    const [bound, unbound] = [fresh('bound'), fresh('unbound')];
    await client.create(PODS, pod(bound, 'node'));
    await client.create(PODS, pod(unbound));
    const marked = await client.delete(PODS, bound, { namespace: 'default' });
    expect(marked.metadata.deletionGracePeriodSeconds).toBe(30);
    await client.delete(PODS, unbound, { namespace: 'default' });
    expect(await client.find(PODS, unbound, { namespace: 'default' })).toBeNull();
    await client.delete(PODS, bound, { namespace: 'default', gracePeriodSeconds: 0 });
    await expect(client.get(PODS, bound, { namespace: 'default' })).rejects.toSatisfy(isNotFound);
  });
});

describe('custom resources', () => {
  const group = 'test.example.com';
  const definition: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
            },
          },
        },
      ],
    },
  };
  const THINGS = { group, version: 'v1', resource: 'things' };

  test('are served once established and gone with their definition', async () => {
    await client.create(CRDS, definition);
    await until(async () =>
      (await client.get(CRDS, `things.${group}`)).status?.conditions?.some(
        (condition: { type: string; status: string }) =>
          condition.type === 'Established' && condition.status === 'True',
      ),
    );
    const thing: KubeObject = {
      apiVersion: `${group}/v1`,
      kind: 'Thing',
      metadata: { name: 't', namespace: 'default' },
      spec: { any: { thing: [1] } },
    };
    expect((await client.create(THINGS, thing)).spec).toEqual({ any: { thing: [1] } });
    await client.delete(CRDS, `things.${group}`);
    await until(async () => (await client.find(CRDS, `things.${group}`)) === null);
    await expect(client.list(THINGS)).rejects.toSatisfy(isNotFound);
  });
});

describe('admission', () => {
  const dirs: string[] = [];
  const servers: ApiServer[] = [];
  afterEach(async () => {
    for (const each of servers.splice(0)) await each.close();
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });

  test('plugins of the caller change and refuse what in-process clients write', async () => {
    const own = await startApiServer({
      dir: null,
      name: 'admission',
      admission: [
        {
          name: 'Labels',
          matches: (kind) => kind.resource === 'deployments',
          mutate: async ({ object }) => {
            if (object !== null) object.metadata.labels = { ...object.metadata.labels, seen: 'yes' };
          },
          validate: ({ object, operation }) => {
            if (operation === 'CREATE' && object?.metadata.name === 'bad')
              throw refuse(403, 'Forbidden', 'not this one');
          },
        },
      ],
    });
    servers.push(own);
    const deployment = (name: string): KubeObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default' },
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    });
    const created = await own.client('t').create(DEPLOYMENTS, deployment('good'));
    expect(created.metadata.labels).toEqual({ seen: 'yes' });
    await expect(own.client('t').create(DEPLOYMENTS, deployment('bad'))).rejects.toMatchObject({
      status: 403,
      message: 'not this one',
    });
  });

  test('a server comes back on its folder with its port, its identity and its objects', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'fleetdeck-apiserver-'));
    dirs.push(dir);
    const first = await startApiServer({ dir, name: 'kept' });
    const { metadata } = await first.client('t').create(CONFIG_MAPS, configMap('kept'));
    await first.client('t').delete(CONFIG_MAPS, 'kept', { namespace: 'default' });
    await first.client('t').create(CONFIG_MAPS, configMap('kept'));
    await expect(startApiServer({ dir, name: 'kept' })).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
    await first.close();
    const second = await startApiServer({ dir, name: 'kept' });
    servers.push(second);
    expect(second.server).toBe(first.server);
    expect(second.kubeconfig()).toBe(first.kubeconfig());
    expect((await second.client('t').get(CONFIG_MAPS, 'kept', { namespace: 'default' })).data).toEqual({ a: '1' });
    // A watch from before goes on where it was.
    const { resourceVersion } = metadata;
    const missed = await collect(second.client('t').watch(CONFIG_MAPS, { namespace: 'default', resourceVersion }), 2);
    expect(missed.map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['DELETED', 'kept'],
      ['ADDED', 'kept'],
    ]);
    const port = Number(new URL(second.server).port);
    await expect(startApiServer({ dir: null, name: 'other', port })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    // Four starts on disk: a busy machine takes its time.
  }, 30_000);
});
