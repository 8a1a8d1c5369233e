/** Controllers that are chosen by name, on a running server; what time decides is tested apart from it. */
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../start.ts';
import { makeRequest } from '../test-certificates.ts';
import { adminOf, type Credentials, call, type RawAnswer, until } from '../test-support.ts';
import type { ApiServer } from '../types.ts';
import { isOld } from './certificates.ts';
import { lastWritten } from './event-expiry.ts';
import { CONTROLLER_NAMES, isChosen, unknownControllers } from './index.ts';
import { collectable, failedPod, isLost, missingNodes, type PodRecord } from './pod-gc.ts';
import { dueAt } from './ttl-after-finished.ts';

// Several servers and many TLS connections: a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

let server: ApiServer;
let admin: Credentials;

beforeAll(async () => {
  server = await startApiServer({
    dir: null,
    name: 'controllers',
    controllers: ['*'],
    tokens: [{ token: 'jane', user: { username: 'jane', groups: ['devs'] } }],
  });
  admin = adminOf(server);
});
afterAll(() => server.close());

const send = (method: string, path: string, body?: Json, headers: Record<string, string> = {}, who = admin) =>
  call(server, who, method, path, { body, headers });
const get = async (path: string): Promise<Json> => (await send('GET', path)).json;
const merge = (path: string, body: Json): Promise<RawAnswer> =>
  send('PATCH', path, body, { 'content-type': 'application/merge-patch+json' });

describe('choice', () => {
  test.each([
    [['*'], 'resourcequota-controller', true],
    [['*', '-resourcequota-controller'], 'resourcequota-controller', false],
    [['*', '-resourcequota'], 'resourcequota-controller', false],
    [['resourcequota'], 'resourcequota-controller', true],
    [['resourcequota-controller'], 'ttl-after-finished-controller', false],
    [[], 'resourcequota-controller', false],
  ])('%j %s: %s', (chosen, name, expected) => {
    expect(isChosen(chosen, name)).toBe(expected);
  });

  test('names nobody has are told', () => {
    expect(unknownControllers(['*', '-resourcequota', ...CONTROLLER_NAMES])).toEqual([]);
    expect(unknownControllers(['deployment', '-nothing'])).toEqual(['deployment', '-nothing']);
  });
});

