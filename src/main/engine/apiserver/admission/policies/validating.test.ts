/** Policies as a client meets them: written through the API, obeyed by what is written afterwards. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../../start.ts';
import { adminOf, type Credentials, call, type RawAnswer, until } from '../../test-support.ts';
import type { ApiServer } from '../../types.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
let server: ApiServer;
let admin: Credentials;
let counter = 0;
let audited: Json[] = [];

beforeAll(async () => {
  const audit = { sink: (event: Json) => audited.push(event) };
  server = await startApiServer({
    dir: null,
    name: 'policies',
    audit: audit as never,
    controllers: ['validatingadmissionpolicy-status'],
  });
  admin = adminOf(server);
});
afterAll(() => server.close());
afterEach(async () => {
  for (const resource of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies'])
    await call(server, admin, 'DELETE', `${GROUP}/${resource}`);
  audited = [];
});

const post = (path: string, body: Json): Promise<RawAnswer> => call(server, admin, 'POST', path, { body });
const configMap = (data: Json, metadata: Json = {}): Json => ({
  metadata: { name: `cm-${++counter}`, ...metadata },
  data,
});

async function policy(spec: Json, binding: Json = {}): Promise<void> {
  const matchConstraints = {
    resourceRules: [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
    ],
  };
  const written = await post(`${GROUP}/validatingadmissionpolicies`, {
    metadata: { name: 'rules' },
    spec: { matchConstraints, ...spec },
  });
  expect([written.status, written.json.message]).toEqual([201, undefined]);
  const bound = await post(`${GROUP}/validatingadmissionpolicybindings`, {
    metadata: { name: 'everywhere' },
    spec: { policyName: 'rules', validationActions: ['Deny'], ...binding },
  });
  expect([bound.status, bound.json.message]).toEqual([201, undefined]);
}

const small = { expression: 'int(object.data.size) < 5' };
const denied = "ValidatingAdmissionPolicy 'rules' with binding 'everywhere' denied request: ";

test('what breaks a policy is refused with the expression, the message or what the message works out to', async () => {
  await policy({
    validations: [
      small,
      { expression: 'has(object.metadata.labels)', message: ' labels, please ', reason: 'Forbidden' },
      {
        expression: '!("color" in object.data)',
        messageExpression: '"no " + object.data.color + " in " + namespaceObject.metadata.name',
        message: 'no color',
      },
    ],
  });
  const refused = await post(CONFIG_MAPS, configMap({ size: '9' }, { name: 'big', labels: { a: 'b' } }));
  const message = `${denied}failed expression: int(object.data.size) < 5`;
  expect(refused.json).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `configmaps "big" is forbidden: ${message}`,
    reason: 'Invalid',
    details: { name: 'big', kind: 'configmaps', causes: [{ message }] },
    code: 422,
  });
  const bare = await post(CONFIG_MAPS, configMap({ size: '1' }));
  expect([bare.status, bare.json.reason]).toEqual([403, 'Forbidden']);
  expect(bare.json.message).toMatch(/denied request: labels, please$/);
  const blue = await post(CONFIG_MAPS, configMap({ size: '1', color: 'blue' }, { labels: { a: 'b' } }));
  expect(blue.json.message).toMatch(/denied request: no blue in default$/);
  expect((await post(CONFIG_MAPS, configMap({ size: '1' }, { labels: { a: 'b' } }))).status).toBe(201);
});

test('its status says what its expressions get wrong about the kinds it is about', async () => {
  await policy({ validations: [{ expression: 'object.nosuch == 1' }] });
  const path = `${GROUP}/validatingadmissionpolicies/rules`;
  const status = () => call(server, admin, 'GET', path).then(({ json }) => json.status);
  const seen = await until(async () => ((await status()).observedGeneration === 1 ? await status() : undefined));
  const [warning, ...others] = seen.typeChecking.expressionWarnings;
  expect(others).toEqual([]);
  expect(warning.fieldRef).toBe('spec.validations[0].expression');
  expect(warning.warning).toMatch(/^\/v1, Kind=ConfigMap: ERROR: <input>:1:7: undefined field 'nosuch'/);
  await call(server, admin, 'PATCH', path, {
    body: { spec: { validations: [{ expression: 'object.data.size == "1"' }] } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  await until(async () => (await status()).observedGeneration === 2);
  expect(await status()).toEqual({ observedGeneration: 2, typeChecking: {} });
});

test('a binding may warn and write down instead of refusing', async () => {
  await policy({ validations: [small] }, { validationActions: ['Warn', 'Audit'] });
  const written = await post(CONFIG_MAPS, configMap({ size: '9' }));
  expect(written.status).toBe(201);
  expect(written.headers.warning).toBe(
    `299 - "Validation failed for ValidatingAdmissionPolicy 'rules' with binding 'everywhere': failed expression: int(object.data.size) < 5"`,
  );
  const annotations = audited.find(
    (event) => event.annotations?.['validation.policy.admission.k8s.io/validation_failure'],
  );
  expect(JSON.parse(annotations!.annotations['validation.policy.admission.k8s.io/validation_failure'])).toEqual([
    {
      message: 'failed expression: int(object.data.size) < 5',
      policy: 'rules',
      binding: 'everywhere',
      expressionIndex: 0,
      validationActions: ['Warn', 'Audit'],
    },
  ]);
});

test('variables refer to each other and are worked out when they are needed', async () => {
  await policy({
    variables: [
      { name: 'size', expression: 'int(object.data.size)' },
      { name: 'twice', expression: 'variables.size * 2' },
      { name: 'broken', expression: 'object.data.none' },
    ],
    validations: [
      { expression: 'variables.twice < 10', messageExpression: '"twice is " + string(variables.twice)' },
      { expression: 'object.data.size != "3" || variables.broken == ""' },
    ],
    auditAnnotations: [{ key: 'size', valueExpression: '"size " + string(variables.size)' }],
  });
  expect((await post(CONFIG_MAPS, configMap({ size: '1' }))).status).toBe(201);
  expect(audited.some((event) => event.annotations?.['rules/size'] === 'size 1')).toBe(true);
  expect((await post(CONFIG_MAPS, configMap({ size: '6' }))).json.message).toMatch(/denied request: twice is 12$/);
  expect((await post(CONFIG_MAPS, configMap({ size: '3' }))).json.message).toMatch(
    /: expression 'object.data.size != "3" \|\| variables.broken == ""' resulted in error: composited variable "broken" fails to evaluate: no such key: none$/,
  );
});

test('of several failures the first is written down', async () => {
  await policy({ validations: [small, { expression: 'false' }] }, { validationActions: ['Audit'] });
  await post(CONFIG_MAPS, configMap({ size: '9' }));
  const { annotations } = audited.find(
    ({ verb, objectRef }) => verb === 'create' && objectRef?.resource === 'configmaps',
  )!;
  const told = JSON.parse(annotations['validation.policy.admission.k8s.io/validation_failure']);
  expect(told).toEqual([expect.objectContaining({ expressionIndex: 0 })]);
});

test('what is deleted with its collection has no name', async () => {
  const operations = ['DELETE'];
  const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], operations, resources: ['configmaps'] }];
  await post(CONFIG_MAPS, configMap({}, { labels: { kept: 'x' } }));
  await policy({ matchConstraints: { resourceRules }, validations: [{ expression: 'request.name != ""' }] });
  const { json } = await call(server, admin, 'DELETE', `${CONFIG_MAPS}?labelSelector=kept`);
  expect([json.details.name, json.message]).toEqual([
    'Unknown',
    expect.stringMatching(/^configmaps "Unknown" is forb/),
  ]);
});

test('what is nothing has no fields', async () => {
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
  await policy({
    paramKind,
    validations: [{ expression: 'has(params.data.x)' }, { expression: 'params.data.x == "1"' }],
  });
  const { json } = await post(CONFIG_MAPS, configMap({}));
  expect(json.message).toMatch(
    /denied request: expression 'has\(params.data.x\)' resulted in error: no such key: data$/,
  );
});

describe('parameters', () => {
  const paramKind = { apiVersion: 'v1', kind: 'Secret' };
  const validations = [
    { expression: 'params == null || object.data.size == string(params.data.size)', message: 'not what params say' },
  ];
  const secret = (name: string, size: string, labels: Json = {}) =>
    post('/api/v1/namespaces/default/secrets', {
      metadata: { name, labels },
      data: { size: Buffer.from(size).toString('base64') },
    });

  test('a named one, which may be missing', async () => {
    const ref = { name: 'limit', parameterNotFoundAction: 'Deny' };
    await policy({ paramKind, validations }, { paramRef: ref });
    const missing = await post(CONFIG_MAPS, configMap({ size: 'MQ==' }));
    expect(missing.json.message).toMatch(
      /denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction$/,
    );
    await secret('limit', '1');
    expect((await post(CONFIG_MAPS, configMap({ size: 'MQ==' }))).status).toBe(201);
    expect((await post(CONFIG_MAPS, configMap({ size: 'Mg==' }))).json.message).toMatch(/: not what params say$/);
  });

  test('all that a selector finds', async () => {
    await secret('one', '1', { use: 'both' });
    await secret('two', '2', { use: 'both' });
    const ref = { selector: { matchLabels: { use: 'both' } }, parameterNotFoundAction: 'Allow' };
    await policy({ paramKind, validations }, { paramRef: ref });
    expect((await post(CONFIG_MAPS, configMap({ size: 'MQ==' }))).status).toBe(422);
    await call(server, admin, 'DELETE', '/api/v1/namespaces/default/secrets/two');
    expect((await post(CONFIG_MAPS, configMap({ size: 'MQ==' }))).status).toBe(201);
  });

  test('a kind that is not there', async () => {
    await policy({ paramKind: { apiVersion: 'rules.io/v1', kind: 'Limit' }, validations });
    expect((await post(CONFIG_MAPS, configMap({}))).json.message).toMatch(
      /ValidatingAdmissionPolicy 'rules' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'rules.io\/v1, Kind=Limit'$/,
    );
  });
});

test('what does not match is let through', async () => {
  await policy(
    {
      validations: [{ expression: 'false', message: 'never' }],
      matchConditions: [
        { name: 'not-me', expression: '!authorizer.group("").resource("secrets").check("list").allowed()' },
      ],
    },
    {},
  );
  expect((await post(CONFIG_MAPS, configMap({}))).status).toBe(201);
});

test('a binding says where', async () => {
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } };
  const excludeResourceRules = [
    { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], resourceNames: ['spared'] },
  ];
  await policy(
    { validations: [{ expression: 'false', message: 'never' }] },
    { matchResources: { namespaceSelector, excludeResourceRules } },
  );
  expect((await post(CONFIG_MAPS, configMap({}))).status).toBe(201);
  const there = '/api/v1/namespaces/kube-system/configmaps';
  expect((await post(there, configMap({}))).json.message).toMatch(/denied request: never$/);
  expect((await post(there, configMap({}, { name: 'spared' }))).status).toBe(201);
});

test('failures are ignored where the policy says so', async () => {
  await policy({ failurePolicy: 'Ignore', validations: [small] });
  expect((await post(CONFIG_MAPS, configMap({}))).status).toBe(201);
  expect((await post(CONFIG_MAPS, configMap({ size: '9' }))).status).toBe(422);
});

test('connections and tokens are judged like writes', async () => {
  const rule = (operations: string[], resources: string[]) => ({
    resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations, resources }],
  });
  await policy({
    matchConstraints: rule(['CONNECT'], ['pods/exec', 'pods/portforward']),
    validations: [
      {
        expression: "request.kind.kind != 'PodExecOptions' || !object.command.exists(word, word == 'rm')",
        message: 'nothing is removed here',
      },
    ],
  });
  const exec = (command: string) => post(`/api/v1/namespaces/default/pods/none/exec?command=${command}&stdout=1`, {});
  expect((await exec('rm')).json.message).toBe(`pods "none" is forbidden: ${denied}nothing is removed here`);
  expect((await exec('ls')).status).toBe(404);
  await call(server, admin, 'DELETE', `${GROUP}/validatingadmissionpolicybindings/everywhere`);
  await call(server, admin, 'DELETE', `${GROUP}/validatingadmissionpolicies/rules`);
  await policy({
    matchConstraints: rule(['CREATE'], ['serviceaccounts/token']),
    validations: [{ expression: 'object.spec.expirationSeconds <= 3600', message: 'an hour has to do' }],
  });
  const token = (expirationSeconds: number) =>
    post('/api/v1/namespaces/default/serviceaccounts/default/token', { spec: { expirationSeconds } });
  expect((await token(7200)).json.message).toMatch(/denied request: an hour has to do$/);
  expect((await token(3600)).status).toBe(201);
});
