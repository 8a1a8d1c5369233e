/** Who may come in and what he may do, over TLS. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../start.ts';
import { makeClient } from '../test-certificates.ts';
import { adminOf, type Credentials, call, type RawAnswer, until } from '../test-support.ts';
import type { ApiServer } from '../types.ts';
import { MASTERS } from './rbac.ts';

// Several servers and many TLS connections: a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const API = 'rbac.authorization.k8s.io';

let dir = '';
let server: ApiServer;
let admin: Credentials;
let ca = { caCertificate: '', caKey: '' };
let counter = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fleetdeck-auth-'));
  server = await startApiServer({
    dir,
    name: 'auth',
    tokens: [
      { token: 'jane-token', user: { username: 'jane', groups: ['devs'] } },
      { token: 'root-token', user: { username: 'root', groups: [MASTERS] } },
    ],
  });
  admin = adminOf(server);
  ca = { caCertificate: server.caCertificate, caKey: readFileSync(join(dir, 'pki', 'ca.key'), 'utf8') };
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

const withToken = (token: string): Credentials => ({ ca: server.caCertificate, token });
const post = (path: string, body: Json, who: Credentials = admin, headers: Record<string, string> = {}) =>
  call(server, who, 'POST', path, { body, headers });
const get = (path: string, who: Credentials, headers: Record<string, string> = {}) =>
  call(server, who, 'GET', path, { headers });

async function namespace(): Promise<string> {
  const name = `auth-${++counter}`;
  await post('/api/v1/namespaces', { metadata: { name } });
  return name;
}

async function grant(ns: string, user: string, rules: Json[]): Promise<void> {
  const name = `grant-${++counter}`;
  const home = ns === '' ? RBAC : `${RBAC}/namespaces/${ns}`;
  const [roles, bindings, kind] =
    ns === '' ? ['clusterroles', 'clusterrolebindings', 'ClusterRole'] : ['roles', 'rolebindings', 'Role'];
  expect((await post(`${home}/${roles}`, { metadata: { name }, rules })).status).toBe(201);
  const subjects = [{ kind: 'User', apiGroup: API, name: user }];
  const bound = await post(`${home}/${bindings}`, {
    metadata: { name },
    subjects,
    roleRef: { apiGroup: API, kind, name },
  });
  expect(bound.status).toBe(201);
}

async function client(subject: string, seconds?: number): Promise<Credentials> {
  return { ca: server.caCertificate, ...(await makeClient(ca, subject, seconds)) };
}

async function whoAmI(who: Credentials, headers: Record<string, string> = {}): Promise<Json> {
  const { json } = await post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, who, headers);
  return json.status?.userInfo ?? json;
}

describe('authentication', () => {
  test('a client certificate names user and groups', async () => {
    expect(await whoAmI(await client('CN=ann, O=ops, O=devs'))).toEqual({
      username: 'ann',
      groups: ['ops', 'devs', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
    });
  });

  test('an expired certificate and one of another CA are refused, not taken for nobody', async () => {
    const other = await startApiServer({ dir: null, name: 'other' });
    try {
      const { cert, key } = adminOf(other);
      const foreign = { ca: server.caCertificate, cert, key };
      for (const who of [await client('CN=ann', -30), foreign]) {
        const { status, json } = await get('/version', who);
        expect([status, json.reason, json.message]).toEqual([401, 'Unauthorized', 'Unauthorized']);
      }
    } finally {
      await other.close();
    }
  });

  test('a static token names its user, an unknown one is refused, none at all is anonymous', async () => {
    expect((await whoAmI(withToken('jane-token'))).groups).toEqual(['devs', 'system:authenticated']);
    expect((await get('/version', withToken('jane-tokem'))).status).toBe(401);
    expect((await get('/version', { ca: server.caCertificate })).status).toBe(200);
    const { status, json } = await get('/api/v1/nodes', { ca: server.caCertificate });
    expect([status, json.message]).toEqual([
      403,
      'nodes is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "" at the cluster scope',
    ]);
  });
});

describe('service account tokens', () => {
  async function account(): Promise<{ ns: string; tokens: string }> {
    const ns = await namespace();
    await post(`/api/v1/namespaces/${ns}/serviceaccounts`, { metadata: { name: 'bot' } });
    return { ns, tokens: `/api/v1/namespaces/${ns}/serviceaccounts/bot/token` };
  }
  const request = async (path: string, spec: Json = {}): Promise<RawAnswer> => post(path, { spec });

  test('work for this server, end with their account, and a new account does not revive them', async () => {
    const { ns, tokens } = await account();
    const { json } = await request(tokens);
    const who = withToken(json.status.token);
    expect((await whoAmI(who)).username).toBe(`system:serviceaccount:${ns}:bot`);
    await call(server, admin, 'DELETE', `/api/v1/namespaces/${ns}/serviceaccounts/bot`);
    expect((await get('/version', who)).status).toBe(401);
    await post(`/api/v1/namespaces/${ns}/serviceaccounts`, { metadata: { name: 'bot' } });
    expect((await get('/version', who)).status).toBe(401);
  });

  test('bound to a pod they say which, and are refused from the next request after it is gone', async () => {
    const { ns, tokens } = await account();
    await post('/api/v1/nodes', { metadata: { name: `${ns}-node` } });
    const spec = { serviceAccountName: 'bot', nodeName: `${ns}-node`, containers: [{ name: 'c', image: 'i' }] };
    const pod = (await post(`/api/v1/namespaces/${ns}/pods`, { metadata: { name: 'p' }, spec })).json;
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: pod.metadata.uid };
    const { json } = await request(tokens, { boundObjectRef });
    const who = withToken(json.status.token);
    expect((await whoAmI(who)).extra).toMatchObject({
      'authentication.kubernetes.io/pod-name': ['p'],
      'authentication.kubernetes.io/pod-uid': [pod.metadata.uid],
      'authentication.kubernetes.io/node-name': [`${ns}-node`],
    });
    await call(server, admin, 'DELETE', `/api/v1/namespaces/${ns}/pods/p?gracePeriodSeconds=0`);
    expect((await get('/version', who)).status).toBe(401);
    const review = await post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: json.status.token } });
    expect(review.json.status).toEqual({
      user: {},
      error: '[invalid bearer token, service account token has been invalidated]',
    });
  });

  test('bind only to what is there and theirs', async () => {
    const { ns, tokens } = await account();
    const refuse = async (boundObjectRef: Json) => (await request(tokens, { boundObjectRef })).json;
    expect((await refuse({ kind: 'Secret', apiVersion: 'v1', name: 'none' })).message).toBe('secrets "none" not found');
    expect((await refuse({ kind: 'ConfigMap', apiVersion: 'v1', name: 'x' })).message).toBe(
      'cannot bind token to object of type /v1, Kind=ConfigMap',
    );
    await post(`/api/v1/namespaces/${ns}/secrets`, { metadata: { name: 's' } });
    expect((await refuse({ kind: 'Secret', apiVersion: 'v1', name: 's', uid: 'another' })).code).toBe(409);
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    await post(`/api/v1/namespaces/${ns}/pods`, { metadata: { name: 'p' }, spec });
    expect((await refuse({ kind: 'Pod', apiVersion: 'v1', name: 'p' })).message).toContain(
      'cannot bind token for serviceaccount "bot"',
    );
  });

  test('for other audiences are no key to this server, but can be reviewed', async () => {
    const { ns, tokens } = await account();
    const { token } = (await request(tokens, { audiences: ['vault'] })).json.status;
    expect((await get('/version', withToken(token))).status).toBe(401);
    const review = async (audiences: string[]) =>
      (await post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token, audiences } })).json.status;
    expect(await review(['vault', 'x'])).toMatchObject({
      authenticated: true,
      audiences: ['vault'],
      user: { username: `system:serviceaccount:${ns}:bot` },
    });
    expect((await review(['x'])).error).toBe(
      '[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["x"]]',
    );
  });

  test('expire by the clock of the server', async () => {
    const { tokens } = await account();
    const who = withToken((await request(tokens, { expirationSeconds: 600 })).json.status.token);
    expect((await get('/version', who)).status).toBe(200);
    server.setClockOffset(601_000);
    try {
      expect((await get('/version', who)).status).toBe(401);
    } finally {
      server.setClockOffset(0);
    }
  });

  test('in a secret live as long as the secret', async () => {
    const { ns } = await account();
    const secret = `/api/v1/namespaces/${ns}/secrets/s`;
    const annotations = { 'kubernetes.io/service-account.name': 'bot' };
    await post(`/api/v1/namespaces/${ns}/secrets`, {
      metadata: { name: 's', annotations },
      type: 'kubernetes.io/service-account-token',
    });
    const data = await until(async () => (await get(secret, admin)).json.data);
    const who = withToken(Buffer.from(data.token, 'base64').toString('utf8'));
    expect((await whoAmI(who)).username).toBe(`system:serviceaccount:${ns}:bot`);
    await call(server, admin, 'DELETE', secret);
    expect((await get('/version', who)).status).toBe(401);
  });

  test('a text that is no token of this server is nobody', async () => {
    const review = await post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'x.y.z' } });
    expect(review.json.status).toEqual({ user: {}, error: 'invalid bearer token' });
  });
});

describe('RBAC', () => {
  const jane = () => withToken('jane-token');

  test.each([
    [
      '/api/v1/namespaces/default/pods',
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    ],
    [
      '/api/v1/namespaces/default/pods/p/log',
      'pods "p" is forbidden: User "jane" cannot get resource "pods/log" in API group "" in the namespace "default"',
    ],
    [
      '/apis/apps/v1/deployments',
      'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" at the cluster scope',
    ],
    ['/metrics', 'forbidden: User "jane" cannot get path "/metrics"'],
  ])('%s is refused in words', async (path, message) => {
    const { status, json } = await get(path, jane());
    expect([status, json.message]).toEqual([403, message]);
  });

  test('a right comes and goes with its binding', async () => {
    const ns = await namespace();
    await grant(ns, 'jane', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }]);
    const path = `/api/v1/namespaces/${ns}/configmaps`;
    expect((await get(path, jane())).status).toBe(200);
    const bindings = (await get(`${RBAC}/namespaces/${ns}/rolebindings`, admin)).json.items;
    await call(server, admin, 'DELETE', `${RBAC}/namespaces/${ns}/rolebindings/${bindings[0].metadata.name}`);
    expect((await get(path, jane())).status).toBe(403);
  });

  test('bindings to roles that are not there are told of wherever they may have mattered', async () => {
    const ns = await namespace();
    await grant(ns, 'jane', [{ apiGroups: [API], resources: ['roles'], verbs: ['create'] }]);
    const home = `${RBAC}/namespaces/${ns}`;
    for (const [kind, name] of [
      ['Role', 'gone'],
      ['ClusterRole', 'lost'],
      ['Role', 'gone'],
    ])
      await post(`${home}/rolebindings`, {
        metadata: { generateName: 'to-nothing-' },
        subjects: [{ kind: 'User', apiGroup: API, name: 'jane' }],
        roleRef: { apiGroup: API, kind, name },
      });
    const problem = `role.${API} "gone" not found, clusterrole.${API} "lost" not found`;
    const among = (text: string) => problem.split(', ').filter((each) => text.includes(each)).length;

    const denied = (await get(`/api/v1/namespaces/${ns}/secrets`, jane())).json.message as string;
    expect(denied).toMatch(/ in the namespace "auth-\d+": RBAC: \[.*, .*\]$/);
    expect([among(denied), denied.match(/not found/g)]).toEqual([2, ['not found', 'not found']]);

    const review = { spec: { namespace: ns } };
    const rules = await post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', review, jane());
    expect(among(rules.json.status.evaluationError)).toBe(2);

    const role = { metadata: { name: 'r' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] };
    const more = (await post(`${home}/roles`, role, jane())).json.message as string;
    expect(more).toMatch(/Verbs:\["get"\]\}; resolution errors: \[\[.*\]\]$/);
    // What he may do by other bindings does not suffer.
    expect((await post(`${home}/roles`, { metadata: { name: 'none' } }, jane())).status).toBe(201);
  });

  test('nobody gives more than he has, by role or by binding, unless he may bind', async () => {
    const ns = await namespace();
    await grant(ns, 'jane', [
      { apiGroups: [API], resources: ['roles', 'rolebindings'], verbs: ['create'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    ]);
    const roles = `${RBAC}/namespaces/${ns}/roles`;
    const bindings = `${RBAC}/namespaces/${ns}/rolebindings`;
    const rules = [{ apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get'] }];
    const refused = await post(roles, { metadata: { name: 'more' }, rules }, jane());
    expect([refused.status, refused.json.message]).toEqual([
      403,
      'roles.rbac.authorization.k8s.io "more" is forbidden: user "jane" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    ]);
    const same = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
    expect((await post(roles, { metadata: { name: 'same' }, rules: same }, jane())).status).toBe(201);

    const roleRef = { apiGroup: API, kind: 'ClusterRole', name: 'view' };
    const wanted = { metadata: { name: 'v' }, subjects: [{ kind: 'User', name: 'bob' }], roleRef };
    const unbound = await post(bindings, wanted, jane());
    expect(unbound.status).toBe(403);
    expect(unbound.json.message).toContain(
      '{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list" "watch"]}',
    );
    const missing = { ...wanted, roleRef: { ...roleRef, name: 'nothing' } };
    expect((await post(bindings, missing, jane())).json.message).toBe(
      'rolebindings.rbac.authorization.k8s.io "nothing" not found',
    );
    await grant(ns, 'jane', [
      { apiGroups: [API], resources: ['clusterroles'], verbs: ['bind'], resourceNames: ['view'] },
    ]);
    expect((await post(bindings, wanted, jane())).status).toBe(201);
  });

  test('an aggregated role gathers its parts, and only an administrator may make one', async () => {
    const label = { 'example.com/part': 'yes' };
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: label }] };
    await post(`${RBAC}/clusterroles`, { metadata: { name: 'sum' }, aggregationRule });
    const rules = [{ apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] }];
    await post(`${RBAC}/clusterroles`, { metadata: { name: 'part', labels: label }, rules });
    await until(async () => (await get(`${RBAC}/clusterroles/sum`, admin)).json.rules?.length === 1);
    const fresh = await startedWith(async (own, root) => {
      const creator = { apiGroups: [API], resources: ['clusterroles'], verbs: ['create'] };
      await call(own, root, 'POST', `${RBAC}/clusterroles`, { body: { metadata: { name: 'c' }, rules: [creator] } });
      const roleRef = { apiGroup: API, kind: 'ClusterRole', name: 'c' };
      const subjects = [{ kind: 'User', apiGroup: API, name: 'kim' }];
      await call(own, root, 'POST', `${RBAC}/clusterrolebindings`, {
        body: { metadata: { name: 'c' }, subjects, roleRef },
      });
      const kim = { ca: own.caCertificate, token: 'kim' };
      return call(own, kim, 'POST', `${RBAC}/clusterroles`, { body: { metadata: { name: 's' }, aggregationRule } });
    });
    expect(fresh.json.message).toBe(
      'clusterroles.rbac.authorization.k8s.io "s" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    );
  });

  async function startedWith<T>(work: (own: ApiServer, root: Credentials) => Promise<T>): Promise<T> {
    const own = await startApiServer({
      dir: null,
      name: 'own',
      tokens: [{ token: 'kim', user: { username: 'kim', groups: [] } }],
    });
    try {
      return await work(own, adminOf(own));
    } finally {
      await own.close();
    }
  }

  test('preset roles come back at the next start, with what people added, unless they said no', async () => {
    const home = mkdtempSync(join(tmpdir(), 'fleetdeck-presets-'));
    try {
      const first = await startApiServer({ dir: home, name: 'presets' });
      const root = adminOf(first);
      const patch = (name: string, body: Json) =>
        call(first, root, 'PATCH', `${RBAC}/clusterroles/${name}`, {
          body,
          headers: { 'content-type': 'application/merge-patch+json' },
        });
      const own = { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] };
      await patch('system:basic-user', { rules: [own] });
      await patch('system:kube-dns', {
        metadata: { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } },
        rules: [own],
      });
      await call(first, root, 'DELETE', `${RBAC}/clusterrolebindings/system:discovery`);
      await first.close();
      const second = await startApiServer({ dir: home, name: 'presets' });
      const read = async (path: string) => (await call(second, adminOf(second), 'GET', `${RBAC}/${path}`)).json;
      const rules = (await read('clusterroles/system:basic-user')).rules;
      expect(rules).toHaveLength(4);
      expect(rules[0]).toEqual(own);
      expect((await read('clusterroles/system:kube-dns')).rules).toEqual([own]);
      expect((await read('clusterrolebindings/system:discovery')).subjects).toHaveLength(1);
      await second.close();
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});

describe('nodes', () => {
  test('may do what a kubelet does, and see only what their pods refer to', async () => {
    const ns = await namespace();
    await post(`/api/v1/namespaces/${ns}/serviceaccounts`, { metadata: { name: 'bot' } });
    const spec = {
      nodeName: 'n1',
      serviceAccountName: 'bot',
      imagePullSecrets: [{ name: 'pull' }],
      volumes: [{ name: 'v', projected: { sources: [{ configMap: { name: 'mounted' } }] } }],
      containers: [{ name: 'c', image: 'i', envFrom: [{ secretRef: { name: 'env' } }] }],
    };
    const pod = await post(`/api/v1/namespaces/${ns}/pods`, { metadata: { name: 'p' }, spec });
    expect(pod.status).toBe(201);
    const own = await client('CN=system:node:n1, O=system:nodes');
    const other = await client('CN=system:node:n2, O=system:nodes');
    // 404: may be asked for, and is not there.
    for (const path of ['secrets/pull', 'secrets/env', 'configmaps/mounted'])
      expect((await get(`/api/v1/namespaces/${ns}/${path}`, own)).status).toBe(404);
    const refused = await get(`/api/v1/namespaces/${ns}/secrets/env`, other);
    expect([refused.status, refused.json.message]).toEqual([
      403,
      `secrets "env" is forbidden: User "system:node:n2" cannot get resource "secrets" in API group "" in the namespace "${ns}": no relationship found between node 'n2' and this object`,
    ]);
    expect((await get(`/api/v1/namespaces/${ns}/secrets/unrelated`, own)).status).toBe(403);
    const listed = async (query: string) => (await get(`/api/v1/pods?fieldSelector=${query}`, own)).status;
    expect(await listed('spec.nodeName%3Dn1')).toBe(200);
    expect(await listed('spec.nodeName%3Dn2')).toBe(403);
    expect((await get('/api/v1/pods', own)).json.message).toContain(
      ': can only list/watch pods with spec.nodeName field selector',
    );
    expect((await get(`/api/v1/namespaces/${ns}/pods/p`, own)).status).toBe(200);
    expect((await get(`/api/v1/namespaces/${ns}/pods/p`, other)).status).toBe(403);
    expect((await get('/api/v1/nodes/n1', own)).status).toBe(404);
    expect((await get('/api/v1/nodes/n2', own)).json.message).toContain(
      ": node 'n1' cannot read 'n2', only its own Node object",
    );
    const token = `/api/v1/namespaces/${ns}/serviceaccounts/bot/token`;
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: pod.json.metadata.uid };
    expect((await post(token, { spec: { boundObjectRef } }, own)).status).toBe(201);
    expect((await post(token, { spec: { boundObjectRef } }, other)).status).toBe(403);
    const lease = (name: string) => `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`;
    expect((await get(lease('n1'), own)).status).toBe(404);
    expect((await get(lease('n2'), own)).status).toBe(403);
  });
});

describe('rights to one object', () => {
  test('are enough to list and to watch it by its name', async () => {
    const ns = await namespace();
    await grant(ns, 'jane', [
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['c'], verbs: ['list', 'watch'] },
    ]);
    const asked = (query: string) => get(`/api/v1/namespaces/${ns}/configmaps?${query}`, withToken('jane-token'));
    expect((await asked('fieldSelector=metadata.name%3Dc')).status).toBe(200);
    expect((await asked('fieldSelector=metadata.name%3Dc&watch=1&timeoutSeconds=1')).status).toBe(200);
    expect((await asked('fieldSelector=metadata.name%3Dd')).json.message).toBe(
      `configmaps "d" is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "${ns}"`,
    );
    expect((await asked('')).status).toBe(403);
    // A query that cannot be read selects nothing.
    expect((await asked('fieldSelector=metadata.name%3Dc&limit=x')).status).toBe(403);
  });
});

describe('access reviews', () => {
  const AUTHORIZATION = '/apis/authorization.k8s.io/v1';

  test('answer for others, with the binding that allows it', async () => {
    const ns = await namespace();
    await grant(ns, 'tom', [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]);
    const ask = async (verb: string) => {
      const resourceAttributes = { namespace: ns, verb, resource: 'pods' };
      return (await post(`${AUTHORIZATION}/subjectaccessreviews`, { spec: { user: 'tom', resourceAttributes } })).json
        .status;
    };
    expect(await ask('get')).toEqual({
      allowed: true,
      reason: expect.stringMatching(
        /^RBAC: allowed by RoleBinding "grant-\d+\/auth-\d+" of Role "grant-\d+" to User "tom"$/,
      ),
    });
    expect(await ask('delete')).toEqual({ allowed: false });
  });

  test('take into account what a list would select', async () => {
    const ask = async (fieldSelector?: Json) => {
      const resourceAttributes = { verb: 'list', resource: 'pods', version: 'v1', fieldSelector };
      const spec = { user: 'system:node:n1', groups: ['system:nodes'], resourceAttributes };
      return (await post(`${AUTHORIZATION}/subjectaccessreviews`, { spec })).json.status.allowed;
    };
    const required = (operator: string, ...values: string[]) => ({
      requirements: [{ key: 'spec.nodeName', operator, values }],
    });
    expect(await ask({ rawSelector: 'spec.nodeName=n1' })).toBe(true);
    expect(await ask(required('In', 'n1'))).toBe(true);
    expect(await ask(required('NotIn', 'n1'))).toBe(false);
    expect(await ask(required('In', 'n1', 'n2'))).toBe(false);
    expect(await ask()).toBe(false);
  });

  test('in a namespace only for that namespace', async () => {
    const path = `${AUTHORIZATION}/namespaces/default/localsubjectaccessreviews`;
    const spec = { user: 'tom', resourceAttributes: { namespace: 'kube-system', verb: 'get', resource: 'pods' } };
    expect((await post(path, { spec })).json.message).toBe(
      '.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "kube-system": must match metadata.namespace',
    );
  });
});

describe('impersonation', () => {
  const as = (headers: Record<string, string>) => whoAmI(admin, headers);

  test('acts as user, groups, uid and extra', async () => {
    expect(
      await as({
        'Impersonate-User': 'kim',
        'Impersonate-Group': 'a, b',
        'Impersonate-Uid': '42',
        'Impersonate-Extra-Example.com%2Fscope': 'x',
      }),
    ).toEqual({
      username: 'kim',
      uid: '42',
      groups: ['a', 'b', 'system:authenticated'],
      extra: { 'example.com/scope': ['x'] },
    });
    expect((await as({ 'Impersonate-User': 'system:serviceaccount:default:bot' })).groups).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:default',
      'system:authenticated',
    ]);
    expect((await as({ 'Impersonate-Group': 'a' })).message).toBe(
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a"}, Extra:map[string][]string(nil)} without impersonating a user name',
    );
  });

  test('each part is a right of its own', async () => {
    await grant('', 'jane', [
      { apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: ['kim'] },
    ]);
    const jane = withToken('jane-token');
    const refused = async (headers: Record<string, string>) => (await get('/version', jane, headers)).json.message;
    expect((await whoAmI(jane, { 'Impersonate-User': 'kim' })).username).toBe('kim');
    // What was allowed last is tried first, and the first refusal is told.
    expect(await refused({ 'Impersonate-User': 'root' })).toBe(
      'users "root" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
    expect(await refused({ 'Impersonate-User': 'kim', 'Impersonate-Group': 'g' })).toBe(
      'groups "g" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope',
    );
    expect(await refused({ 'Impersonate-User': 'kim', 'Impersonate-Extra-Scope': 's' })).toBe(
      'userextras.authentication.k8s.io "s" is forbidden: User "jane" cannot impersonate resource "userextras/scope" in API group "authentication.k8s.io" at the cluster scope',
    );
    expect(await refused({ 'Impersonate-User': 'system:serviceaccount:default:x' })).toBe(
      'serviceaccounts "x" is forbidden: User "jane" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "default"',
    );
  });

  test('who becomes a node by the plain right is in no group of nodes', async () => {
    const root = withToken('root-token');
    await whoAmI(root, { 'Impersonate-User': 'kim', 'Impersonate-Group': MASTERS });
    expect((await whoAmI(root, { 'Impersonate-User': 'system:node:n' })).groups).toEqual(['system:authenticated']);
  });

  test('may be narrowed to a kind of user and to what is done as them', async () => {
    const on = (mode: string) => ({ apiGroups: ['*'], resources: ['*'], verbs: [`impersonate-on:${mode}:create`] });
    const may = (mode: string, resources: string[], resourceNames?: string[]) => ({
      apiGroups: ['authentication.k8s.io'],
      resources,
      verbs: [`impersonate:${mode}`],
      ...(resourceNames === undefined ? {} : { resourceNames }),
    });
    await grant('', 'jane', [
      on('user-info'),
      on('serviceaccount'),
      may('user-info', ['users'], ['lee']),
      may('user-info', ['groups']),
      may('serviceaccount', ['serviceaccounts']),
    ]);
    const jane = withToken('jane-token');
    expect((await whoAmI(jane, { 'Impersonate-User': 'lee', 'Impersonate-Group': 'g' })).groups).toEqual([
      'g',
      'system:authenticated',
    ]);
    expect((await whoAmI(jane, { 'Impersonate-User': 'system:serviceaccount:default:x' })).username).toBe(
      'system:serviceaccount:default:x',
    );
    expect((await whoAmI(jane, { 'Impersonate-User': 'lee', 'Impersonate-Group': 'system:masters' })).message).toBe(
      'groups.authentication.k8s.io "system:masters" is forbidden: User "jane" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed',
    );
    expect((await whoAmI(jane, { 'Impersonate-User': 'lee', 'Impersonate-Extra-Scope': 's' })).message).toBe(
      'userextras.authentication.k8s.io is forbidden: User "jane" cannot impersonate:user-info resource "userextras" in API group "authentication.k8s.io" at the cluster scope: impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "scope": must be a domain-prefixed path (such as "acme.io/foo")',
    );
    expect((await whoAmI(jane, { 'Impersonate-User': 'mia' })).message).toBe(
      'users.authentication.k8s.io "mia" is forbidden: User "jane" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
    );
    expect((await whoAmI(jane, { 'Impersonate-User': 'system:node:n' })).message).toContain(
      'cannot impersonate-on:arbitrary-node:create resource "selfsubjectreviews"',
    );
  });
});
