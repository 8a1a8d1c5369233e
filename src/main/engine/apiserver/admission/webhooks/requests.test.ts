/** What webhooks are shown of a request, and what becomes of it when they change what only the server decides. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { makeRequest } from '../../test-certificates.ts';
import { CONFIG_MAPS, patchOf, WebhookRig } from './test-rig.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const rig = new WebhookRig();
const { answers, received, ask, post, hook, install, configMap, fresh } = rig;
beforeAll(() => rig.start('requests'));
afterAll(() => rig.close());
afterEach(() => rig.reset());

const rules = (group: string, ...resources: string[]): Json => ({
  rules: [{ operations: ['*'], apiGroups: [group], apiVersions: ['*'], resources }],
});
const allowing = (...paths: string[]) => {
  for (const path of paths) answers.set(path, () => ({ allowed: true }));
};
const MERGE = { 'content-type': 'application/merge-patch+json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };

describe('an update', () => {
  let name = '';
  const put = (metadata: Json = {}) =>
    ask('PUT', `${CONFIG_MAPS}/${name}`, { body: { metadata: { name, ...metadata }, data: { a: '2' } } });
  const made = async () => {
    const { json } = await post(CONFIG_MAPS, configMap());
    name = json.metadata.name;
  };

  test('is shown as it was sent to who may change it, and as it will be stored to who judges it', async () => {
    await made();
    allowing('/change', '/judge');
    await install('Mutating', [hook('/change')]);
    await install('Validating', [hook('/judge')]);
    await put();
    const [sent, stored] = received.map(({ request }) => request.object.metadata);
    expect(sent).toEqual({ name, namespace: 'default', managedFields: [expect.anything()] });
    expect(stored).toMatchObject({ uid: expect.anything(), creationTimestamp: expect.anything() });
  });

  test('of an old revision is a conflict for those alone who get past the webhooks', async () => {
    await made();
    answers.set('/no', () => ({ allowed: false, status: { message: 'no' } }));
    await install('Mutating', [hook('/no')]);
    expect((await put({ resourceVersion: '1' })).json.message).toContain('denied the request: no');
    allowing('/no');
    expect((await put({ resourceVersion: '1' })).status).toBe(409);
    expect(received).toHaveLength(2);
  });

  test.each<[string, Json, number, string]>([
    ['uid', 'x', 422, 'metadata.uid: Invalid value: "x": field is immutable'],
    ['name', 'x', 422, 'ConfigMap "x" is invalid: metadata.name: Invalid value: "x": field is immutable'],
    ['resourceVersion', '1', 409, 'the object has been modified'],
    ['namespace', 'x', 400, 'the namespace of the provided object does not match'],
  ])('to which a webhook gives another %s is refused', async (field, value, code, message) => {
    await made();
    answers.set('/change', () => patchOf([{ op: 'add', path: `/metadata/${field}`, value }]));
    await install('Mutating', [hook('/change')]);
    const { status, json } = await put();
    expect([status, json.message]).toEqual([code, expect.stringContaining(message)]);
  });

  test('by an apply is shown with what it is made of', async () => {
    await made();
    allowing('/change');
    await install('Mutating', [hook('/change')]);
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { b: '1' } };
    const path = `${CONFIG_MAPS}/${name}?fieldManager=m`;
    expect((await ask('PATCH', path, { body, headers: APPLY })).status).toBe(200);
    expect(received[0].request.object.metadata).toMatchObject({
      uid: expect.anything(),
      resourceVersion: expect.anything(),
    });
    const stale = { ...body, metadata: { name, resourceVersion: '1' } };
    expect((await ask('PATCH', path, { body: stale, headers: APPLY })).status).toBe(409);
  });

  test('by patches all succeed although webhooks take their time', async () => {
    await made();
    allowing('/change');
    await install('Mutating', [hook('/change')]);
    const patches = Array.from({ length: 5 }, (_, i) =>
      ask('PATCH', `${CONFIG_MAPS}/${name}`, { body: { data: { [`k${i}`]: 'v' } }, headers: MERGE }),
    );
    expect((await Promise.all(patches)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });
});

test('a status is shown with all that was sent, and changes nothing else', async () => {
  const path = '/api/v1/namespaces/default/pods';
  const name = fresh('pod');
  const made = await post(path, { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  allowing('/change');
  await install('Mutating', [hook('/change', rules('', 'pods/status'))]);
  const body = { spec: { nodeName: 'n' }, status: { phase: 'Running', qosClass: null } };
  const { json } = await ask('PATCH', `${path}/${name}/status`, { body, headers: MERGE });
  expect(received[0].request.object).toMatchObject({ spec: { nodeName: 'n' }, status: { phase: 'Running' } });
  expect(json.spec).toEqual(made.json.spec);
  expect(json.status).toMatchObject({ phase: 'Running', qosClass: 'BestEffort' });
});

test('a collection goes one by one, without names, up to the first that may not', async () => {
  for (const a of ['1', '2', '3']) await post(CONFIG_MAPS, configMap({ labels: { collection: 'x', a } }));
  answers.set('/keep', ({ oldObject }) => ({ allowed: oldObject.metadata.labels.a !== '2', status: { code: 403 } }));
  await install('Validating', [hook('/keep')]);
  const path = `${CONFIG_MAPS}?labelSelector=collection%3Dx`;
  expect((await ask('DELETE', path)).status).toBe(403);
  expect(received.map(({ request }) => [request.name, request.oldObject.metadata.labels.a])).toEqual([
    [undefined, '1'],
    [undefined, '2'],
  ]);
  expect((await ask('GET', path)).json.items).toHaveLength(2);
});

test('a namespace is in itself, and goes with its uid', async () => {
  allowing('/judge');
  await install('Validating', [hook('/judge', rules('', 'namespaces'))]);
  const name = fresh('ns');
  const { json } = await post('/api/v1/namespaces', { metadata: { name } });
  await ask('DELETE', `/api/v1/namespaces/${name}`);
  expect(received.map(({ request }) => request.namespace)).toEqual([name, name]);
  expect(received[1].request.options.preconditions).toEqual({ uid: json.metadata.uid });
});

test('a pod that is over at once is shown when it is marked, and when it goes', async () => {
  const path = '/api/v1/namespaces/default/pods';
  const name = fresh('pod');
  await post(path, { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  allowing('/judge');
  await install('Validating', [hook('/judge', rules('', 'pods'))]);
  await ask('DELETE', `${path}/${name}`);
  expect(received.map(({ request }) => request.oldObject.metadata.generation)).toEqual([1, 2]);
  expect(received[0].request.options.gracePeriodSeconds).toBe(0);
});

test('what the server fills in is not there yet', async () => {
  allowing('/change');
  const both = { operations: ['CREATE'], apiVersions: ['v1'] };
  await install('Mutating', [
    hook('/change', {
      rules: [
        { ...both, apiGroups: [''], resources: ['services'] },
        { ...both, apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'] },
      ],
    }),
  ]);
  const service = { metadata: { name: fresh('s') }, spec: { ports: [{ port: 80 }] } };
  const { request } = await makeRequest('CN=x');
  const signing = {
    metadata: { name: fresh('csr') },
    spec: { request, signerName: 'example.com/s', usages: ['client auth'] },
  };
  const stored = [
    await post('/api/v1/namespaces/default/services', service),
    await post('/apis/certificates.k8s.io/v1/certificatesigningrequests', signing),
  ];
  expect(stored.map(({ json }) => json.spec.clusterIP ?? json.spec.username)).toEqual([
    expect.any(String),
    'kubernetes-admin',
  ]);
  expect(received.map(({ request: { object } }) => object.spec.clusterIP ?? object.spec.username)).toEqual([
    undefined,
    undefined,
  ]);
});

test('judged is the scale of what is to be stored', async () => {
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const name = fresh('d');
  const labels = { a: 'b' };
  await post(path, {
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  });
  allowing('/judge');
  await install('Validating', [hook('/judge', rules('apps', 'deployments/scale'))]);
  const body = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace: 'default' },
    spec: { replicas: 4 },
  };
  await ask('PUT', `${path}/${name}/scale`, { body });
  const { object, oldObject } = received[0].request;
  expect(object).toMatchObject({
    metadata: { uid: oldObject.metadata.uid },
    spec: { replicas: 4 },
    status: { selector: 'a=b' },
  });
  expect([object.metadata, oldObject.metadata].some((metadata) => 'managedFields' in metadata)).toBe(false);
});

test('events of either group are those of the other', async () => {
  allowing('/judge');
  await install('Validating', [hook('/judge', rules('events.k8s.io', 'events'))]);
  await post('/api/v1/namespaces/default/events', {
    metadata: { name: fresh('e') },
    involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
    reason: 'R',
    message: 'm',
  });
  expect(received[0].request).toMatchObject({
    kind: { group: 'events.k8s.io' },
    requestKind: { group: '' },
    object: { note: 'm', regarding: { name: 'p' }, deprecatedFirstTimestamp: null },
  });
});

test('connections are shown the path behind the proxy, and commands where there are any', async () => {
  allowing('/judge');
  await install('Validating', [hook('/judge', rules('', '*/*'))]);
  const pod = '/api/v1/namespaces/default/pods/none';
  for (const path of [`${pod}/proxy/a/b`, `${pod}/proxy/`, `${pod}/exec`, `${pod}/exec?command=ls`])
    await ask('GET', path);
  expect(received.map(({ request: { object } }) => object.path ?? object.command)).toEqual(['/a/b', '/', null, ['ls']]);
});

