import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { AccessAttributes } from '../../auth/authorize.ts';
import { createKindRegistry } from '../../kinds/index.ts';
import type { AdmissionRequest, UserInfo } from '../../types.ts';
import { conditionsMatch } from './conditions.ts';
import { webhooksOf } from './config.ts';

/** Lets nobody but ann list secrets. */
const authorizer = {
  decide: (user: UserInfo, { verb, resource }: AccessAttributes) => ({
    allowed: user.username === 'ann' && verb === 'list' && resource?.resource === 'secrets',
    reason: '',
  }),
  rulesFor: () => ({ rules: [], problem: '' }),
};
const kind = createKindRegistry().find('', 'v1', 'configmaps')!;
const object = (data: Json): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
  data,
});
const request = (change: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  operation: 'CREATE',
  kind,
  subresource: '',
  namespace: 'default',
  name: 'web',
  object: object({ a: '1' }),
  old: null,
  user: { username: 'ann', groups: ['dev', 'system:authenticated'], extra: { team: ['blue'] } },
  dryRun: false,
  options: { fieldManager: 'kubectl' },
  notes: { warnings: [], annotations: {} },
  ...change,
});

function matches(expressions: string[], asked = request(), failurePolicy = 'Fail'): boolean {
  const matchConditions = expressions.map((expression, index) => ({ name: `c${index}`, expression }));
  const [hook] = webhooksOf({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'c' },
    webhooks: [{ name: 'w', failurePolicy, matchConditions }],
  });
  return conditionsMatch(hook!, asked, kind, authorizer);
}

describe('what conditions see', () => {
  test.each([
    ['object.metadata.labels.app == "web" && object.data.size() == 1', true],
    ['oldObject == null', true],
    ['object.kind == "Secret"', false],
    ['has(object.metadata.annotations)', false],
    ['request.operation == "CREATE" && request.name == "web" && request.namespace == "default"', true],
    ['request.kind.kind == "ConfigMap" && request.resource.resource == "configmaps"', true],
    ['request.requestKind.version == "v1" && request.requestResource.group == ""', true],
    ['has(request.subResource)', false],
    ['request.userInfo.username == "ann" && "dev" in request.userInfo.groups', true],
    ['!("system:nodes" in request.userInfo.groups) && request.userInfo.extra["team"] == ["blue"]', true],
    ['request.dryRun', false],
    ['authorizer.group("").resource("secrets").namespace("default").check("list").allowed()', true],
    ['authorizer.serviceAccount("default", "x").group("").resource("secrets").check("list").allowed()', false],
    ['authorizer.requestResource.check("create").allowed() || authorizer.path("/x").check("get").allowed()', false],
    ['request.options.fieldManager.startsWith("kube")', true],
  ])('%s: %s', (expression, expected) => {
    expect(matches([expression])).toBe(expected);
  });

  test('the old object of a change, and no new one of a deletion', () => {
    const old = object({ a: '0' });
    expect(matches(['object.data.a != oldObject.data.a'], request({ operation: 'UPDATE', old }))).toBe(true);
    const deletion = request({ operation: 'DELETE', object: null, old });
    expect(matches(['object == null && oldObject.data.a == "0"'], deletion)).toBe(true);
  });

  test('numbers as they are written', () => {
    const asked = request({ object: object({ whole: 3, part: 0.5 }) });
    expect(matches(['object.data.whole == 3 && type(object.data.whole) == int && object.data.part < 1.0'], asked)).toBe(
      true,
    );
  });
});

describe('judgement', () => {
  const missing = 'object.spec.replicas > 1';

  test('all have to be true', () => {
    expect(matches(['true', 'object.data.a == "1"'])).toBe(true);
    expect(matches(['true', 'false'])).toBe(false);
    expect(matches([])).toBe(true);
  });

  test('a condition that fails refuses the request or leaves the webhook out, as the policy says', () => {
    expect(() => matches([missing])).toThrow(
      `configmaps "web" is forbidden: expression 'object.spec.replicas > 1' resulted in error: no such key: spec`,
    );
    expect(matches([missing], request(), 'Ignore')).toBe(false);
  });

  test('several failures are told together, the same one once', () => {
    expect(() => matches([missing, 'object.data.b == ""', missing])).toThrow(
      /forbidden: \[expression 'object.spec.replicas > 1' .* key: spec, expression 'object.data.b == ""' .* key: b\]$/,
    );
  });

  test('one that is false decides, whatever else fails', () => {
    expect(matches([missing, 'false'])).toBe(false);
    expect(matches(['false', missing])).toBe(false);
  });

  test('one that does not compile fails', () => {
    expect(() => matches(['objekt.data.a == ""'])).toThrow(
      /forbidden: compilation error: compilation failed: ERROR: <input>:1:1: undeclared reference to 'objekt'/,
    );
  });

  test('what costs too much ends', () => {
    const items = Array.from({ length: 300 }, (_, index) => index);
    const asked = request({ object: object({ items }) });
    const dear = 'object.data.items.all(a, object.data.items.all(b, object.data.items.all(c, a + b + c >= 0)))';
    expect(() => matches([dear], asked)).toThrow(/resulted in error: operation cancelled: actual cost limit exceeded$/);
    expect(() => matches([dear, dear, dear, 'false'], asked)).toThrow(
      'forbidden: validation failed due to running out of cost budget, no further validation rules will be run',
    );
  });
});
