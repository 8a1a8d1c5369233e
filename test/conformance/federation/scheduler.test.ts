/** The scheduler gives the answers that Karmada v1.19.0-rc.0 gave to the same questions. */
import { expect, test } from 'vitest';
import type { BindingSpec, BindingStatus, ClusterLike, TargetCluster } from '#engine/federation/api.ts';
import { scheduleOnce } from '#engine/federation/scheduler/schedule.ts';
import { differences, readCases } from './cases.ts';

interface SchedulerCase {
  id: string;
  clusters: ClusterLike[];
  spec: BindingSpec;
  status: BindingStatus;
  expect: { clusters?: TargetCluster[]; error?: string; filtered?: Record<string, string> };
}

const byName = (targets: readonly TargetCluster[]): TargetCluster[] =>
  [...targets].sort((a, b) => (a.name < b.name ? -1 : 1));

test('every recorded decision is the same', () => {
  const cases = readCases<SchedulerCase>('scheduler.jsonl.gz');
  expect(cases.length).toBeGreaterThan(1000);
  const found = differences(cases, ({ clusters, spec, status, expect: expected }) => {
    const result = scheduleOnce(clusters, spec, status);
    const rejected = result.explanation.filter((entry) => entry.rejected !== null);
    const filtered = Object.fromEntries(rejected.map((entry) => [entry.name, entry.rejected?.reason]));
    const actual =
      result.error === null
        ? { clusters: byName(result.clusters ?? []) }
        : { error: result.error.message, ...(result.error.reason === 'NoClusterFit' ? { filtered } : {}) };
    return { expected: expected.error === undefined ? { clusters: expected.clusters ?? [] } : expected, actual };
  });
  expect(found.slice(0, 3)).toEqual([]);
});
