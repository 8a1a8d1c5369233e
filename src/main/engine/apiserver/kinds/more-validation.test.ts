/** Refusals beyond the recorded ones: paths and texts people and scripts know. */
import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { createKindRegistry } from './index.ts';

const registry = createKindRegistry();

function complaints(apiVersion: string, kind: string, spec: Json, old: Json = null): string[] {
  const definition = registry.findKind(apiVersion, kind)!;
  const object = (given: Json): KubeObject => {
    const made = {
      apiVersion,
      kind,
      metadata: { name: 'x', namespace: 'n' },
      spec: structuredClone(given),
    } as KubeObject;
    if (!definition.namespaced) delete made.metadata.namespace;
    definition.defaults?.(made);
    return made;
  };
  const before = old === null ? null : object(old);
  const after = object(spec);
  definition.prepare?.(after, before);
  return (definition.validate?.(after, before) ?? []).map((error) => `${error.field}: ${error.message}`);
}

const template = (spec: Json = {}): Json => ({
  selector: { matchLabels: { a: 'b' } },
  template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } },
});

test.each<[string, string, Json, string]>([
  [
    'apps/v1',
    'Deployment',
    { ...template(), strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } },
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ],
  [
    'apps/v1',
    'Deployment',
    { ...template(), strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
  ],
  [
    'apps/v1',
    'Deployment',
    { ...template(), strategy: { rollingUpdate: { maxUnavailable: '150%' } } },
    'must not be greater than 100%',
  ],
  [
    'apps/v1',
    'Deployment',
    { ...template(), strategy: { rollingUpdate: { maxSurge: 'lots' } } },
    'spec.strategy.rollingUpdate.maxSurge: Invalid value: "lots": a valid percent string must be a numeric string',
  ],
  [
    'apps/v1',
    'Deployment',
    { ...template(), minReadySeconds: 600 },
    'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
  ],
  [
    'apps/v1',
    'DaemonSet',
    { ...template(), updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
  ],
  [
    'apps/v1',
    'StatefulSet',
    { ...template(), podManagementPolicy: 'Random' },
    `spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel'`,
  ],
  [
    'v1',
    'Pod',
    { containers: [{ name: 'c', image: 'i' }], topologySpreadConstraints: [{ maxSkew: 0 }] },
    'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
  ],
  [
    'policy/v1',
    'PodDisruptionBudget',
    { minAvailable: '120%' },
    'spec.minAvailable: Invalid value: "120%": must not be greater than 100%',
  ],
  [
    'v1',
    'Service',
    { clusterIP: 'None', type: 'NodePort', ports: [{ port: 80 }] },
    'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
  ],
  [
    'v1',
    'Service',
    {
      ports: [
        { name: 'a', port: 80 },
        { name: 'a', port: 81 },
      ],
    },
    'spec.ports[1].name: Duplicate value: "a"',
  ],
  [
    'v1',
    'Service',
    {
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80 },
      ],
    },
    'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
  ],
  [
    'v1',
    'Service',
    { sessionAffinity: 'Maybe', ports: [{ port: 80 }] },
    'spec.sessionAffinity: Unsupported value: "Maybe": supported values: "ClientIP", "None"',
  ],
  [
    'v1',
    'Service',
    { externalIPs: ['x'], ports: [{ port: 80 }] },
    'spec.externalIPs[0]: Invalid value: "x": must be a valid IP address',
  ],
  [
    'v1',
    'Node',
    { taints: [{ key: 'k', effect: 'Sometimes' }] },
    'metadata.taints[0].effect: Unsupported value: "Sometimes"',
  ],
  [
    'v1',
    'Node',
    {
      taints: [
        { key: 'k', effect: 'NoSchedule' },
        { key: 'k', effect: 'NoSchedule' },
      ],
    },
    'metadata.taints[1]: Duplicate value',
  ],
  [
    'v1',
    'ResourceQuota',
    { hard: { pods: '-1' } },
    'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    'v1',
    'ResourceQuota',
    { hard: { cups: '1' } },
    'spec.hard[cups]: Invalid value: "cups": must be a standard resource type or fully qualified',
  ],
  [
    'v1',
    'LimitRange',
    { limits: [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }] },
    'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
  ],
  [
    'v1',
    'LimitRange',
    { limits: [{ type: 'Pod', default: { cpu: '1' } }] },
    "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
  ],
  ['v1', 'LimitRange', { limits: [{ type: 'Pod' }, { type: 'Pod' }] }, 'spec.limits[1].type: Duplicate value: "Pod"'],
  [
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    { request: 'eA==', signerName: 'nobody', usages: ['client auth'] },
    'spec.signerName: Invalid value: "nobody": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
  ],
  [
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    { request: 'eA==', signerName: 'a.io/b', usages: ['flying'] },
    'spec.usages[0]: Unsupported value: "flying"',
  ],
  [
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    { request: 'eA==', signerName: 'a.io/b', expirationSeconds: 5 },
    'may not specify a duration less than 600 seconds (10 minutes)',
  ],
])('%s %s %j: %s', (apiVersion, kind, spec, expected) => {
  expect(complaints(apiVersion, kind, spec).join('\n')).toContain(expected);
});

test.each<[string, string, Json, Json, string]>([
  [
    'apps/v1',
    'StatefulSet',
    { ...template(), serviceName: 'a' },
    { ...template(), serviceName: 'b' },
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template'",
  ],
  [
    'v1',
    'Node',
    { providerID: 'a' },
    { providerID: 'b' },
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  ],
  [
    'v1',
    'ResourceQuota',
    { scopes: ['BestEffort'] },
    { scopes: ['Terminating'] },
    'spec.scopes: Invalid value: ["Terminating"]: field is immutable',
  ],
])('a change of %s %s from %j is refused: %s', (apiVersion, kind, old, spec, expected) => {
  expect(complaints(apiVersion, kind, spec, old).join('\n')).toContain(expected);
});

test('a stateful set may be scaled and its template changed', () => {
  const changed = { ...template({ dnsPolicy: 'Default' }), replicas: 7 };
  expect(complaints('apps/v1', 'StatefulSet', changed, template())).toEqual([]);
});
