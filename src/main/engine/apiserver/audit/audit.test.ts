/** What is written down of which request. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../start.ts';
import { adminOf, call, until } from '../test-support.ts';
import type { ApiServer, AuditOptions } from '../types.ts';
import type { AuditEvent } from './auditor.ts';
import { openAuditLog } from './log.ts';
import { type AuditedRequest, DEFAULT_POLICY, decide, readPolicy } from './policy.ts';

// Several servers and many TLS connections: a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const policyOf = (rules: string) => `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules}`;

const asked = (extra: Partial<AuditedRequest> = {}): AuditedRequest => ({
  username: 'jane',
  groups: ['devs'],
  verb: 'get',
  path: '/api/v1/namespaces/default/pods/p',
  resource: { group: '', resource: 'pods', subresource: '', namespace: 'default', name: 'p' },
  ...extra,
});
const plain = (path: string) => asked({ path, resource: undefined });

describe('policy', () => {
  const level = async (rules: string, request: AuditedRequest) =>
    decide(await readPolicy(policyOf(rules)), request).level;

  test.each([
    ['- level: Request', 'Request'],
    ['- {level: None, users: [bob]}\n- level: Metadata', 'Metadata'],
    ['- {level: None, userGroups: [devs]}\n- level: Metadata', 'None'],
    ['- {level: Request, verbs: [create]}', 'None'],
    ['- {level: Request, namespaces: [kube-system]}', 'None'],
    ['- {level: Request, resources: [{group: "", resources: [pods]}]}', 'Request'],
    ['- {level: Request, resources: [{group: apps}]}', 'None'],
    ['- {level: Request, resources: [{group: "", resources: [pods], resourceNames: [other]}]}', 'None'],
    ['- {level: Request, resources: [{group: "", resources: [pods/log]}]}', 'None'],
    ['- {level: Request, nonResourceURLs: ["/api*"]}', 'None'],
  ])('%s: %s', async (rules, expected) => {
    expect(await level(rules, asked())).toBe(expected);
  });

  test('paths that are no resources are matched by rules about paths', async () => {
    expect(await level('- {level: Request, nonResourceURLs: ["/metrics*"]}', plain('/metrics/slis'))).toBe('Request');
    expect(await level('- {level: Request, resources: [{group: ""}]}', plain('/metrics'))).toBe('None');
  });

  test('the default writes down who did what, but not the noise', () => {
    expect(decide(DEFAULT_POLICY, asked()).level).toBe('Metadata');
    expect(decide(DEFAULT_POLICY, plain('/readyz')).level).toBe('None');
  });

  test.each([
    ['kind: Policy', 'it is no Policy of audit.k8s.io/v1'],
    ['apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []', 'it has no rules'],
    [policyOf('- level: Everything'), 'there is no level Everything'],
    [policyOf('- {level: Metadata, omitStages: [Never]}'), 'there is no stage Never'],
  ])('%j is refused', async (text, why) => {
    await expect(readPolicy(text)).rejects.toMatchObject({ code: 'INVALID', message: expect.stringContaining(why) });
  });
});

describe('a server', () => {
  let dir = '';
  let server: ApiServer | null = null;
  let events: AuditEvent[] = [];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'fleetdeck-audit-'));
    events = [];
  });
  afterEach(async () => {
    await server?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function start(audit: AuditOptions): Promise<ApiServer> {
    server = await startApiServer({
      dir: null,
      name: 'audit',
      audit: { sink: (event) => events.push(event), ...audit },
    });
    return server;
  }
  const of = (id: unknown) => events.filter((event) => event.auditID === id) as Json[];

  test('tells who asked for what, how it ended, and by which right, under an id the client sees', async () => {
    const own = await start({ policy: policyOf('- level: Metadata') });
    const answer = await call(own, adminOf(own), 'GET', '/api/v1/namespaces/default/pods/none?pretty=1', {
      headers: { 'user-agent': 'test/1' },
    });
    const [received, complete] = of(answer.headers['audit-id']);
    expect(received.stage).toBe('RequestReceived');
    expect(complete).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      stage: 'ResponseComplete',
      requestURI: '/api/v1/namespaces/default/pods/none?pretty=1',
      verb: 'get',
      user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
      userAgent: 'test/1',
      sourceIPs: ['127.0.0.1'],
      objectRef: { resource: 'pods', namespace: 'default', name: 'none', apiVersion: 'v1' },
      responseStatus: { code: 404, status: 'Failure', reason: 'NotFound', message: 'pods "none" not found' },
      requestReceivedTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    });
  });

  test('shows bodies as far as the policy says, and secrets only where a policy is given', async () => {
    const rules = '- {level: RequestResponse, omitManagedFields: true, omitStages: [RequestReceived]}';
    const own = await start({ policy: policyOf(rules) });
    const admin = adminOf(own);
    const post = async (resource: string, body: Json) =>
      of((await call(own, admin, 'POST', `/api/v1/namespaces/default/${resource}`, { body })).headers['audit-id'])[0];
    const map = await post('configmaps', { metadata: { name: 'c' }, data: { a: '1' } });
    expect(map.requestObject).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'c' },
      data: { a: '1' },
    });
    expect(map.objectRef).toEqual({ resource: 'configmaps', namespace: 'default', name: 'c', apiVersion: 'v1' });
    expect(map.responseObject).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } });
    expect(map.responseObject.metadata.managedFields).toBeUndefined();
    const shown = await post('secrets', { metadata: { name: 's' }, stringData: { password: 'horse' } });
    expect(shown).toMatchObject({ level: 'RequestResponse', requestObject: { data: { password: 'aG9yc2U=' } } });
    await own.close();
    const silent = await start({});
    await call(silent, adminOf(silent), 'POST', '/api/v1/namespaces/default/secrets', {
      body: { metadata: { name: 's' }, stringData: { password: 'correct horse' } },
    });
    expect(events.at(-1)).toMatchObject({ level: 'Metadata', responseStatus: { code: 201 } });
    expect(JSON.stringify(events)).not.toContain('correct horse');
  });

  test('of answers objects are shown; what was refused unread has none, nor a name', async () => {
    const own = await start({ policy: policyOf('- {level: RequestResponse, omitStages: [RequestReceived]}') });
    const admin = adminOf(own);
    const MAPS = '/api/v1/namespaces/default/configmaps';
    const asked = async (method: string, path: string, body?: Json, headers: Record<string, string> = {}) =>
      of((await call(own, admin, method, path, { body, headers })).headers['audit-id']).at(-1)!;
    expect((await asked('GET', '/apis/apps')).responseObject).toMatchObject({ kind: 'APIGroup', name: 'apps' });
    expect((await asked('GET', '/version')).responseObject).toBeUndefined();
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const { headers } = await call(own, admin, 'GET', '/apis', { headers: { accept } });
    const known = await asked('GET', '/apis', undefined, { accept, 'if-none-match': String(headers.etag) });
    expect([known.responseStatus.code, known.responseObject]).toEqual([304, undefined]);
    const unread = await asked('POST', `${MAPS}?fieldValidation=Strict`, { metadata: { name: 'c' }, bogus: 1 });
    expect([unread.requestObject, unread.objectRef.name]).toEqual([undefined, undefined]);
    const formless = await asked('GET', MAPS, undefined, { accept: 'text/html' });
    expect([formless.responseStatus, formless.responseObject]).toEqual([{ metadata: {}, code: 406 }, undefined]);
    const namespace = await asked('POST', '/api/v1/namespaces', { metadata: { name: 'read' } });
    expect(namespace.requestObject.status).toEqual({ phase: 'Active' });
  });

  test('the object that a list selects by its name is the one that is asked for', async () => {
    const own = await start({ policy: policyOf('- {level: Metadata, omitStages: [RequestReceived]}') });
    const name = async (query: string) => {
      const { headers } = await call(own, adminOf(own), 'GET', `/api/v1/namespaces/default/configmaps?${query}`);
      return of(headers['audit-id'])[0].objectRef.name;
    };
    expect(await name('fieldSelector=metadata.name%3Dc')).toBe('c');
    expect(await name('fieldSelector=metadata.namespace%3Dx,metadata.name%3D%3Dc')).toBe('c');
    expect(await name('fieldSelector=metadata.name!%3Dc')).toBeUndefined();
    expect(await name('fieldSelector=metadata.name%3Da%2Fb')).toBeUndefined();
  });

  test('says what is deprecated, and of a pod which level was enforced; who asks for no time is nobody yet', async () => {
    const own = await start({ policy: policyOf('- {level: Metadata, omitStages: [RequestReceived]}') });
    const admin = adminOf(own);
    const old = await call(own, admin, 'GET', '/api/v1/namespaces/default/endpoints');
    expect(of(old.headers['audit-id'])[0].annotations['k8s.io/deprecated']).toBe('true');
    const pod = await call(own, admin, 'POST', '/api/v1/namespaces/default/pods', {
      body: { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    });
    expect(of(pod.headers['audit-id'])[0].annotations).toMatchObject({
      'pod-security.kubernetes.io/enforce-policy': 'privileged:latest',
    });
    const unreadable = await call(own, admin, 'GET', '/api/v1/pods?timeout=soon');
    expect(of(unreadable.headers['audit-id'])).toMatchObject([
      { stage: 'ResponseStarted', user: {}, responseStatus: { code: 400 } },
    ]);
  });

  test('shows what was understood of a body, patches as they came, and of refused requests nothing', async () => {
    const rules = '- {level: RequestResponse, omitManagedFields: true, omitStages: [RequestReceived]}';
    const own = await start({ policy: policyOf(rules) });
    const admin = adminOf(own);
    const MAPS = '/api/v1/namespaces/default/configmaps';
    const asked = async (method: string, path: string, body: Json, headers: Record<string, string> = {}) =>
      of((await call(own, admin, method, path, { body, headers })).headers['audit-id']).at(-1)!;
    const made = await asked('POST', MAPS, { metadata: { name: 'c', uid: 'u' }, bogus: 1, data: { a: '1' } });
    expect(made.requestObject).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'c', uid: 'u' },
      data: { a: '1' },
    });
    expect(made.objectRef).toMatchObject({ name: 'c', uid: 'u' });
    expect((await asked('POST', MAPS, { kind: 'Secret', apiVersion: 'v1' })).requestObject).toBeUndefined();
    const merge = { 'content-type': 'application/merge-patch+json' };
    expect((await asked('PATCH', `${MAPS}/c`, { data: { b: '2' } }, merge)).requestObject).toEqual({
      data: { b: '2' },
    });
    const kim = { 'impersonate-user': 'kim' };
    expect((await asked('POST', MAPS, { metadata: { name: 'd' } }, kim)).requestObject).toBeUndefined();
    const gone = await asked('DELETE', `${MAPS}/c`, { gracePeriodSeconds: 0 });
    expect(gone.requestObject).toMatchObject({ kind: 'DeleteOptions', gracePeriodSeconds: 0 });
  });

  test('tells where a request comes from through proxies, and its path as it came', async () => {
    const own = await start({ policy: policyOf('- level: Metadata') });
    const headers = { 'x-forwarded-for': '1.2.3.4, nonsense, ::1' };
    const answer = await call(own, adminOf(own), 'GET', '/api/v1/pods?labelSelector=a%20in%20(b)&x', { headers });
    expect(of(answer.headers['audit-id'])[0]).toMatchObject({
      sourceIPs: ['1.2.3.4', '::1', '127.0.0.1'],
      requestURI: '/api/v1/pods?labelSelector=a%20in%20(b)&x',
    });
  });

  test('what is connected to is told of when it begins, too, and a token by its number', async () => {
    const own = await start({ policy: policyOf('- {level: Metadata, omitStages: [RequestReceived]}') });
    const admin = adminOf(own);
    const log = await call(own, admin, 'GET', '/api/v1/namespaces/default/pods/none/log');
    expect(of(log.headers['audit-id']).map(({ stage }) => stage)).toEqual(['ResponseStarted', 'ResponseComplete']);
    const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
    const issued = await call(own, admin, 'POST', path, { body: {} });
    expect(of(issued.headers['audit-id'])[0].annotations).toMatchObject({
      'authentication.kubernetes.io/issued-credential-id': expect.stringMatching(/^JTI=[0-9a-f-]{36}$/),
    });
  });

  test('a watch is two events more: when it begins and when it ends', async () => {
    const own = await start({ policy: policyOf('- level: Metadata') });
    const answer = await call(own, adminOf(own), 'GET', '/api/v1/pods?watch=1&timeoutSeconds=1');
    const stages = await until(() => {
      const found = of(answer.headers['audit-id']).map((event) => event.stage);
      return found.length === 3 ? found : null;
    });
    expect(stages).toEqual(['RequestReceived', 'ResponseStarted', 'ResponseComplete']);
  });

  test('impersonation, refusals and unknown credentials are written down', async () => {
    const own = await start({ policy: policyOf('- {level: Metadata, omitStages: [RequestReceived]}') });
    const admin = adminOf(own);
    const asKim = await call(own, admin, 'GET', '/api/v1/nodes', { headers: { 'Impersonate-User': 'kim' } });
    expect(of(asKim.headers['audit-id'])[0]).toMatchObject({
      user: { username: 'kubernetes-admin' },
      impersonatedUser: { username: 'kim', groups: ['system:authenticated'] },
      responseStatus: { code: 403, reason: 'Forbidden' },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    });
    const unknown = await call(own, { ca: own.caCertificate, token: 'nobody' }, 'GET', '/api/v1/nodes');
    expect(unknown.status).toBe(401);
    const turnedAway = of(unknown.headers['audit-id']);
    expect(turnedAway).toMatchObject([{ stage: 'ResponseStarted', user: {}, responseStatus: { code: 401 } }]);
    expect(JSON.stringify(events)).not.toContain('Bearer');
  });

  test('what admission says goes into the event', async () => {
    const own = await start({ policy: policyOf('- {level: Metadata, omitStages: [RequestReceived]}') });
    const admin = adminOf(own);
    const labels = { 'pod-security.kubernetes.io/audit': 'baseline' };
    await call(own, admin, 'POST', '/api/v1/namespaces', { body: { metadata: { name: 'strict', labels } } });
    const spec = { hostNetwork: true, containers: [{ name: 'c', image: 'i' }] };
    const created = await call(own, admin, 'POST', '/api/v1/namespaces/strict/pods', {
      body: { metadata: { name: 'p' }, spec },
    });
    expect(of(created.headers['audit-id'])[0].annotations).toMatchObject({
      'pod-security.kubernetes.io/audit-violations':
        'would violate PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    });
  });

  test('a file has one event per line, for nobody else to read, and complete when the server has closed', async () => {
    const log = join(dir, 'audit.log');
    const own = await start({ log, policy: policyOf('- level: Metadata') });
    await call(own, adminOf(own), 'GET', '/version', { headers: { 'audit-id': 'mine' } });
    await own.close();
    const lines = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
    expect(lines.filter((line) => line.auditID === 'mine').map((line) => line.stage)).toEqual([
      'RequestReceived',
      'ResponseComplete',
    ]);
    expect(statSync(log).mode & 0o777).toBe(0o600);
  });

  test('a log that grows too large is put aside', () => {
    const file = join(dir, 'small.log');
    for (const name of ['a', 'b', 'c']) {
      const log = openAuditLog(file, () => undefined, 10);
      log.sink({ name });
      log.close();
    }
    expect([file, `${file}.1`, `${file}.2`].map((each) => readFileSync(each, 'utf8'))).toEqual([
      '{"name":"c"}\n',
      '{"name":"b"}\n',
      '{"name":"a"}\n',
    ]);
  });
});
