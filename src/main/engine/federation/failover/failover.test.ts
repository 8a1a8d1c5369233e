/** When workloads leave a cluster, what the binding looks like then, and when the old copy may go. */
import { describe, expect, test } from 'vitest';
import type { Binding, BindingSpec, BindingStatus, ClusterObject, EvictionTask, Taint } from '../api.ts';
import { evict, evictionDelay, injectedLabels, reviewTasks } from './evict.ts';
import { DEFAULT_FAILOVER } from './settings.ts';
import { jsonPathText } from './state.ts';
import { taintsByPolicies, taintsFor } from './taints.ts';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number): number => T0 + seconds * 1000;
const iso = (seconds: number): string => new Date(at(seconds)).toISOString().replace('.000Z', 'Z');

function binding(spec: Partial<BindingSpec>, status: Partial<BindingStatus> = {}): Binding {
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { name: 'web-deployment', namespace: 'default', generation: 5 },
    spec: {
      resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      replicas: 3,
      placement: { replicaScheduling: { replicaSchedulingType: 'Divided' } },
      ...spec,
    },
    status: {
      schedulerObservedGeneration: 5,
      conditions: [{ type: 'Scheduled', status: 'True' }],
      ...status,
    },
  };
}
const health = (...healthy: [string, 'Healthy' | 'Unhealthy', number?][]): Partial<BindingStatus> => ({
  aggregatedStatus: healthy.map(([clusterName, value, availableReplicas = 3]) => ({
    clusterName,
    health: value,
    applied: true,
    status: { availableReplicas },
  })),
});

describe('taints of a member', () => {
  const own: Taint = { key: 'mine', effect: 'NoExecute' };
  const noSchedule: Taint = { key: 'cluster.karmada.io/not-ready', effect: 'NoSchedule' };
  const noExecute: Taint = { ...noSchedule, effect: 'NoExecute' };
  const notReady = { type: 'Ready', status: 'False' as const, lastTransitionTime: iso(0) };

  test('keep new workloads out at once, and drive out what is there when it lasts', () => {
    expect(taintsFor(notReady, [own], at(10), 300_000)).toEqual([own, noSchedule]);
    expect(taintsFor(notReady, [own, noSchedule], at(299), 300_000)).toEqual([own, noSchedule]);
    expect(taintsFor(notReady, [own, noSchedule], at(300), 300_000)).toEqual([own, noSchedule, noExecute]);
  });
  test('keep the time at which they were added', () => {
    const added = { ...noExecute, timeAdded: iso(300) };
    expect(taintsFor(notReady, [noSchedule, added], at(900), 300_000)).toEqual([noSchedule, added]);
  });
  test('never drive out while take-over is off', () => {
    expect(taintsFor(notReady, [], at(90_000), null)).toEqual([noSchedule]);
  });
  test('go when the member is ready; those of others stay', () => {
    const ready = { ...notReady, status: 'True' as const };
    expect(taintsFor(ready, [own, noSchedule, noExecute], at(1), 300_000)).toEqual([own]);
  });
  test('a member that never reported is not ready', () => {
    expect(taintsFor(undefined, [], at(0), 300_000)).toEqual([noSchedule]);
  });
});

describe('taint policies', () => {
  const cluster = (status: 'True' | 'False', taints: Taint[] = []): ClusterObject => ({
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'm1' },
    spec: { taints },
    status: { conditions: [{ type: 'Ready', status }] },
  });
  const policy = {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'ClusterTaintPolicy',
    metadata: { name: 'p' },
    spec: {
      addOnConditions: [{ conditionType: 'Ready', operator: 'In', statusValues: ['False'] }],
      removeOnConditions: [{ conditionType: 'Ready', operator: 'In', statusValues: ['True'] }],
      taints: [{ key: 'down', effect: 'NoSchedule' as const }],
    },
  };
  test('add on one condition and remove on another', () => {
    const tainted = taintsByPolicies(cluster('False'), [policy]);
    expect(tainted).toEqual(policy.spec.taints);
    expect(taintsByPolicies(cluster('False', tainted), [policy])).toEqual(tainted);
    expect(taintsByPolicies(cluster('True', tainted), [policy])).toEqual([]);
  });
  test('a condition that the cluster does not have is never met, not even by NotIn', () => {
    const absent = [{ conditionType: 'Other', operator: 'NotIn', statusValues: ['x'] }];
    const spec = { ...policy.spec, addOnConditions: absent };
    expect(taintsByPolicies(cluster('False'), [{ ...policy, spec }])).toEqual([]);
  });
  test('another cluster is left alone', () => {
    const spec = { ...policy.spec, targetClusters: { clusterNames: ['m2'] } };
    expect(taintsByPolicies(cluster('False'), [{ ...policy, spec }])).toEqual([]);
  });
});

