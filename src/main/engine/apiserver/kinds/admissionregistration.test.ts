import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { createKindRegistry } from './index.ts';

const registry = createKindRegistry();
const GROUP = 'admissionregistration.k8s.io/v1';

function made(apiVersion: string, kind: string, name: string, rest: Json): { object: KubeObject; errors: string[] } {
  const definition = registry.findKind(apiVersion, kind)!;
  const object = { apiVersion, kind, metadata: { name }, ...rest } as KubeObject;
  definition.defaults?.(object);
  definition.prepare?.(object, null);
  const errors = (definition.validate?.(object, null) ?? []).map((error) => `${error.field}: ${error.message}`);
  return { object, errors };
}

const webhook = (change: Json = {}): Json => ({
  name: 'check.example.com',
  clientConfig: { service: { name: 's', namespace: 'n', path: '/check' } },
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  ...change,
});

describe('webhook configurations', () => {
  test('get the defaults people rely on', () => {
    const { object, errors } = made(GROUP, 'MutatingWebhookConfiguration', 'w', { webhooks: [webhook()] });
    expect(errors).toEqual([]);
    expect(object.webhooks[0]).toMatchObject({
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
      reinvocationPolicy: 'Never',
      clientConfig: { service: { port: 443 } },
      rules: [{ scope: '*' }],
    });
    expect(
      made(GROUP, 'ValidatingWebhookConfiguration', 'w', { webhooks: [webhook()] }).object.webhooks[0],
    ).not.toHaveProperty('reinvocationPolicy');
  });

  test.each<[Json, string]>([
    [
      { name: 'check' },
      'webhooks[0].name: Invalid value: "check": should be a domain with at least three segments separated by dots',
    ],
    [{ clientConfig: {} }, 'webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
    [
      { clientConfig: { url: 'http://a.example.com' } },
      `webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
    ],
    [{ sideEffects: undefined }, 'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    [
      { sideEffects: 'Some' },
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ],
    [
      { timeoutSeconds: 60 },
      'webhooks[0].timeoutSeconds: Invalid value: 60: the timeout value must be between 1 and 30 seconds',
    ],
    [
      { admissionReviewVersions: [] },
      'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1',
    ],
    [
      { failurePolicy: 'Shrug' },
      'webhooks[0].failurePolicy: Unsupported value: "Shrug": supported values: "Fail", "Ignore"',
    ],
    [
      { rules: [{ operations: ['PATCH'], apiGroups: ['*'], apiVersions: ['v1'], resources: ['pods'] }] },
      'webhooks[0].rules[0].operations[0]: Unsupported value: "PATCH": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
    ],
    [
      { rules: [{ operations: ['*'], apiGroups: [], apiVersions: ['v1'], resources: ['pods'] }] },
      'webhooks[0].rules[0].apiGroups: Required value',
    ],
  ])('%j is refused: %s', (change, expected) => {
    expect(made(GROUP, 'ValidatingWebhookConfiguration', 'w', { webhooks: [webhook(change)] }).errors).toEqual([
      expected,
    ]);
  });

  test.each<[Json, string]>([
    [
      { matchConditions: [{ name: 'a', expression: 'objekt == null' }] },
      'webhooks[0].matchConditions[0].expression: Invalid value: "objekt == null": compilation failed: ERROR: <input>:1:1: undeclared reference to \'objekt\'',
    ],
    [
      { matchConditions: [{ name: 'a', expression: 'request.nam == ""' }] },
      "compilation failed: ERROR: <input>:1:8: undefined field 'nam'",
    ],
    [
      { matchConditions: [{ name: 'a', expression: ' request.name ' }] },
      'webhooks[0].matchConditions[0].expression: Invalid value: "request.name": must evaluate to bool but got string',
    ],
    [
      { matchConditions: [{ name: 'a', expression: 'params == null' }] },
      "undeclared reference to 'params' (in container '')",
    ],
    [
      { matchConditions: [{ name: 'a', expression: ' ' }] },
      'webhooks[0].matchConditions[0].expression: Required value',
    ],
    [{ matchConditions: [{ expression: 'true' }] }, 'webhooks[0].matchConditions[0].name: Required value'],
    [
      { matchConditions: [{ name: 'a b', expression: 'true' }] },
      'webhooks[0].matchConditions[0].name: Invalid value: "a b": name part must consist of',
    ],
    [
      {
        matchConditions: [
          { name: 'a', expression: 'true' },
          { name: 'a', expression: 'true' },
        ],
      },
      'webhooks[0].matchConditions[1].name: Duplicate value: "a"',
    ],
    [
      { matchConditions: Array.from({ length: 65 }, (_, index) => ({ name: `c${index}`, expression: 'true' })) },
      'webhooks[0].matchConditions: Too many: 65: must have at most 64 items',
    ],
  ])('%j is refused with %s', (change, expected) => {
    const { errors } = made(GROUP, 'ValidatingWebhookConfiguration', 'w', { webhooks: [webhook(change)] });
    expect(errors).toEqual([expect.stringContaining(expected)]);
  });

  test('conditions that were stored are looked at again when they change', () => {
    const definition = registry.findKind(GROUP, 'MutatingWebhookConfiguration')!;
    const named = (expression: string, change: Json = {}): Json => ({
      ...made(GROUP, 'MutatingWebhookConfiguration', 'w', {
        webhooks: [webhook({ matchConditions: [{ name: 'a', expression }], ...change })],
      }).object,
    });
    const errors = (object: Json) => definition.validate!(object as KubeObject, named('self == null') as KubeObject);
    expect(errors(named('self == null', { timeoutSeconds: 5 }))).toEqual([]);
    expect(errors(named('other == null'))).toHaveLength(1);
  });

  test('two of one name are refused', () => {
    expect(made(GROUP, 'ValidatingWebhookConfiguration', 'w', { webhooks: [webhook(), webhook()] }).errors).toEqual([
      'webhooks[1].name: Duplicate value: "check.example.com"',
    ]);
  });
});

describe('admission policies', () => {
  const matchConstraints = { resourceRules: webhook().rules };
  test('are kept with their defaults', () => {
    const spec = { matchConstraints, validations: [{ expression: 'true' }] };
    const { object, errors } = made(GROUP, 'ValidatingAdmissionPolicy', 'p', { spec });
    expect(errors).toEqual([]);
    expect(object.spec).toMatchObject({ failurePolicy: 'Fail', matchConstraints: { matchPolicy: 'Equivalent' } });
  });
  test.each<[string, Json, string]>([
    [
      'ValidatingAdmissionPolicy',
      { matchConstraints },
      'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
    ],
    [
      'ValidatingAdmissionPolicy',
      { validations: [{ expression: ' ' }], matchConstraints },
      'spec.validations[0].expression: Required value: expression is not specified',
    ],
    ['ValidatingAdmissionPolicy', { validations: [{ expression: 'true' }] }, 'spec.matchConstraints: Required value'],
    [
      'ValidatingAdmissionPolicy',
      { validations: [{ expression: 'object.spec' }], matchConstraints },
      'spec.validations[0].expression: Invalid value: "object.spec": must evaluate to bool but got dyn',
    ],
    [
      'ValidatingAdmissionPolicy',
      { validations: [{ expression: 'params.x == 1' }], matchConstraints },
      "compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')",
    ],
    [
      'ValidatingAdmissionPolicy',
      { variables: [{ name: 'a.b', expression: '1' }], validations: [{ expression: 'true' }], matchConstraints },
      'spec.variables[0].name: Invalid value: "a.b": must be a valid CEL identifier',
    ],
    [
      'ValidatingAdmissionPolicy',
      {
        variables: [{ name: 'n', expression: 'size(request.name)' }],
        validations: [{ expression: 'variables.n == "x"' }],
        matchConstraints,
      },
      "found no matching overload for '_==_' applied to '(int, string)'",
    ],
    [
      'ValidatingAdmissionPolicy',
      { auditAnnotations: [{ key: 'k', valueExpression: '1' }], matchConstraints },
      'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int',
    ],
    [
      'ValidatingAdmissionPolicy',
      { paramKind: { apiVersion: 'a/b/c', kind: 'X' }, validations: [{ expression: 'true' }], matchConstraints },
      'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    ],
    ['ValidatingAdmissionPolicyBinding', { policyName: 'p' }, 'spec.validationActions: Required value'],
    [
      'ValidatingAdmissionPolicyBinding',
      { policyName: 'p', validationActions: ['Deny', 'Warn'] },
      'must not contain both Deny and Warn',
    ],
    ['ValidatingAdmissionPolicyBinding', { validationActions: ['Audit'] }, 'spec.policyName: Required value'],
    [
      'MutatingAdmissionPolicyBinding',
      { policyName: 'p', paramRef: {} },
      'spec.paramRef: Required value: one of name or selector must be specified',
    ],
  ])('%s %j: %s', (kind, spec, expected) => {
    expect(made(GROUP, kind, 'p', { spec }).errors.join('\n')).toContain(expected);
  });
});

test.each<[string, string, string, Json, string]>([
  [
    'apiregistration.k8s.io/v1',
    'APIService',
    'v1.other',
    { spec: { group: 'g.io', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } },
    'metadata.name: Invalid value: "v1.other"',
  ],
  [
    'apiregistration.k8s.io/v1',
    'APIService',
    'v1.g.io',
    { spec: { group: 'g.io', version: 'v1', groupPriorityMinimum: 0, versionPriority: 1 } },
    'must be positive and less than 20000',
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1',
    'FlowSchema',
    'f',
    { spec: {} },
    'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
  ],
])('%s %s %s: %j', (apiVersion, kind, name, rest, expected) => {
  expect(made(apiVersion, kind, name, rest).errors.join('\n')).toContain(expected);
});

test('a priority level gets the queues it does not name', () => {
  const spec = { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } };
  expect(
    made('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', 'p', { spec }).object.spec.limited,
  ).toMatchObject({
    nominalConcurrencyShares: 30,
    limitResponse: { queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
  });
});
