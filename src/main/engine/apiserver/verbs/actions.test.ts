/** What is done to objects rather than written into them: deletions and their options, evictions, bindings, tokens. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../start.ts';
import { adminOf, type Credentials, call, type RawAnswer } from '../test-support.ts';
import type { ApiServer } from '../types.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let server: ApiServer;
let admin: Credentials;
let counter = 0;
let pod = '';

const PODS = '/api/v1/namespaces/default/pods';
const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const MERGE = { headers: { 'content-type': 'application/merge-patch+json' } };
const send = (method: string, path: string, body?: Json): Promise<RawAnswer> =>
  call(server, admin, method, path, body === undefined ? {} : { body, ...(method === 'PATCH' ? MERGE : {}) });
const create = (spec: Json = {}, labels: Json = {}): Promise<RawAnswer> => {
  pod = `p-${++counter}`;
  return send('POST', PODS, {
    metadata: { name: pod, labels },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  });
};
const running = async (labels: Json = {}, ready = 'True'): Promise<void> => {
  await create({ nodeName: 'n1' }, labels);
  await send('PATCH', `${PODS}/${pod}/status`, {
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
  });
};
const evict = (more: Json = {}, query = ''): Promise<RawAnswer> =>
  send('POST', `${PODS}/${pod}/eviction${query}`, { metadata: { name: pod }, ...more });
const bind = (body: Json): Promise<RawAnswer> => send('POST', `${PODS}/${pod}/binding`, body);

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'actions', disableAdmission: ['ServiceAccount'] });
  admin = adminOf(server);
  await send('POST', '/api/v1/nodes', {
    metadata: {
      name: 'n1',
      labels: { 'topology.kubernetes.io/zone': 'z1', 'topology.kubernetes.io/region': 'r1', rack: '7' },
    },
  });
});
afterAll(() => server.close());

describe('options of a deletion', () => {
  beforeEach(() => create({ nodeName: 'n1' }));

  test('of a body alone where there is one', async () => {
    const { json } = await send('DELETE', `${PODS}/${pod}?dryRun=All&propagationPolicy=bogus`, {
      gracePeriodSeconds: 7,
    });
    expect(json.metadata.deletionGracePeriodSeconds).toBe(7);
    expect((await send('GET', `${PODS}/${pod}`)).json.metadata.deletionTimestamp).toBeDefined();
  });

  test.each([
    [
      { propagationPolicy: '' },
      'propagationPolicy: Unsupported value: "": supported values: "Foreground", "Background", "Orphan", "nil"',
    ],
    [{ dryRun: [''] }, 'dryRun: Unsupported value: [""]: supported values: "All"'],
    [
      { propagationPolicy: 'x', dryRun: ['y'], orphanDependents: true },
      '[propagationPolicy: Invalid value: "x": orphanDependents and deletionPropagation cannot be both set, propagationPolicy: Unsupported value: "x": supported values: "Foreground", "Background", "Orphan", "nil", dryRun: Unsupported value: ["y"]: supported values: "All"]',
    ],
  ])('%j is refused', async (body, text) => {
    const { status, json } = await send('DELETE', `${PODS}/${pod}`, body);
    expect([status, json.message]).toEqual([422, `DeleteOptions.meta.k8s.io "" is invalid: ${text}`]);
  });

  test.each([
    ['gracePeriodSeconds=', 400, 'strconv.ParseInt: parsing "": invalid syntax'],
    [
      'gracePeriodSeconds=99999999999999999999',
      400,
      'strconv.ParseInt: parsing "99999999999999999999": value out of range',
    ],
    ['uid=x', 409, 'the UID in the precondition (x) does not match'],
    ['resourceVersion=x', 409, 'the ResourceVersion in the precondition (x) does not match'],
  ])('the query %s is refused', async (query, code, text) => {
    const { status, json } = await send('DELETE', `${PODS}/${pod}?${query}`);
    expect([status, json.message]).toEqual([code, expect.stringContaining(text)]);
  });

  test('an empty precondition is one, and time that has gone is one second', async () => {
    expect((await send('DELETE', `${PODS}/${pod}`, { preconditions: { uid: '' } })).status).toBe(409);
    const { json } = await send('DELETE', `${PODS}/${pod}`, { gracePeriodSeconds: -5 });
    expect(json.metadata.deletionGracePeriodSeconds).toBe(1);
  });

  test('who asks in the old way not to orphan is told that the end is waited for', async () => {
    expect((await send('DELETE', `${PODS}/${pod}`, { orphanDependents: false })).status).toBe(202);
    expect((await send('DELETE', `${PODS}/${pod}?gracePeriodSeconds=0`)).status).toBe(200);
  });
});

describe('an eviction', () => {
  test('says in the status of the pod why it goes, in nobody\u2019s name', async () => {
    await running();
    expect((await evict()).status).toBe(201);
    const { metadata, status } = (await send('GET', `${PODS}/${pod}`)).json;
    expect(status.conditions.at(-1)).toMatchObject({ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' });
    expect(metadata.managedFields.map((entry: Json) => entry.manager)).not.toContain('kube-apiserver');
  });

  test('is of the pod that it names, and of a kind that is one', async () => {
    await running();
    expect((await send('POST', `${PODS}/${pod}/eviction`, {})).json.message).toBe(
      'name in URL does not match name in Eviction object',
    );
    expect((await evict({ apiVersion: 'policy/v1beta1', kind: 'Eviction' }, '?dryRun=All')).status).toBe(201);
    expect((await evict({ apiVersion: 'v1', kind: 'Pod' })).json.message).toBe(
      'Pod in version "v1" cannot be handled as a Eviction: converting (v1.Pod) to (policy.Eviction): unknown conversion',
    );
  });

  test.each([
    [{ dryRun: ['x'] }, 422, 'dryRun: Unsupported value'],
    [{ propagationPolicy: 'Bogus' }, 422, 'propagationPolicy: Unsupported value'],
    [{ preconditions: { uid: 'x' } }, 409, 'the UID in the precondition (x)'],
    [{ preconditions: { resourceVersion: 'x' } }, 409, 'the ResourceVersion in the precondition (x)'],
  ])('with the options %j is refused', async (deleteOptions, code, text) => {
    await running();
    const { status, json } = await evict({ deleteOptions });
    expect([status, json.message]).toEqual([code, expect.stringContaining(text)]);
  });

  test('that both is a rehearsal and is none is refused', async () => {
    await running();
    const { json } = await evict({ deleteOptions: { dryRun: ['x'] } }, '?dryRun=All');
    expect(json.message).toBe('Non-matching dry-run options in request and content: [All] and [x]');
  });

  const healthy = {
    disruptionsAllowed: 0,
    currentHealthy: 1,
    desiredHealthy: 1,
    expectedPods: 1,
    observedGeneration: 1,
  };
  test.each<[string, Json, Json, string, string | null]>([
    ['one that does not know its pods yet', {}, {}, 'True', 'is still being processed by the server.'],
    ['one that is used up', {}, healthy, 'True', 'needs 1 healthy pods and has 1 currently'],
    ['a pod that is not ready while the others are enough', {}, healthy, 'False', null],
    [
      'a pod that is not ready while the others are not',
      {},
      { ...healthy, currentHealthy: 0 },
      'False',
      'needs 1 healthy pods and has 0 currently',
    ],
    [
      'one that protects no pod that is not ready',
      { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
      { ...healthy, currentHealthy: 0 },
      'False',
      null,
    ],
    [
      'one that could not be brought up to date',
      {},
      {
        ...healthy,
        currentHealthy: 3,
        conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'boom' }],
      },
      'True',
      'does not allow evicting pods currently because it failed sync: boom',
    ],
    [
      'one that says nothing more',
      {},
      { ...healthy, currentHealthy: 3 },
      'True',
      'does not allow evicting pods currently',
    ],
    ['one that has something left', {}, { ...healthy, disruptionsAllowed: 1 }, 'True', null],
  ])('under a budget: %s', async (_what, spec, status, ready, refusal) => {
    const app = `app-${++counter}`;
    await send('POST', BUDGETS, {
      metadata: { name: app },
      spec: { selector: { matchLabels: { app } }, minAvailable: 1, ...spec },
    });
    await send('PATCH', `${BUDGETS}/${app}/status`, { status });
    await running({ app }, ready);
    const answer = await evict();
    if (refusal === null) expect(answer.status).toBe(201);
    else
      expect([answer.status, answer.json.details.causes[0].message]).toEqual([
        429,
        `The disruption budget ${app} ${refusal}`,
      ]);
  });
});

describe('a binding', () => {
  test('gives a pod its node, the labels of its zone and what it brings, and owns nothing', async () => {
    await create();
    await bind({
      metadata: { name: pod, labels: { by: 'me' }, annotations: { why: 'so' } },
      target: { kind: 'Node', name: 'n1' },
    });
    const { metadata, spec, status } = (await send('GET', `${PODS}/${pod}`)).json;
    expect(spec.nodeName).toBe('n1');
    expect(metadata.labels).toEqual({
      by: 'me',
      'topology.kubernetes.io/zone': 'z1',
      'topology.kubernetes.io/region': 'r1',
    });
    expect(metadata.annotations).toEqual({ why: 'so' });
    expect(status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
    expect(metadata.managedFields).toHaveLength(1);
  });

  test('is refused where it fits nothing', async () => {
    await create({ schedulingGates: [{ name: 'g' }] });
    const refused = async (body: Json): Promise<string> => (await bind(body)).json.message;
    const named = (more: Json, metadata: Json = {}): Json => ({ metadata: { name: pod, ...metadata }, ...more });
    expect(await refused({ target: { name: 'n1' } })).toBe('name in URL does not match name in Binding object');
    expect(await refused(named({ target: { kind: 'Pod' } }))).toBe(
      '[target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]',
    );
    expect(await refused(named({ target: { name: 'n1' } }))).toBe(
      `Operation cannot be fulfilled on pods/binding "${pod}": pod ${pod} has non-empty .spec.schedulingGates`,
    );
    expect(await refused(named({ target: { name: 'n1' } }, { uid: 'x' }))).toContain('UID in precondition: x');
    expect((await send('POST', '/api/v1/namespaces/default/bindings', { target: { name: 'n1' } })).json.message).toBe(
      'Name parameter required.',
    );
  });

  test('is waited for by a pod that says what it waits for', async () => {
    const { json } = await create({ schedulingGates: [{ name: 'g' }] });
    expect(json.status.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' },
    ]);
  });
});

test('a token is asked for the account of the path', async () => {
  const TOKENS = '/api/v1/namespaces/default/serviceaccounts/default/token';
  const { json } = await send('POST', TOKENS, { metadata: { labels: { a: 'b' } }, status: { token: 'mine' } });
  expect(json.metadata).toMatchObject({ name: 'default', namespace: 'default', labels: { a: 'b' } });
  expect(json.spec.expirationSeconds).toBe(3600);
  expect(json.status.token).not.toBe('mine');
  expect((await send('POST', TOKENS, { metadata: { name: 'x' } })).json.message).toBe(
    'TokenRequest.authentication.k8s.io "default" is invalid: metadata.name: Invalid value: "x": must match the service account name if specified',
  );
  expect((await send('POST', TOKENS, { metadata: { uid: 'x' } })).status).toBe(409);
});
