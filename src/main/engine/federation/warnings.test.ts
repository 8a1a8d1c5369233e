import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ClusterObject, Placement, PropagationPolicy } from './api.ts';
import { policyWarnings } from './warnings.ts';

const template: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'nginx', namespace: 'default' },
};
const clusters = ['a', 'b'].map(
  (name): ClusterObject => ({
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name },
    spec: {},
  }),
);
const policy = (placement: Placement, more: object = {}, name = 'nginx'): PropagationPolicy => ({
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'PropagationPolicy',
  metadata: { name: 'p', namespace: 'default' },
  spec: { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name }], placement, ...more },
});
const weights = (...list: [string, number][]): Placement => ({
  replicaScheduling: {
    replicaSchedulingType: 'Divided',
    replicaDivisionPreference: 'Weighted',
    weightPreference: {
      staticWeightList: list.map(([name, weight]) => ({ targetCluster: { clusterNames: [name] }, weight })),
    },
  },
});
const codes = (given: PropagationPolicy, failover = true) =>
  policyWarnings(template, given, null, clusters, failover).map(({ code, params }) => [
    code,
    params?.name ?? params?.field,
  ]);

describe('warnings about a policy', () => {
  test('nothing to say about a sound one', () => {
    expect(codes(policy({ clusterAffinity: { clusterNames: ['a'] }, ...weights(['a', 1]) }))).toEqual([]);
  });
  test('it selects something else', () => {
    expect(codes(policy({}, {}, 'other'))).toEqual([['POLICY_SELECTS_NOTHING', 'p']]);
  });
  test('it names a cluster that is no member', () => {
    expect(codes(policy({ clusterAffinity: { clusterNames: ['a', 'x'] } }))).toEqual([['POLICY_UNKNOWN_CLUSTER', 'x']]);
  });
  test('no eligible cluster has weight', () => {
    expect(codes(policy(weights(['a', 0], ['b', 0])))).toEqual([['POLICY_ZERO_WEIGHTS', undefined]]);
    expect(codes(policy({ clusterAffinity: { clusterNames: ['b'] }, ...weights(['a', 1]) }))).toEqual([
      ['POLICY_ZERO_WEIGHTS', undefined],
    ]);
  });
  test('fields that change nothing are named', () => {
    const spread = { ...weights(['a', 1]), spreadConstraints: [{ spreadByField: 'cluster', maxGroups: 1 }] };
    expect(codes(policy(spread, { failover: {} }), false)).toEqual([
      ['UNSUPPORTED', 'spec.placement.spreadConstraints'],
      ['UNSUPPORTED', 'spec.failover'],
    ]);
  });
});
