/** What a server has made by itself before anybody asked for anything. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../start.ts';
import { adminOf, type Credentials, call, type RawAnswer, until } from '../test-support.ts';
import type { ApiServer } from '../types.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const CONFIG = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const FLOWS = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
let server: ApiServer;
let admin: Credentials;

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'start' });
  admin = adminOf(server);
});
afterAll(() => server.close());

const ask = (method: string, path: string, body?: Json): Promise<RawAnswer> =>
  call(server, admin, method, path, {
    body,
    headers: method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {},
  });
const names = async (path: string): Promise<string[]> =>
  (await ask('GET', path)).json.items.map((item: Json) => item.metadata.name);

test('servers behind it learn whom to trust, and read it as the role says', async () => {
  const { json } = await ask('GET', CONFIG);
  expect(json.data).toEqual({ 'client-ca-file': server.caCertificate });
  const reader = await call(server, admin, 'GET', CONFIG, {
    headers: { 'impersonate-user': 'system:kube-scheduler', 'impersonate-group': 'system:authenticated' },
  });
  expect(reader.status).toBe(200);
  await ask('PATCH', CONFIG, { data: { 'client-ca-file': 'another' } });
  await until(async () => (await ask('GET', CONFIG)).json.data['client-ca-file'] === server.caCertificate);
  await ask('DELETE', CONFIG);
  await until(async () => (await ask('GET', CONFIG)).status === 200);
});

test('system priority classes are there, and stay', async () => {
  const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';
  const found = (await ask('GET', classes)).json.items.map((item: Json) => [item.metadata.name, item.value]);
  expect(found).toEqual([
    ['system-cluster-critical', 2_000_000_000],
    ['system-node-critical', 2_000_001_000],
  ]);
  const refused = await ask('DELETE', `${classes}/system-node-critical`);
  expect([refused.status, refused.json.message]).toEqual([
    403,
    'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted',
  ]);
});

const producer = 'api-priority-and-fairness-config-producer-v1 Update';
const flowFields = {
  'f:metadata': { 'f:annotations': { '.': {}, 'f:apf.kubernetes.io/autoupdate-spec': {} } },
  'f:spec': { 'f:matchingPrecedence': {}, 'f:priorityLevelConfiguration': { 'f:name': {} }, 'f:rules': {} },
};
const conditionFields = (type: string, ...fields: string[]): Json => ({
  'f:status': {
    'f:conditions': {
      [`k:{"type":"${type}"}`]: Object.fromEntries(
        ['.', ...fields.map((field) => `f:${field}`)].map((key) => [key, {}]),
      ),
    },
  },
});

// As a server of 1.36 says it of itself.
test.each<[string, Record<string, Json>]>([
  [
    `${FLOWS}/exempt`,
    {
      'api-priority-and-fairness-config-consumer-v1 Apply status': conditionFields(
        'Dangling',
        ...['lastTransitionTime', 'message', 'reason', 'status', 'type'],
      ),
      [producer]: flowFields,
    },
  ],
  [
    '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/exempt',
    {
      [producer]: {
        'f:metadata': flowFields['f:metadata'],
        'f:spec': { 'f:exempt': { '.': {}, 'f:lendablePercent': {}, 'f:nominalConcurrencyShares': {} }, 'f:type': {} },
      },
    },
  ],
  [
    '/apis/networking.k8s.io/v1/servicecidrs/kubernetes',
    {
      'kubernetes-service-cidr-controller Apply status': conditionFields(
        'Ready',
        ...['lastTransitionTime', 'message', 'status', 'type'],
      ),
      'kube-apiserver Update': { 'f:spec': { 'f:cidrs': {} } },
    },
  ],
  [
    '/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical',
    { 'kube-apiserver Update': { 'f:description': {}, 'f:preemptionPolicy': {}, 'f:value': {} } },
  ],
  [
    `${SERVICES}/v1.`,
    {
      'kube-apiserver Update': {
        'f:metadata': { 'f:labels': { '.': {}, 'f:kube-aggregator.kubernetes.io/automanaged': {} } },
        'f:spec': { 'f:groupPriorityMinimum': {}, 'f:version': {}, 'f:versionPriority': {} },
      },
    },
  ],
])('%s is owned by the loop that made it', async (path, owners) => {
  const { metadata } = (await ask('GET', path)).json;
  const told = metadata.managedFields.map(({ manager, operation, subresource, fieldsV1 }: Json) => [
    [manager, operation, subresource].filter(Boolean).join(' '),
    fieldsV1,
  ]);
  expect(told).toEqual(Object.entries(owners));
});

test('the group of the core is not named, and a class has a generation', async () => {
  expect((await ask('GET', `${SERVICES}/v1.`)).json.spec).not.toHaveProperty('group');
  const { metadata } = (await ask('GET', '/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical')).json;
  expect(metadata.generation).toBe(1);
});

test('flows and their levels fit together; a changed one comes back unless somebody has taken it over', async () => {
  const levels = await names('/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations');
  expect(levels).toHaveLength(8);
  const schemas = (await ask('GET', FLOWS)).json.items;
  expect(schemas).toHaveLength(13);
  for (const { spec } of schemas) expect(levels).toContain(spec.priorityLevelConfiguration.name);
  const precedence = async () => (await ask('GET', `${FLOWS}/probes`)).json.spec.matchingPrecedence;
  await ask('PATCH', `${FLOWS}/probes`, { spec: { matchingPrecedence: 7 } });
  await until(async () => (await precedence()) === 2);
  await ask('PATCH', `${FLOWS}/probes`, {
    metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } },
    spec: { matchingPrecedence: 7 },
  });
  await ask('DELETE', `${FLOWS}/catch-all`);
  await until(async () => (await names(FLOWS)).includes('catch-all'));
  expect(await precedence()).toBe(7);
});

test('every group version has its APIService, those of definitions as long as they are served', async () => {
  const { json } = await ask('GET', `${SERVICES}/v1.apps`);
  expect(json).toMatchObject({
    metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
    spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17800, versionPriority: 15 },
    status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] },
  });
  expect(await names(SERVICES)).toEqual(expect.arrayContaining(['v1.', 'v2.autoscaling', 'v1.storage.k8s.io']));
  const schema = { openAPIV3Schema: { type: 'object' } };
  await ask('POST', DEFINITIONS, {
    metadata: { name: 'widgets.start.example.com' },
    spec: {
      group: 'start.example.com',
      scope: 'Cluster',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [
        { name: 'v1', served: true, storage: true, schema },
        { name: 'v1alpha1', served: false, storage: false, schema },
      ],
    },
  });
  await until(async () => (await names(SERVICES)).includes('v1.start.example.com'));
  expect(await names(SERVICES)).not.toContain('v1alpha1.start.example.com');
  await ask('DELETE', `${DEFINITIONS}/widgets.start.example.com`);
  await until(async () => !(await names(SERVICES)).includes('v1.start.example.com'));
});

test('the range of service addresses has a name', async () => {
  const { json } = await ask('GET', '/apis/networking.k8s.io/v1/servicecidrs/kubernetes');
  expect(json.spec.cidrs).toEqual(['10.96.0.0/16']);
});