describe('an API that somebody else ought to serve', () => {
  const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
  const name = 'v1beta1.queue.example.com';
  const condition = async (): Promise<Json> => (await get(`${SERVICES}/${name}`)).status?.conditions?.[0] ?? {};
  const told = (reason: string) => until(async () => (await condition()).reason === reason);

  test('is not available, for the reason that is nearest, and keeps namespaces from ending until it goes', async () => {
    await send('POST', '/api/v1/namespaces', { metadata: { name: 'queue' } });
    await send('POST', SERVICES, {
      metadata: { name },
      spec: {
        group: 'queue.example.com',
        version: 'v1beta1',
        service: { name: 'api', namespace: 'queue' },
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    });
    await told('ServiceNotFound');
    expect(await condition()).toMatchObject({
      type: 'Available',
      status: 'False',
      message: 'service/api in "queue" is not present',
    });
    await send('POST', '/api/v1/namespaces/queue/services', {
      metadata: { name: 'api' },
      spec: { ports: [{ port: 80 }] },
    });
    await told('ServicePortError');
    await merge('/api/v1/namespaces/queue/services/api', { spec: { ports: [{ port: 443, name: 'https' }] } });
    await told('EndpointsNotFound');
    const slice = (ready: boolean) => ({
      metadata: { name: 'api-1', labels: { 'kubernetes.io/service-name': 'api' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.0.1'], conditions: { ready } }],
    });
    await send('POST', '/apis/discovery.k8s.io/v1/namespaces/queue/endpointslices', slice(false));
    await told('MissingEndpoints');
    await merge('/apis/discovery.k8s.io/v1/namespaces/queue/endpointslices/api-1', slice(true));
    await told('FailedDiscoveryCheck');

    await send('POST', '/api/v1/namespaces', { metadata: { name: 'leaving' } });
    await send('DELETE', '/api/v1/namespaces/leaving');
    await until(async () => ((await get('/api/v1/namespaces/leaving')).status?.conditions ?? []).length > 0);
    const { status } = await get('/api/v1/namespaces/leaving');
    expect(status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'NamespaceDeletionDiscoveryFailure',
        status: 'True',
        reason: 'DiscoveryFailed',
        message: expect.stringContaining('queue.example.com/v1beta1: stale GroupVersion discovery'),
      }),
    );
    await send('DELETE', `${SERVICES}/${name}`);
    await until(async () => (await send('GET', '/api/v1/namespaces/leaving')).status === 404);
  });
});

test('every namespace has the root certificate, and gets it back', async () => {
  await send('POST', '/api/v1/namespaces', { metadata: { name: 'with-ca' } });
  const path = '/api/v1/namespaces/with-ca/configmaps/kube-root-ca.crt';
  const found = await until(async () => {
    const map = await get(path);
    return map.data === undefined ? null : map;
  });
  expect(found.data).toEqual({ 'ca.crt': server.caCertificate });
  await merge(path, { data: { 'ca.crt': 'wrong' } });
  await until(async () => (await get(path)).data['ca.crt'] === server.caCertificate);
  await send('DELETE', path);
  await until(async () => (await get(path)).data !== undefined);
});

test('a finished job goes when its time is up', async () => {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
  const jobs = '/apis/batch/v1/namespaces/default/jobs';
  await send('POST', jobs, { metadata: { name: 'short' }, spec: { template, ttlSecondsAfterFinished: 0 } });
  const at = new Date().toISOString().replace(/\.\d+/, '');
  const conditions = [{ type: 'Failed', status: 'True', lastTransitionTime: at }];
  const written = await merge(`${jobs}/short/status`, { status: { conditions, startTime: at } });
  expect(written.status).toBe(200);
  await until(async () => (await send('GET', `${jobs}/short`)).status === 404);
});

test('events go some time after they were last written', async () => {
  const short = await startApiServer({ dir: null, name: 'short-memory', eventTtlSeconds: 1 });
  const ask = (method: string, path: string, body?: Json) => call(short, adminOf(short), method, path, { body });
  try {
    const involvedObject = { kind: 'Pod', namespace: 'default', name: 'p' };
    const events = '/api/v1/namespaces/default/events';
    expect((await ask('POST', events, { metadata: { name: 'e' }, involvedObject, reason: 'R' })).status).toBe(201);
    await until(async () => (await ask('GET', `${events}/e`)).status === 404);
  } finally {
    await short.close();
  }
});

describe('certificate signing requests', () => {
  const jane: Credentials = { ca: '', token: 'jane' };

  async function request(
    name: string,
    subject: string,
    spec: Json = {},
    who = admin,
  ): Promise<{ key: string; answer: RawAnswer }> {
    const { request: csr, key } = await makeRequest(subject);
    const usages = ['client auth', 'digital signature'];
    const body = {
      metadata: { name },
      spec: { request: csr, signerName: 'kubernetes.io/kube-apiserver-client', usages, ...spec },
    };
    return { key, answer: await send('POST', CSRS, body, {}, who) };
  }

  async function approve(name: string, who = admin): Promise<RawAnswer> {
    const object = await get(`${CSRS}/${name}`);
    object.status = { conditions: [{ type: 'Approved', status: 'True', reason: 'Test', message: '' }] };
    return send('PUT', `${CSRS}/${name}/approval`, object, {}, who);
  }

  const issued = (name: string) =>
    until(async () => {
      const { status } = await get(`${CSRS}/${name}`);
      return status?.certificate === undefined ? null : Buffer.from(status.certificate, 'base64').toString('utf8');
    });

  test('say who asked, whatever the asker claims; approved they give a certificate that works', async () => {
    const { key, answer } = await request('ann', 'CN=ann, O=ops', { expirationSeconds: 3600, username: 'root' });
    expect(answer.json.spec).toMatchObject({
      username: 'kubernetes-admin',
      groups: ['system:masters', 'system:authenticated'],
    });
    expect((await approve('ann')).status).toBe(200);
    const cert = (await issued('ann')) ?? '';
    const { validTo } = new X509Certificate(cert);
    expect(Date.parse(validTo) - Date.now()).toBeLessThan(3601 * 1000);
    const who = { ca: server.caCertificate, cert, key };
    const review = await send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, {}, who);
    expect(review.json.status.userInfo).toMatchObject({ username: 'ann', groups: ['ops', 'system:authenticated'] });
  });

  test('approval writes every condition and nothing else; what held before keeps its time', async () => {
    await request('lou', 'CN=lou', { signerName: 'example.com/own' });
    const change = (subresource: string, status: Json) => merge(`${CSRS}/lou/${subresource}`, { status });
    const odd = { type: 'Odd', status: 'True', reason: 'Test', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const { json } = await change('approval', { conditions: [odd], certificate: 'eA==' });
    expect(json.status).toEqual({ conditions: [{ ...odd, lastUpdateTime: expect.any(String) }] });
    const again = { type: 'Odd', status: 'True', reason: 'Other' };
    const later = await change('status', { conditions: [again] });
    expect(later.json.status.conditions).toEqual([
      { ...again, lastUpdateTime: expect.any(String), lastTransitionTime: odd.lastTransitionTime },
    ]);
  });

  test('approval is a right per signer', async () => {
    jane.ca = server.caCertificate;
    const rules = [
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests', 'certificatesigningrequests/approval'],
        verbs: ['*'],
      },
    ];
    await send('POST', `${RBAC}/clusterroles`, { metadata: { name: 'csr' }, rules });
    const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'csr' };
    await send('POST', `${RBAC}/clusterrolebindings`, { metadata: { name: 'csr' }, subjects, roleRef });
    await request('kim', 'CN=kim');
    const refused = await approve('kim', jane);
    expect([refused.status, refused.json.message]).toEqual([
      403,
      'certificatesigningrequests.certificates.k8s.io "kim" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
    ]);
  });

  test('nobody becomes an administrator this way', async () => {
    const { answer } = await request('root', 'CN=root, O=system:masters');
    expect(answer.json.message).toBe(
      'certificatesigningrequests.certificates.k8s.io "root" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    );
  });

  test('what a signer may not grant fails with the reason; other signers are left alone', async () => {
    await request('node', 'CN=somebody, O=system:nodes', { signerName: 'kubernetes.io/kube-apiserver-client-kubelet' });
    await request('other', 'CN=x', { signerName: 'example.com/signer' });
    await approve('other');
    await approve('node');
    const failed = await until(async () =>
      (await get(`${CSRS}/node`)).status.conditions.find((each: Json) => each.type === 'Failed'),
    );
    expect([failed.reason, failed.message]).toEqual([
      'SignerValidationFailure',
      'subject common name does not begin with system:node:',
    ]);
    expect((await get(`${CSRS}/other`)).status.certificate).toBeUndefined();
  });

  test('old ones go', () => {
    const hours = (count: number) => new Date(Date.now() - count * 3600_000).toISOString();
    const csr = (created: number, condition?: Json, certificate?: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'c', creationTimestamp: hours(created) },
      status: {
        ...(condition === undefined ? {} : { conditions: [condition] }),
        ...(certificate ? { certificate } : {}),
      },
    });
    const now = Date.now();
    expect(isOld(csr(23), now)).toBe(false);
    expect(isOld(csr(25), now)).toBe(true);
    expect(isOld(csr(2, { type: 'Denied', lastUpdateTime: hours(0.5) }), now)).toBe(false);
    expect(isOld(csr(2, { type: 'Denied', lastUpdateTime: hours(1.5) }), now)).toBe(true);
    expect(isOld(csr(2, { type: 'Approved', lastUpdateTime: hours(1.5) }), now)).toBe(false);
    expect(isOld(csr(2, { type: 'Approved', lastUpdateTime: hours(1.5) }, 'x'), now)).toBe(true);
  });
});

