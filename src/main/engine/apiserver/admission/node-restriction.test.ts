/** What a kubelet's credentials are good for, through the API. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../start.ts';
import { adminOf, type Credentials, call, type RawAnswer } from '../test-support.ts';
import type { ApiServer } from '../types.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const PODS = '/api/v1/namespaces/default/pods';
let server: ApiServer;
let admin: Credentials;
let uid: string;

const ask = (method: string, path: string, body?: Json, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  call(server, admin, method, path, { body, headers });
/** As the node n1. */
const node = (method: string, path: string, body?: Json): Promise<RawAnswer> =>
  ask(method, path, body, {
    'impersonate-user': 'system:node:n1',
    'impersonate-group': 'system:nodes',
    ...(method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {}),
  });
const pod = (name: string, spec: Json = {}): Json => ({
  metadata: { name },
  spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], ...spec },
});
const owner = (more: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Node',
  name: 'n1',
  uid,
  controller: true,
  ...more,
});
const mirror = (metadata: Json = {}, spec: Json = {}): Json => ({
  metadata: {
    name: 'static-n1',
    annotations: { 'kubernetes.io/config.mirror': 'x' },
    ownerReferences: [owner()],
    ...metadata,
  },
  spec: { ...pod('').spec, ...spec },
});

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'nodes' });
  admin = adminOf(server);
  uid = (await node('POST', '/api/v1/nodes', { metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'linux' } } }))
    .json.metadata.uid;
  await ask('POST', '/api/v1/nodes', { metadata: { name: 'n2' } });
  await ask('POST', PODS, pod('mine'));
  await ask('POST', PODS, pod('other', { nodeName: 'n2' }));
});
afterAll(() => server.close());

test('a node is what it says of itself, and nobody else', async () => {
  const labels = (given: Json) => node('PATCH', '/api/v1/nodes/n1', { metadata: { labels: given } });
  expect((await labels({ 'node.kubernetes.io/instance-type': 'big', 'example.com/a': 'b' })).status).toBe(200);
  const refused = await labels({ 'node-restriction.kubernetes.io/tenant': 'a', 'node-role.kubernetes.io/worker': '' });
  expect(refused.json).toMatchObject({
    code: 403,
    message:
      'nodes "n1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/tenant, node-role.kubernetes.io/worker',
  });
  const tainted = await node('PATCH', '/api/v1/nodes/n1', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } });
  expect(tainted.json.message).toBe('nodes "n1" is forbidden: node "n1" is not allowed to modify taints');
  const other = await node('PATCH', '/api/v1/nodes/n2/status', { status: { phase: 'Running' } });
  expect(other.json.message).toBe('nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"');
  const created = await node('POST', '/api/v1/nodes', { metadata: { name: 'n3' } });
  expect(created.json.message).toBe('nodes "n3" is forbidden: node "n1" is not allowed to modify node "n3"');
  expect((await node('PATCH', '/api/v1/nodes/n1/status', { status: { phase: 'Running' } })).status).toBe(200);
});

test('of pods it creates mirrors that need nothing of the cluster', async () => {
  const refusals: [Json, string][] = [
    [pod('p'), 'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods'],
    [mirror({}, { nodeName: 'n2' }), 'node "n1" can only create pods with spec.nodeName set to itself'],
    [mirror({ ownerReferences: [] }), 'node "n1" can only create pods with an owner reference set to itself'],
    [
      mirror({ ownerReferences: [owner({ controller: false })] }),
      'node "n1" can only create pods with a controller owner reference set to itself',
    ],
    [mirror({ ownerReferences: [owner({ uid: 'x' })] }), `node n1 UID mismatch: expected x got ${uid}`],
  ];
  for (const [body, why] of refusals)
    expect((await node('POST', PODS, body)).json.message).toBe(`pods "${body.metadata.name}" is forbidden: ${why}`);
  expect((await node('POST', PODS, mirror())).status).toBe(201);
  expect((await node('DELETE', `${PODS}/static-n1?gracePeriodSeconds=0`)).status).toBe(200);
});

test('it reports on, evicts and deletes the pods that it runs', async () => {
  const status = (name: string, body: Json) => node('PATCH', `${PODS}/${name}/status`, body);
  expect((await status('mine', { status: { phase: 'Running' } })).status).toBe(200);
  expect((await status('mine', { metadata: { labels: { a: 'b' } } })).json.message).toBe(
    'pods "mine" is forbidden: node "n1" cannot update labels through pod status',
  );
  expect((await status('other', { status: { phase: 'Running' } })).json.message).toBe(
    'pods "other" is forbidden: node "n1" can only update pod status for pods with spec.nodeName set to itself',
  );
  const eviction = await node('POST', `${PODS}/other/eviction`, { metadata: { name: 'other' } });
  expect(eviction.json.message).toBe(
    'pods "other" is forbidden: node n1 can only evict pods with spec.nodeName set to itself',
  );
  expect((await node('DELETE', `${PODS}/other`)).json.message).toBe(
    'pods "other" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself',
  );
});

test('it gets tokens for the pods that it runs, for the audiences they ask for', async () => {
  const TOKEN = '/api/v1/namespaces/default/serviceaccounts/default/token';
  const bound = (await ask('GET', `${PODS}/mine`)).json;
  const ref = { apiVersion: 'v1', kind: 'Pod', name: 'mine', uid: bound.metadata.uid };
  const token = (spec: Json) => node('POST', TOKEN, { spec });
  const start = 'serviceaccounts "default" is forbidden: ';
  expect((await token({})).json.message).toBe(`${start}node requested token not bound to a pod`);
  expect((await token({ boundObjectRef: { ...ref, uid: 'x' } })).json.message).toMatch(
    /does not match the UID in record/,
  );
  expect((await token({ boundObjectRef: ref, audiences: ['vault'] })).json.message).toBe(
    `${start}audience "vault" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience`,
  );
  expect((await token({ boundObjectRef: ref })).status).toBe(201);
});

test('leases and certificates are its own', async () => {
  const lease = (namespace: string, name: string) =>
    node('POST', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, { metadata: { name } });
  expect((await lease('kube-node-lease', 'n2')).json.message).toBe(
    'leases.coordination.k8s.io "n2" is forbidden: can only access node lease with the same name as the requesting node',
  );
  expect((await lease('kube-node-lease', 'n1')).status).toBe(201);
  const csr = await node('POST', '/apis/certificates.k8s.io/v1/certificatesigningrequests', {
    metadata: { name: 'c' },
    spec: { signerName: 'kubernetes.io/kubelet-serving', request: 'YQ==', usages: ['server auth'] },
  });
  expect(csr.json.message).toMatch(
    /^certificatesigningrequests.certificates.k8s.io "c" is forbidden: unable to parse csr/,
  );
});
