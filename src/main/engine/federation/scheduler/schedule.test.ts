import { describe, expect, test } from 'vitest';
import type { Binding, BindingSpec, ClusterLike, ClusterObject } from '../api.ts';
import { KEYS } from '../api.ts';
import { schedulingReason } from './decide.ts';
import { schedule } from './schedule.ts';

const cluster = (name: string, more: Partial<ClusterLike> = {}): ClusterLike => ({
  metadata: { name },
  status: { apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ name: 'deployments', kind: 'Deployment' }] }] },
  ...more,
});
const specOf = (spec: Partial<BindingSpec>): BindingSpec => ({
  resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nginx', namespace: 'default', uid: 'u' },
  replicas: 3,
  ...spec,
});

describe('the decision', () => {
  test('explains why each cluster was left out, in words of the API', () => {
    const tainted = cluster('b', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } });
    const result = schedule([cluster('a', { status: {} }), tainted], specOf({ placement: {} }));
    expect(result.error).toEqual({
      reason: 'NoClusterFit',
      message:
        '0/2 clusters are available: 1 cluster(s) did not have the API resource, 1 cluster(s) had untolerated taint {k=v:NoSchedule}.',
    });
    expect(result.explanation.map(({ name, rejected }) => [name, rejected?.plugin])).toEqual([
      ['a', 'APIEnablement'],
      ['b', 'TaintToleration'],
    ]);
  });

  test('says that there are no clusters', () => {
    expect(schedule([], specOf({ placement: {} })).error?.message).toBe(
      '0/0 clusters are available: no cluster exists.',
    );
  });

  test('falls to the next affinity group when the first has no cluster, and stays there', () => {
    const placement = {
      clusterAffinities: [
        { affinityName: 'main', clusterNames: ['gone'] },
        { affinityName: 'backup', clusterNames: ['a'] },
      ],
    };
    const first = schedule([cluster('a')], specOf({ placement }));
    expect(first).toMatchObject({ affinityName: 'backup', clusters: [{ name: 'a', replicas: 3 }], error: null });
    expect(first.failedTerms.map(({ affinityName }) => affinityName)).toEqual(['main']);
    const second = schedule([cluster('a'), cluster('gone')], specOf({ placement }), {
      schedulerObservingAffinityName: 'backup',
    });
    expect(second.affinityName).toBe('backup');
  });

  test('a workload scaled to zero leaves its clusters even when a rebalance was asked for', () => {
    const spec = specOf({
      replicas: 0,
      replicaRequirements: { resourceRequest: { cpu: '1' } },
      clusters: [{ name: 'a', replicas: 4 }],
      placement: { replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' } },
      rescheduleTriggeredAt: '2026-01-02T00:00:00Z',
    });
    const result = schedule([cluster('a')], spec, { lastScheduledTime: '2026-01-01T00:00:00Z' });
    expect(result).toMatchObject({ clusters: [], error: null });
  });
});

describe('when to decide again', () => {
  const divided = { replicaScheduling: { replicaSchedulingType: 'Divided' } };
  const binding = (spec: Partial<BindingSpec>, applied: unknown): Binding => ({
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { name: 'x', annotations: { [KEYS.appliedPlacement]: JSON.stringify(applied) } },
    spec: specOf(spec),
  });
  const none = new Map<string, ClusterObject>();

  test('a divided workload whose replicas add up is left alone, whatever clusters there are', () => {
    const settled = binding({ placement: divided, clusters: [{ name: 'a', replicas: 3 }] }, divided);
    expect(schedulingReason(settled, none)).toBeNull();
  });
  test('another placement, other replicas, or an object that is copied everywhere call for it', () => {
    const clusters = [{ name: 'a', replicas: 3 }];
    expect(schedulingReason(binding({ placement: divided, clusters }, {}), none)).toBe('PlacementChanged');
    expect(schedulingReason(binding({ placement: divided, clusters, replicas: 4 }, divided), none)).toBe(
      'ReplicasChanged',
    );
    expect(schedulingReason(binding({ placement: {}, clusters }, {}), none)).toBe('NotDivided');
  });
});
