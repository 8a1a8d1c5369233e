/** Mutating policies as a client meets them: written through the API, seen in what is written afterwards. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../../start.ts';
import { adminOf, type Credentials, call, type RawAnswer } from '../../test-support.ts';
import type { ApiServer } from '../../types.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
let server: ApiServer;
let admin: Credentials;

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'mutations' });
  admin = adminOf(server);
});
afterAll(() => server.close());
afterEach(async () => {
  for (const resource of ['mutatingadmissionpolicybindings', 'mutatingadmissionpolicies'])
    await call(server, admin, 'DELETE', `${GROUP}/${resource}`);
});

const post = (path: string, body: Json): Promise<RawAnswer> => call(server, admin, 'POST', path, { body });
const map = (data: Json, metadata: Json = {}): Json => ({ metadata: { generateName: 'cm-', ...metadata }, data });
const applying = (expression: string): Json => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const patching = (expression: string): Json => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

const rules = (group: string, resource: string, operations = ['CREATE', 'UPDATE']): Json => ({
  resourceRules: [{ apiGroups: [group], apiVersions: ['v1'], operations, resources: [resource] }],
});

const written = (spec: Json, name = 'p'): Promise<RawAnswer> =>
  post(`${GROUP}/mutatingadmissionpolicies`, {
    metadata: { name },
    spec: { matchConstraints: rules('', 'configmaps'), reinvocationPolicy: 'Never', ...spec },
  });

async function policy(spec: Json, binding: Json = {}, name = 'p'): Promise<void> {
  const stored = await written(spec, name);
  expect([stored.status, stored.json.message]).toEqual([201, undefined]);
  const bound = await post(`${GROUP}/mutatingadmissionpolicybindings`, {
    metadata: { name: `${name}-everywhere` },
    spec: { policyName: name, ...binding },
  });
  expect([bound.status, bound.json.message]).toEqual([201, undefined]);
}

const deployment = (spec: Json = {}): Json => ({
  metadata: { generateName: 'd-' },
  spec: {
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'app', image: 'app:1' }] } },
    ...spec,
  },
});

test('a configuration is merged as server-side apply merges, and gets its defaults', async () => {
  await policy({
    matchConstraints: rules('apps', 'deployments'),
    variables: [{ name: 'team', expression: '"blue"' }],
    mutations: [
      applying(`Object{
        metadata: Object.metadata{labels: {"team": variables.team}},
        spec: Object.spec{
          replicas: 3,
          template: Object.spec.template{
            spec: Object.spec.template.spec{
              containers: [Object.spec.template.spec.containers{name: "sidecar", image: "proxy:2"}]
            }
          }
        }
      }`),
    ],
  });
  const made = await post(DEPLOYMENTS, deployment());
  expect([made.status, made.json.message]).toEqual([201, undefined]);
  expect(made.json.metadata.labels).toEqual({ team: 'blue' });
  expect(made.json.spec.replicas).toBe(3);
  const containers: Json[] = made.json.spec.template.spec.containers;
  expect(containers.map(({ name, imagePullPolicy }) => [name, imagePullPolicy])).toEqual([
    ['app', 'IfNotPresent'],
    ['sidecar', 'IfNotPresent'],
  ]);
  // A scale is seen as such.
  const scaled = await call(server, admin, 'PATCH', `${DEPLOYMENTS}/${made.json.metadata.name}/scale`, {
    body: { spec: { replicas: 1 } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  expect(scaled.json.spec.replicas).toBe(1);
});

test('operations of a JSON patch run one after the other, and a failed test leaves the object as it was', async () => {
  await policy({
    mutations: [
      patching(`has(object.data.keep) ? [] : [
        JSONPatch{op: "add", path: "/metadata/annotations", value: {"b/c": "1"}},
        JSONPatch{op: "copy", from: "/data/size", path: "/metadata/annotations/size"}
      ]`),
      patching(`[
        JSONPatch{op: "test", path: "/data/size", value: "1"},
        JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("one/two"), value: string(1 + 1)}
      ].map(p, p)`),
    ],
  });
  const one = (await post(CONFIG_MAPS, map({ size: '1' }))).json;
  expect([one.metadata.annotations, one.data]).toEqual([{ 'b/c': '1', size: '1', 'one/two': '2' }, { size: '1' }]);
  const two = (await post(CONFIG_MAPS, map({ size: '2', keep: '' }))).json;
  expect([two.metadata.annotations, two.data]).toEqual([undefined, { size: '2', keep: '' }]);
});

test('conditions, parameters, values of the request and optional fields say what is changed', async () => {
  await call(server, admin, 'POST', CONFIG_MAPS, { body: { metadata: { name: 'settings' }, data: { color: 'red' } } });
  await policy(
    {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConditions: [{ name: 'only-some', expression: 'has(object.metadata.labels) && params != null' }],
      mutations: [
        applying(`Object{metadata: Object.metadata{annotations: {
          "color": params.data.color, "by": request.userInfo.username, "in": namespaceObject.metadata.name}},
          ?data: object[?"none"]}`),
      ],
    },
    { paramRef: { name: 'settings', parameterNotFoundAction: 'Deny' } },
  );
  const labelled = await post(CONFIG_MAPS, map({}, { labels: { a: 'b' } }));
  expect(labelled.json.metadata.annotations).toEqual({ color: 'red', by: 'kubernetes-admin', in: 'default' });
  expect((await post(CONFIG_MAPS, map({}))).json.metadata.annotations).toBeUndefined();
  await call(server, admin, 'DELETE', `${CONFIG_MAPS}/settings`);
  const refused = await post(CONFIG_MAPS, map({}, { labels: { a: 'b' } }));
  const message =
    "policy 'p' with binding 'p-everywhere' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction";
  expect(refused.json).toMatchObject({ code: 403, reason: 'Forbidden', message, details: { causes: [{ message }] } });
});

const denied = "policy 'p' with binding 'p-everywhere' denied request: ";

test.each([
  [
    applying('Object{spec: Object.specx{replicas: 1}}'),
    'type mismatch: unexpected type name "Object.specx", expected "Object.spec", which matches field name path from root Object type',
  ],
  [
    applying('Object{spec: Object.spec{replicasx: 1}}'),
    'error applying patch: failed to convert patch object to typed object: .spec.replicasx: field not declared in schema',
  ],
  [
    applying('Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"l": "v"}}}}'),
    'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector',
  ],
  [
    applying(`Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{
      containers: [Object.spec.template.spec.containers{name: "app", args: ["-v"]}]}}}}`),
    'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.template.spec.containers[0].args',
  ],
  [applying('Object{spec: Object.spec{replicas: int(object.spec.none)}}'), /resulted in error: no such key: none$/],
  [
    patching('[JSONPatch{op: "replace", path: "/spec/template/spec/containers/-", value: {"name": "x"}}]'),
    'JSON Patch: replace operation does not apply: doc is missing key: /spec/template/spec/containers/-: missing value',
  ],
  [
    patching('[JSONPatch{op: "remove", path: "/spec/none"}]'),
    "JSON Patch: error in remove for path: '/spec/none': Unable to remove nonexistent key: none: missing value",
  ],
  [
    patching('[JSONPatch{op: "add", path: "/none/at/all", value: 1}]'),
    'JSON Patch: add operation does not apply: doc is missing path: "/none/at/all": missing value',
  ],
])('what cannot be done is refused, or left undone where failures are ignored (%#)', async (mutation, problem) => {
  const spec = { matchConstraints: rules('apps', 'deployments'), mutations: [mutation] };
  await policy(spec);
  const { json } = await post(DEPLOYMENTS, deployment());
  expect([json.code, json.reason]).toEqual([403, 'Invalid']);
  if (typeof problem === 'string') expect(json.message).toBe(`${denied}${problem}`);
  else expect(json.message).toMatch(problem);
  await call(server, admin, 'PATCH', `${GROUP}/mutatingadmissionpolicies/p`, {
    body: { spec: { failurePolicy: 'Ignore' } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  expect((await post(DEPLOYMENTS, deployment())).status).toBe(201);
});

test('a policy that cannot be followed at all is told by itself', async () => {
  await policy({ paramKind: { apiVersion: 'none.example.com/v1', kind: 'None' }, mutations: [applying('Object{}')] });
  const { json } = await post(CONFIG_MAPS, map({}));
  expect(json.message).toMatch(/^policy "p" denied request: failed to configure policy: failed to find resource/);
  expect(json.details.name).toBe('cm-');
});

test('a patch that makes something else of the object than its kind is a failure of the server', async () => {
  await policy({ mutations: [patching('[JSONPatch{op: "add", path: "/dataX", value: 1}]')] });
  const { json } = await post(CONFIG_MAPS, map({}));
  expect([json.code, json.message]).toEqual([
    500,
    'Internal error occurred: strict decoding error: unknown field "dataX"',
  ]);
});

test('who asked for it looks again, once, at what others have changed', async () => {
  const count = (name: string) =>
    applying(`Object{data: {"${name}": string(has(object.data.${name}) ? int(object.data.${name}) + 1 : 1)}}`);
  await policy({ mutations: [count('a')], reinvocationPolicy: 'IfNeeded' }, {}, 'a');
  await policy({ mutations: [count('b')] }, {}, 'b');
  expect((await post(CONFIG_MAPS, map({ c: '' }))).json.data).toEqual({ a: '2', b: '1', c: '' });
});

test('policies of both kinds and their bindings are beyond their reach', async () => {
  await policy({
    matchConstraints: rules('*', '*'),
    mutations: [applying('Object{metadata: Object.metadata{labels: {"touched": "yes"}}}')],
  });
  expect((await post(CONFIG_MAPS, map({}))).json.metadata.labels).toEqual({ touched: 'yes' });
  const other = await written({ mutations: [applying('Object{}')] }, 'other');
  expect(other.json.metadata.labels).toBeUndefined();
});

test.each<[Json, string]>([
  [
    { mutations: [{ patchType: 'JSONPatch', applyConfiguration: { expression: 'Object{}' } }] },
    '[spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch, spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch]',
  ],
  [{ mutations: [applying(' ')] }, 'spec.mutations[0].applyConfiguration.expression: Required value'],
  [
    { mutations: [applying('"text"')] },
    'spec.mutations[0].applyConfiguration.expression: Invalid value: "\\"text\\"": must evaluate to Object but got string',
  ],
  [
    { mutations: [patching('[Object{}]')] },
    'spec.mutations[0].jsonPatch.expression: Invalid value: "[Object{}]": must evaluate to list(JSONPatch) but got list(Object)',
  ],
  [
    { mutations: [patching('[JSONPatch{op: 1}]')] },
    /compilation failed: ERROR: <input>:1:14: expected type of field 'op' is 'string' but provided type is 'int'/,
  ],
  [{ mutations: [patching('[JSONPatch{ops: ""}]')] }, /undefined field 'ops'/],
  [{ mutations: [applying('Other{}')] }, /undeclared reference to 'Other' \(in container ''\)/],
  [
    { variables: [{ name: 'v', expression: 'Object{}' }], mutations: [applying('Object{}')] },
    /spec.variables\[0\].expression: .*undeclared reference to 'Object'/,
  ],
  [
    { mutations: [applying('Object{}')], reinvocationPolicy: 'other' },
    'spec.reinvocationPolicy: Unsupported value: "other": supported values: "IfNeeded", "Never"',
  ],
  [
    { mutations: [applying('Object{}')], matchConstraints: rules('', 'configmaps', ['DELETE']) },
    'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
  ],
] as [Json, string][])('a policy that cannot be is refused (%#)', async (spec, problem: string | RegExp) => {
  const { status, json } = await written(spec);
  expect(status).toBe(422);
  if (typeof problem === 'string')
    expect(json.message).toBe(`MutatingAdmissionPolicy.admissionregistration.k8s.io "p" is invalid: ${problem}`);
  else expect(json.message).toMatch(problem);
});