describe('pods nobody looks after', () => {
  const pod = (name: string, extra: Partial<PodRecord> = {}): PodRecord => ({
    namespace: 'default',
    name,
    uid: name,
    node: 'n1',
    ended: false,
    deleting: false,
    evicted: false,
    created: name,
    ...extra,
  });

  test('a node counts as gone only after a while, and not when it comes back', () => {
    const since = new Map<string, number>();
    const pods = [pod('a'), pod('b', { node: 'n2' })];
    expect(missingNodes(pods, new Set(['n2']), since, 0)).toEqual(new Set());
    expect(missingNodes(pods, new Set(['n2']), since, 39_999)).toEqual(new Set());
    expect(missingNodes(pods, new Set(['n2']), since, 40_000)).toEqual(new Set(['n1']));
    expect(missingNodes(pods, new Set(['n1', 'n2']), since, 50_000)).toEqual(new Set());
    expect(missingNodes(pods, new Set(['n2']), since, 50_001)).toEqual(new Set());
  });

  test('orphans, the deleted that never ran, and the oldest that ended beyond what is kept', () => {
    const pods = [
      pod('orphan'),
      pod('waiting', { node: '', deleting: true }),
      pod('1', { node: 'n2', ended: true }),
      pod('3', { node: 'n2', ended: true }),
      pod('2', { node: 'n2', ended: true }),
      pod('fine', { node: 'n2' }),
    ];
    const found = collectable(
      [...pods, pod('stuck', { node: 'n3', deleting: true }), pod('on', { node: 'n3' })],
      new Set(['n1']),
      new Set(['n3']),
      1,
    );
    expect(found.map((each) => [each.pod.name, each.why])).toEqual([
      ['orphan', 'orphaned'],
      ['stuck', 'lost'],
      ['waiting', 'unscheduled'],
      ['1', 'tooMany'],
      ['2', 'tooMany'],
    ]);
  });
  test('of those that ended and are too many the evicted go first, then the oldest', () => {
    const ended = (name: string, created: string, evicted = false) => pod(name, { ended: true, created, evicted });
    const pods = [
      ended('young', '3'),
      ended('b', '1'),
      ended('a', '1'),
      ended('evicted', '4', true),
      ended('last', '5'),
    ];
    const found = collectable(pods, new Set(), new Set(), 1);
    expect(found.map((each) => each.pod.name)).toEqual(['evicted', 'a', 'b', 'young']);
  });
  test('a pod of a node that is gone has failed, and says why and of which generation', () => {
    const orphan: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { generation: 3 },
      status: { phase: 'Running' },
    };
    const time = '2030-01-01T00:00:00Z';
    const why = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', lastTransitionTime: time };
    const message = 'PodGC: node no longer exists';
    expect(failedPod(orphan, true, time, 'v1.36.0').status).toEqual({
      phase: 'Failed',
      conditions: [{ ...why, message, observedGeneration: 3 }],
    });
    expect(failedPod(orphan, true, time, 'v1.33.3').status?.conditions).toEqual([{ ...why, message }]);
    expect(failedPod(orphan, false, time, 'v1.36.0').status).toEqual({ phase: 'Failed' });
    const ended = { ...orphan, status: { phase: 'Succeeded' } };
    expect(failedPod(ended, true, time, 'v1.36.0')).toEqual(ended);
  });
  test('a node is lost when a person says that it is out of service and it is not ready', () => {
    const node = (ready: string, key: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n' },
      spec: { taints: [{ key, value: 'nodeshutdown', effect: 'NoExecute' }] },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    });
    expect(isLost(node('Unknown', 'node.kubernetes.io/out-of-service'))).toBe(true);
    expect(isLost(node('True', 'node.kubernetes.io/out-of-service'))).toBe(false);
    expect(isLost(node('Unknown', 'node.kubernetes.io/unreachable'))).toBe(false);
  });
});

