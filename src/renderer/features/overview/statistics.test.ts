import { expect, test } from 'vitest';
import type { ClusterFigures, ClusterStatistics } from '#shared/contract/statistics.ts';
import { combine, rateOf } from './statistics.ts';

function cluster(clusterId: string, cores: number, change: Partial<ClusterFigures> = {}): ClusterStatistics {
  return {
    clusterId,
    problem: null,
    figures: {
      at: '2026-01-01T00:00:00Z',
      nodes: { total: 2, ready: 1 },
      capacity: { cpuCores: cores + 1, memoryBytes: 200 },
      allocatable: { cpuCores: cores, memoryBytes: 100, pods: 110 },
      pods: 7,
      requested: { cpuCores: cores / 2, memoryBytes: 25 },
      requestedAt: null,
      used: null,
      ...change,
    },
  };
}

test('clusters add up, and a rate is of those clusters alone that it is known of', () => {
  const used = { cpuCores: 1, memoryBytes: 10 };
  const both = combine([cluster('a', 4, { used }), cluster('b', 8), { clusterId: 'c', figures: null, problem: null }]);
  expect(both).toMatchObject({ clusters: 2, nodes: { total: 4, ready: 2 }, pods: 14, possiblePods: 220 });
  expect(both?.allocatable.cpuCores).toBe(12);
  expect(rateOf(both, 'requested', 'cpuCores')).toBe(0.5);
  expect(rateOf(both, 'requested', 'memoryBytes')).toBe(0.25);
  expect(both?.used?.known).toBe(1);
  expect(rateOf(both, 'used', 'cpuCores')).toBe(0.25);
});

test('of the chosen clusters alone', () => {
  expect(combine([cluster('a', 4), cluster('b', 8)], new Set(['b']))?.allocatable.cpuCores).toBe(8);
});

test('what is not known is no zero', () => {
  expect(combine([])).toBeNull();
  expect(rateOf(null, 'used', 'cpuCores')).toBeNull();
  const bare = combine([cluster('a', 0, { pods: null, requested: null })]);
  expect(bare).toMatchObject({ pods: null, requested: null, used: null });
  expect(rateOf(combine([cluster('a', 0)]), 'requested', 'cpuCores')).toBeNull();
});
