import { describe, expect, test } from 'vitest';
import type { ClusterObject, Remedy } from '../api.ts';
import { remedyActions } from './remedies.ts';

const DNS = 'ServiceDomainNameResolutionReady';
const cluster = (name: string, dns?: 'True' | 'False'): ClusterObject => ({
  apiVersion: 'cluster.karmada.io/v1alpha1',
  kind: 'Cluster',
  metadata: { name },
  spec: {},
  status: dns === undefined ? {} : { conditions: [{ type: DNS, status: dns }] },
});
const remedy = (spec: Remedy['spec']): Remedy => ({
  apiVersion: 'remedy.karmada.io/v1alpha1',
  kind: 'Remedy',
  metadata: { name: 'r' },
  spec,
});
const broken = (operator: 'Equal' | 'NotEqual', conditionStatus: string) => [
  { clusterConditionMatch: { conditionType: DNS, operator, conditionStatus } },
];

describe('the actions of remedies', () => {
  const actions = ['TrafficControl'];
  test('without matches they always apply, to every cluster', () => {
    expect(remedyActions(cluster('a'), [remedy({ actions }), remedy({ actions })])).toEqual(actions);
  });

  test('a condition decides; one that is not reported never matches, not even by NotEqual', () => {
    const dns = remedy({ decisionMatches: broken('Equal', 'False'), actions });
    expect(remedyActions(cluster('a', 'False'), [dns])).toEqual(actions);
    expect(remedyActions(cluster('a', 'True'), [dns])).toEqual([]);
    expect(remedyActions(cluster('a'), [remedy({ decisionMatches: broken('NotEqual', 'True'), actions })])).toEqual([]);
  });

  test('one of several matches is enough', () => {
    const either = [...broken('Equal', 'True'), ...broken('Equal', 'False')];
    expect(remedyActions(cluster('a', 'False'), [remedy({ decisionMatches: either, actions })])).toEqual(actions);
  });

  test('only the named clusters, and no remedy that is being deleted', () => {
    const named = remedy({ clusterAffinity: { clusterNames: ['b'] }, actions });
    expect(remedyActions(cluster('a'), [named])).toEqual([]);
    expect(remedyActions(cluster('b'), [named])).toEqual(actions);
    named.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(remedyActions(cluster('b'), [named])).toEqual([]);
  });
});