describe('times', () => {
  test('a job is due by the condition that ended it', () => {
    const job = (spec: Json, conditions: Json[] = []): KubeObject => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {},
      spec,
      status: { conditions },
    });
    const done = { type: 'Complete', status: 'True', lastTransitionTime: '2030-01-01T00:00:00Z' };
    expect(dueAt(job({ ttlSecondsAfterFinished: 60 }, [done]))).toBe(Date.parse('2030-01-01T00:01:00Z'));
    expect(dueAt(job({ ttlSecondsAfterFinished: 60 }, [{ ...done, status: 'False' }]))).toBeNull();
    expect(dueAt(job({}, [done]))).toBeNull();
  });

  test('an event was written last when it was made or when a manager changed it', () => {
    const metadata = { creationTimestamp: '2030-01-01T00:00:00Z', managedFields: [{ time: '2030-01-02T00:00:00Z' }] };
    expect(lastWritten({ apiVersion: 'v1', kind: 'Event', metadata: metadata as never })).toBe(
      Date.parse('2030-01-02T00:00:00Z'),
    );
  });
});

test('objects that own each other in a circle all go when one is deleted in the foreground', async () => {
  const maps = '/api/v1/namespaces/default/configmaps';
  const names = ['circle-a', 'circle-b', 'circle-c'];
  const uids: string[] = [];
  for (const name of names) {
    const made = await send('POST', maps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    uids.push(made.json.metadata.uid);
  }
  for (const [index, name] of names.entries()) {
    const before = (index + names.length - 1) % names.length;
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: names[before], uid: uids[before] };
    const ownerReferences = [{ ...owner, controller: true, blockOwnerDeletion: true }];
    await merge(`${maps}/${name}`, { metadata: { ownerReferences } });
  }
  const policy = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' };
  expect((await send('DELETE', `${maps}/circle-a`, policy)).status).toBe(200);
  await until(async () => {
    const { items } = await get(maps);
    return items.every(({ metadata }: KubeObject) => !names.includes(metadata.name ?? ''));
  });
});