describe('the time until a taint drives a workload out', () => {
  const taint = (key: string): Taint => ({ key, effect: 'NoExecute', timeAdded: iso(0) });
  const tolerate = (key: string, tolerationSeconds?: number) => ({
    key,
    operator: 'Exists',
    ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
  });
  test.each([
    ['no taint', [], [], null],
    ['a taint for scheduling only', [{ key: 'a', effect: 'NoSchedule' as const }], [], null],
    ['not tolerated', [taint('a')], [], 0],
    ['tolerated for ever', [taint('a')], [tolerate('a')], null],
    ['tolerated for a while', [taint('a')], [tolerate('a', 300)], 200_000],
    ['the shortest of several counts', [taint('a'), taint('b')], [tolerate('a', 300), tolerate('b', 150)], 50_000],
    ['one of two not tolerated', [taint('a'), taint('b')], [tolerate('a', 300)], 0],
    ['over', [taint('a')], [tolerate('a', 60)], 0],
    ['negative seconds are over', [taint('a')], [tolerate('a', -1)], 0],
  ])('%s', (_, taints, tolerations, expected) => {
    expect(evictionDelay(taints, tolerations, at(100))).toBe(expected);
  });
});

describe('evicting', () => {
  const eviction = {
    cluster: 'm1',
    purgeMode: 'Gracefully',
    reason: 'TaintUntolerated' as const,
    message: 'lost',
    producer: 'TaintManager',
  };
  test('takes the cluster out and leaves a task with what was there', () => {
    const live = binding({
      clusters: [
        { name: 'm1', replicas: 2 },
        { name: 'm2', replicas: 1 },
      ],
    });
    expect(evict(live, eviction)).toBe(true);
    expect(live.spec.clusters).toEqual([{ name: 'm2', replicas: 1 }]);
    // The time is set by who looks after the tasks; without a state to carry over nobody needs to know where it ran.
    const { cluster: fromCluster, ...why } = eviction;
    expect(live.spec.gracefulEvictionTasks).toEqual([{ fromCluster, replicas: 2, ...why }]);
  });
  test('twice is once', () => {
    const live = binding({ clusters: [{ name: 'm1', replicas: 3 }] });
    evict(live, eviction);
    expect(evict(live, eviction)).toBe(false);
    expect(live.spec.gracefulEvictionTasks).toHaveLength(1);
  });
  test('carries the asked state to the single new cluster, and to no other', () => {
    const live = binding(
      { clusters: [{ name: 'm1', replicas: 3 }] },
      { aggregatedStatus: [{ clusterName: 'm1', status: { jobs: [{ id: 7 }] } }] },
    );
    const rules = [
      { aliasLabelName: 'restore-from', jsonPath: '{.jobs[0].id}' },
      { aliasLabelName: 'absent', jsonPath: '{.nothing}' },
    ];
    evict(live, { ...eviction, purgeMode: 'Directly', statePreservation: { rules } });
    live.spec.clusters = [{ name: 'm2', replicas: 3 }];
    expect(injectedLabels(live, 'm2')).toEqual({ 'restore-from': '7' });
    expect(injectedLabels(live, 'm1')).toEqual({});
    live.spec.clusters.push({ name: 'm3' });
    expect(injectedLabels(live, 'm2')).toEqual({});
  });
  test('a graceful eviction carries no state: the old copy may still be running', () => {
    const live = binding({ clusters: [{ name: 'm1', replicas: 3 }] });
    evict(live, { ...eviction, statePreservation: { rules: [{ aliasLabelName: 'a', jsonPath: '.x' }] } });
    live.spec.clusters = [{ name: 'm2', replicas: 3 }];
    expect(injectedLabels(live, 'm2')).toEqual({});
  });
});

test.each([
  ['{.a.b}', 'x'],
  ['.list[1].id', '2'],
  ["{.a['dotted.key']}", 'true'],
  ['{.a}', undefined],
  ['{.list[*].id}', undefined],
  ['{.missing.b}', undefined],
  ['', undefined],
])('the path %s reads %s', (path, expected) => {
  expect(jsonPathText({ a: { b: 'x', 'dotted.key': true }, list: [{ id: 1 }, { id: 2 }] }, path)).toBe(expected);
});