test('of several that refuse, the first to answer is told', async () => {
  answers.set('/slow', () => ({ http: 503, headers: { 'retry-after': '1' } }));
  answers.set('/quick', () => ({ allowed: false, status: { message: 'quick' } }));
  await install('Validating', [hook('/slow', { timeoutSeconds: 1 }), hook('/quick')]);
  expect((await post(CONFIG_MAPS, configMap())).json.message).toContain('quick');
});

test('a patch that changes nothing is one all the same, which others may want to see', async () => {
  answers.set('/early', () => ({ allowed: true }));
  answers.set('/same', () => patchOf([{ op: 'replace', path: '/data/a', value: '1' }]));
  await install('Mutating', [hook('/early', { reinvocationPolicy: 'IfNeeded' }), hook('/same')]);
  await post(CONFIG_MAPS, configMap());
  expect(received).toHaveLength(3);
});

test.each<[string, Json, string]>([
  ['kind', 'Secret', 'converting (v1.Secret) to (core.ConfigMap): unknown conversion'],
  [
    'apiVersion',
    'v9',
    'no kind "ConfigMap" is registered for version "v9" in scheme "pkg/api/legacyscheme/scheme.go:30"',
  ],
])('what a webhook turns into another %s is none of its own', async (field, value, message) => {
  answers.set('/change', () => patchOf([{ op: 'replace', path: `/${field}`, value }]));
  await install('Mutating', [hook('/change')]);
  expect((await post(CONFIG_MAPS, configMap())).json.message).toBe(`Internal error occurred: ${message}`);
});

test('a refusal keeps what else a webhook says of it', async () => {
  const status = { code: 422, message: 'm', metadata: { resourceVersion: '5' }, details: { causes: [{ field: 'f' }] } };
  answers.set('/judge', () => ({ allowed: false, status }));
  await install('Validating', [hook('/judge')]);
  expect((await post(CONFIG_MAPS, configMap())).json).toMatchObject({
    metadata: { resourceVersion: '5' },
    details: status.details,
  });
});