test('a replication controller that is deleted without a policy leaves its pods, as before there was one', async () => {
  const base = '/api/v1/namespaces/default';
  const template = { metadata: { labels: { rc: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const made = await send('POST', `${base}/replicationcontrollers`, {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'a' },
    spec: { replicas: 0, selector: { rc: 'a' }, template },
  });
  const owner = { apiVersion: 'v1', kind: 'ReplicationController', name: 'a', uid: made.json.metadata.uid };
  await send('POST', `${base}/configmaps`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'of-rc', ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }] },
  });
  const { json } = await send('DELETE', `${base}/replicationcontrollers/a`);
  expect(json.metadata?.finalizers ?? []).toEqual(['orphan']);
  await until(async () => (await send('GET', `${base}/replicationcontrollers/a`)).status === 404);
  expect((await get(`${base}/configmaps/of-rc`)).metadata.ownerReferences).toBeUndefined();
});

test('a pod that comes to an end by itself from now on moves to the quota of such pods', async () => {
  const base = '/api/v1/namespaces/scoped';
  await send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'scoped' } });
  await until(async () => (await send('GET', `${base}/serviceaccounts/default`)).status === 200);
  for (const scope of ['Terminating', 'NotTerminating'])
    await send('POST', `${base}/resourcequotas`, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: scope.toLowerCase() },
      spec: { hard: { pods: '1' }, scopes: [scope] },
    });
  /** Of the one that goes on, and of the one that ends. */
  const used = async (): Promise<string[]> =>
    (await get(`${base}/resourcequotas`)).items.map(({ status }: KubeObject) => status?.used?.pods);
  await until(async () => (await used()).join() === '0,0');
  const pod = (name: string, more: Json = {}) =>
    send('POST', `${base}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'i' }], ...more },
    });
  expect((await pod('one')).status).toBe(201);
  expect(await used()).toEqual(['1', '0']);
  expect((await merge(`${base}/pods/one`, { spec: { activeDeadlineSeconds: 3600 } })).status).toBe(200);
  const refused = await pod('two', { activeDeadlineSeconds: 60 });
  expect(refused.json.message).toContain(
    'exceeded quota: terminating, requested: pods=1, used: pods=1, limited: pods=1',
  );
  await until(async () => (await used()).join() === '0,1');
  expect((await pod('three')).status).toBe(201);
  expect((await merge(`${base}/pods/three`, { spec: { activeDeadlineSeconds: 5 } })).status).toBe(403);
});

test('events are selected by their fields whichever API they were written through', async () => {
  const namespace = 'default';
  const pod = { kind: 'Pod', name: 'told', namespace };
  await send('POST', `/apis/events.k8s.io/v1/namespaces/${namespace}/events`, {
    metadata: { name: 'new-way' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'test-controller',
    reportingInstance: 'i',
    action: 'a',
    reason: 'New',
    type: 'Normal',
    regarding: pod,
  });
  await send('POST', `/api/v1/namespaces/${namespace}/events`, {
    metadata: { name: 'old-way' },
    source: { component: 'old' },
    reportingComponent: 'test-controller',
    reason: 'Old',
    type: 'Normal',
    involvedObject: pod,
  });
  const names = async (path: string, selector: string): Promise<string[]> =>
    (await get(`${path}/namespaces/${namespace}/events?fieldSelector=${encodeURIComponent(selector)}`)).items.map(
      ({ metadata }: KubeObject) => metadata.name,
    );
  const both = ['new-way', 'old-way'];
  expect(await names('/api/v1', 'involvedObject.name=told')).toEqual(both);
  expect(await names('/api/v1', 'reportingComponent=test-controller')).toEqual(both);
  expect(await names('/api/v1', 'source=test-controller')).toEqual(['new-way']);
  expect(await names('/apis/events.k8s.io/v1', 'regarding.name=told')).toEqual(both);
  expect(await names('/apis/events.k8s.io/v1', 'reportingController=test-controller')).toEqual(both);
});

describe('flow schemas', () => {
  const FLOW = '/apis/flowcontrol.apiserver.k8s.io/v1';
  const schemaOf = (name: string, level: string): Json => ({
    metadata: { name },
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: 50,
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'jane' } }],
          nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/version'] }],
        },
      ],
    },
  });
  const danglingOf = async (name: string): Promise<Json> =>
    ((await get(`${FLOW}/flowschemas/${name}`)).status?.conditions ?? [])[0];

  test('tell whether their level exists, and follow it', async () => {
    await send('POST', `${FLOW}/flowschemas`, schemaOf('lost', 'to-come'));
    await until(async () => (await danglingOf('lost'))?.status === 'True');
    expect((await danglingOf('lost')).message).toBe(
      'This FlowSchema references the PriorityLevelConfiguration object named "to-come" but there is no such object',
    );
    const level = { metadata: { name: 'to-come' }, spec: { type: 'Exempt' } };
    expect((await send('POST', `${FLOW}/prioritylevelconfigurations`, level)).status).toBe(422);
    const limited = { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } };
    await send('POST', `${FLOW}/prioritylevelconfigurations`, { ...level, spec: limited });
    await until(async () => (await danglingOf('lost'))?.status === 'False');
    expect(await danglingOf('lost')).toMatchObject({ reason: 'Found', type: 'Dangling' });
    await send('DELETE', `${FLOW}/flowschemas/lost`);
  });

  test('every answer tells the schema and the level of its request, and those to nobody tell none', async () => {
    const jane: Credentials = { ca: server.caCertificate, token: 'jane' };
    const { json } = await send('POST', `${FLOW}/flowschemas`, schemaOf('of-jane', 'workload-low'));
    const uidOf = async (path: string) => (await get(`${FLOW}/${path}`)).metadata.uid;
    const told = ({ headers }: RawAnswer) => [
      headers['x-kubernetes-pf-flowschema-uid'],
      headers['x-kubernetes-pf-prioritylevel-uid'],
    ];
    expect(told(await send('GET', '/version', undefined, {}, jane))).toEqual([
      json.metadata.uid,
      await uidOf('prioritylevelconfigurations/workload-low'),
    ]);
    expect(told(await send('GET', '/version'))).toEqual([
      await uidOf('flowschemas/exempt'),
      await uidOf('prioritylevelconfigurations/exempt'),
    ]);
    const refused = await send('GET', '/api/v1/namespaces/default/pods', undefined, {}, jane);
    expect([refused.status, told(refused)[0]]).toEqual([403, await uidOf('flowschemas/global-default')]);
    const unknown = await send('GET', '/version', undefined, {}, { ...jane, token: 'none' });
    expect(unknown.status).toBe(401);
    expect(told(unknown)).toEqual([undefined, undefined]);
  });
});
