import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS } from '../api.ts';
import { defaultPolicy, defaultWork } from './defaults.ts';
import { validateCluster, validateOverridePolicy, validatePolicy } from './validate.ts';

const policy = (spec: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'PropagationPolicy',
  metadata: { name: 'p', namespace: 'shop', ...metadata },
  spec: { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment' }], ...spec },
});
function problems(spec: object): string[] {
  const object = policy(spec);
  defaultPolicy(object, true);
  return validatePolicy(object, null).map(({ field }) => field);
}

describe('admission of policies', () => {
  test('fills in what Karmada fills in, once', () => {
    const object = policy({ placement: { spreadConstraints: [{ maxGroups: 2 }], replicaScheduling: {} } });
    defaultPolicy(object, true);
    const id = object.metadata.labels?.[KEYS.ppId];
    expect(object.metadata.finalizers).toEqual(['karmada.io/propagation-policy-controller']);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(object.spec).toMatchObject({
      priority: 0,
      preemption: 'Never',
      conflictResolution: 'Abort',
      schedulerName: 'default-scheduler',
      resourceSelectors: [{ namespace: 'shop' }],
      placement: {
        spreadConstraints: [{ spreadByField: 'cluster', minGroups: 1, maxGroups: 2 }],
        replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' },
      },
    });
    const again = structuredClone(object);
    defaultPolicy(again, true);
    expect(again).toEqual(object);
  });

  test.each([
    [{ resourceSelectors: [] }, 'spec.resourceSelectors'],
    [
      { resourceSelectors: [{ apiVersion: 'v1', kind: 'Secret', namespace: 'other' }] },
      'spec.resourceSelectors[0].namespace',
    ],
    [{ preemption: 'Always' }, 'spec.resourceSelectors[0].name'],
    [{ failover: { application: {} } }, 'spec.propagateDeps'],
    [{ placement: { clusterAffinity: {}, clusterAffinities: [{ affinityName: 'a' }] } }, 'spec.placement'],
    [{ placement: { spreadConstraints: [{ spreadByField: 'region' }] } }, 'spec.placement.spreadConstraints'],
    [
      { placement: { spreadConstraints: [{ minGroups: 3, maxGroups: 2 }] } },
      'spec.placement.spreadConstraints[0].maxGroups',
    ],
    [
      {
        placement: {
          replicaScheduling: { weightPreference: { staticWeightList: [{ targetCluster: {}, weight: 0 }] } },
        },
      },
      'spec.placement.replicaScheduling.weightPreference.staticWeightList[0].weight',
    ],
    [
      { placement: { clusterTolerations: [{ operator: 'Lt', key: 'a' }] } },
      'spec.placement.clusterTolerations[0].operator',
    ],
  ])('refuses case %#', (spec, field) => {
    expect(problems(spec)).toContain(field);
  });

  test('the scheduler and the permanent id cannot be changed', () => {
    const old = policy({ schedulerName: 'a' }, { labels: { [KEYS.ppId]: '1' } });
    const next = policy({ schedulerName: 'b' }, { labels: { [KEYS.ppId]: '2' } });
    defaultPolicy(next, false);
    expect(validatePolicy(next, old).map(({ field }) => field)).toEqual([
      'spec.schedulerName',
      `metadata.labels[${KEYS.ppId}]`,
    ]);
  });
});

test('override policies: bad pointers and double forms are refused', () => {
  const override: KubeObject = {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'OverridePolicy',
    metadata: { name: 'o', namespace: 'shop' },
    spec: {
      targetCluster: {},
      overrideRules: [
        { overriders: { fieldOverrider: [{ fieldPath: 'x', json: [{ subPath: '/a', operator: 'add' }] }] } },
      ],
    },
  };
  expect(validateOverridePolicy(override).map(({ field }) => field)).toEqual([
    'spec.overrideRules',
    'spec.overrideRules[0].overriders.fieldOverrider[0].fieldPath',
    'spec.overrideRules[0].overriders.fieldOverrider[0].value',
  ]);
});

test('a cluster needs a short DNS label and unique taints', () => {
  const cluster = (name: string, taints: object[] = []): KubeObject => ({
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name },
    spec: { taints },
  });
  expect(validateCluster(cluster('a'.repeat(49)))).toHaveLength(1);
  expect(
    validateCluster(
      cluster('a', [
        { key: 'k', effect: 'NoSchedule' },
        { key: 'k', effect: 'NoSchedule' },
      ]),
    ),
  ).toHaveLength(1);
  expect(validateCluster(cluster('member-1'))).toEqual([]);
});

test('a Work carries its id into every manifest', () => {
  const work: KubeObject = {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: { name: 'w' },
    spec: { workload: { manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }] } },
  };
  defaultWork(work, true);
  expect(work.spec.workload.manifests[0].metadata.labels[KEYS.workId]).toBe(work.metadata.labels?.[KEYS.workId]);
});
