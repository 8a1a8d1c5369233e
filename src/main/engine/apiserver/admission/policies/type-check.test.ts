/** What is said of expressions that get a kind wrong. */
import { expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { createKindRegistry } from '../../kinds/index.ts';
import { typeWarnings } from './type-check.ts';

const registry = createKindRegistry();
const rule = (group: string, resources: string[], version = 'v1'): Json => ({
  apiGroups: [group],
  apiVersions: [version],
  operations: ['CREATE'],
  resources,
});
const warnings = (expression: string, spec: Json = {}) =>
  typeWarnings(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'p' },
      spec: {
        matchConstraints: { resourceRules: [rule('apps', ['deployments'])] },
        validations: [{ expression }],
        ...spec,
      },
    },
    registry,
  );

test.each([
  'object.spec.replicas < 5',
  'object.metadata.labels["a"] == "b" && has(object.metadata.creationTimestamp)',
  'object.spec.template.spec.containers.all(c, c.name.startsWith("a") && !has(c.livenessProbe.httpGet))',
  'object.spec.template.spec.containers.all(c, c.resources.limits.cpu != "" && c.ports.all(p, p.hostPort == 0))',
  'oldObject == null || object.spec.replicas > oldObject.spec.replicas',
  'object.metadata.creationTimestamp + duration("1h") > timestamp("2020-01-01T00:00:00Z")',
  'authorizer.group("apps").resource("deployments").check("get").allowed() && request.operation == "CREATE"',
  'namespaceObject.metadata.name == object.metadata.name',
])('%s is right about deployments', (expression) => {
  expect(warnings(expression)).toEqual([]);
});

test('a field that is none and a comparison that cannot be are told with their place', () => {
  expect(warnings('object.spec.nosuch == 1')).toEqual([
    {
      fieldRef: 'spec.validations[0].expression',
      warning:
        "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'nosuch'\n | object.spec.nosuch == 1\n | ...........^\n",
    },
  ]);
  const [found] = warnings('object.spec.replicas == "3"');
  expect(found!.warning).toContain("found no matching overload for '_==_' applied to '(int, string)'");
});

test('each kind of the rules is looked at, in order; what stars and subresources name is not', () => {
  const matchConstraints = {
    resourceRules: [rule('', ['services', 'pods', 'pods/status']), rule('*', ['deployments']), rule('apps', ['*'])],
  };
  const [found, ...others] = warnings('object.spec.clusterIP == ""', { matchConstraints });
  expect(found!.warning).toMatch(/^\/v1, Kind=Pod: .*undefined field 'clusterIP'/);
  expect(found!.warning).not.toContain('Kind=Service');
  expect(others).toEqual([]);
});

test('variables and parameters have types, too; messages are looked at like rules', () => {
  const spec = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    variables: [
      { name: 'containers', expression: 'object.spec.template.spec.containers' },
      { name: 'first', expression: 'variables.containers[0]' },
    ],
    validations: [
      {
        expression: 'variables.first.image.startsWith(params.data.registry)',
        messageExpression: '"no " + params.datum',
      },
    ],
  };
  expect(warnings('', spec)).toEqual([
    {
      fieldRef: 'spec.validations[0].messageExpression',
      warning: expect.stringContaining("undefined field 'datum'"),
    },
  ]);
});