describe('an eviction ends', () => {
  const task: EvictionTask = {
    fromCluster: 'm1',
    purgeMode: 'Gracefully',
    replicas: 2,
    reason: 'TaintUntolerated',
    creationTimestamp: iso(0),
  };
  const gone = (): boolean => false;
  const back = (): boolean => true;
  const karmada = { ...DEFAULT_FAILOVER, cautious: false };
  const review = (live: Binding, seconds: number, recovered = gone, settings = DEFAULT_FAILOVER) =>
    reviewTasks(live, at(seconds), settings, recovered);

  test('never before it has a time of its own', () => {
    const live = binding({ clusters: [], gracefulEvictionTasks: [{ ...task, creationTimestamp: null }] });
    expect(review(live, 30)).toEqual({ changed: true, againMs: 600_000, ended: [] });
    expect(live.spec.gracefulEvictionTasks?.[0]?.creationTimestamp).toBe(iso(30));
  });
  test('when every replica runs elsewhere', () => {
    const live = binding(
      { clusters: [{ name: 'm2', replicas: 3 }], gracefulEvictionTasks: [task] },
      health(['m2', 'Healthy']),
    );
    expect(review(live, 30).ended).toEqual([{ cluster: 'm1', how: 'finished' }]);
    expect(live.spec.gracefulEvictionTasks).toBeUndefined();
  });
  test('not while the replacement is not healthy, not scheduled, or not complete', () => {
    const unhealthy = binding(
      { clusters: [{ name: 'm2', replicas: 3 }], gracefulEvictionTasks: [task] },
      health(['m2', 'Unhealthy']),
    );
    expect(review(unhealthy, 30)).toEqual({ changed: false, againMs: 570_000, ended: [] });
    const stale = binding(
      { clusters: [{ name: 'm2', replicas: 3 }], gracefulEvictionTasks: [task] },
      health(['m2', 'Healthy', 1]),
    );
    expect(review(stale, 30).ended).toEqual([]);
    const unscheduled = binding(
      { clusters: [{ name: 'm2', replicas: 3 }], gracefulEvictionTasks: [task] },
      { ...health(['m2', 'Healthy']), schedulerObservedGeneration: 4 },
    );
    expect(review(unscheduled, 30).ended).toEqual([]);
    const incomplete = binding(
      { clusters: [{ name: 'm2', replicas: 1 }], gracefulEvictionTasks: [task] },
      health(['m2', 'Healthy']),
    );
    expect(review(incomplete, 30).ended).toEqual([]);
  });
  test('with nowhere to go the copy stays, however long it takes; Karmada removes it at once', () => {
    const live = (): Binding => binding({ clusters: [], gracefulEvictionTasks: [task] });
    expect(review(live(), 90_000)).toEqual({ changed: false, againMs: null, ended: [] });
    expect(review(live(), 30, gone, karmada).ended).toEqual([{ cluster: 'm1', how: 'finished' }]);
  });
  test('after its time only when some copy runs elsewhere', () => {
    const spec = {
      clusters: [
        { name: 'm2', replicas: 1 },
        { name: 'm3', replicas: 2 },
      ],
      gracefulEvictionTasks: [task],
    };
    const half = binding(spec, health(['m2', 'Healthy'], ['m3', 'Unhealthy']));
    expect(review(half, 600).ended).toEqual([{ cluster: 'm1', how: 'timedOut' }]);
    const none = (): Binding => binding(spec, health(['m2', 'Unhealthy'], ['m3', 'Unhealthy']));
    expect(review(none(), 600).ended).toEqual([]);
    expect(review(none(), 600, gone, karmada).ended).toEqual([{ cluster: 'm1', how: 'timedOut' }]);
  });
  test('and the workload stays where it was when the cluster is back first', () => {
    const live = binding({ clusters: [{ name: 'm2', replicas: 1 }], gracefulEvictionTasks: [task] });
    expect(review(live, 30, back).ended).toEqual([{ cluster: 'm1', how: 'cancelled' }]);
    expect(live.spec.clusters).toEqual([
      { name: 'm2', replicas: 1 },
      { name: 'm1', replicas: 2 },
    ]);
  });
  test('and also when the copy there is healthy again before another one runs', () => {
    const failed = { ...task, reason: 'ApplicationFailure' };
    const sick = binding({ clusters: [], gracefulEvictionTasks: [failed] }, health(['m1', 'Unhealthy']));
    expect(review(sick, 30, back).ended).toEqual([]);
    const well = binding({ clusters: [], gracefulEvictionTasks: [failed] }, health(['m1', 'Healthy']));
    expect(review(well, 30, back).ended).toEqual([{ cluster: 'm1', how: 'cancelled' }]);
    expect(well.spec.clusters).toEqual([{ name: 'm1', replicas: 2 }]);
  });
  test('a cluster that is back after the take-over does not undo it', () => {
    const live = binding(
      { clusters: [{ name: 'm2', replicas: 3 }], gracefulEvictionTasks: [task] },
      health(['m2', 'Unhealthy']),
    );
    expect(review(live, 30, back).ended).toEqual([]);
  });
  test('never by itself when the policy says so, at once when a person decides', () => {
    const spec = { clusters: [{ name: 'm2', replicas: 3 }] };
    const kept = binding(
      { ...spec, gracefulEvictionTasks: [{ ...task, suppressDeletion: true }] },
      health(['m2', 'Healthy']),
    );
    expect(review(kept, 90_000).ended).toEqual([]);
    const decided = binding({ ...spec, gracefulEvictionTasks: [{ ...task, suppressDeletion: false }] });
    expect(review(decided, 30).ended).toEqual([{ cluster: 'm1', how: 'finished' }]);
  });
});
