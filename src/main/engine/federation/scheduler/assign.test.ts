import { describe, expect, test } from 'vitest';
import type { BindingSpec, ReplicaScheduling } from '../api.ts';
import { assignReplicas } from './assign.ts';
import type { Candidate } from './candidates.ts';

const AGGREGATED: ReplicaScheduling = { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' };
const DYNAMIC: ReplicaScheduling = {
  replicaSchedulingType: 'Divided',
  replicaDivisionPreference: 'Weighted',
  weightPreference: { dynamicWeight: 'AvailableReplicas' },
};

function assign(
  scheduling: ReplicaScheduling,
  room: Record<string, number>,
  current: Record<string, number>,
  replicas: number,
): Record<string, number> {
  const spec: BindingSpec = {
    resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x', uid: '' },
    replicas,
    clusters: Object.entries(current).map(([name, held]) => ({ name, replicas: held })),
    placement: { replicaScheduling: scheduling },
  };
  const candidates = Object.entries(room)
    .map(([name, allocatable]): Candidate => {
      const available = allocatable + (current[name] ?? 0);
      return { name, cluster: { metadata: { name } }, score: 0, allocatable, available, overflowOrder: 0 };
    })
    .sort((a, b) => b.available - a.available || (a.name < b.name ? -1 : 1));
  return Object.fromEntries(assignReplicas(candidates, spec, {}).map(({ name, replicas: n = 0 }) => [name, n]));
}

describe('dividing by room', () => {
  test.each([
    [DYNAMIC, { a: 1, b: 1, c: 1 }, { a: 2, b: 4, c: 6 }, 6, { a: 1, b: 2, c: 3 }],
    [DYNAMIC, { a: 10, b: 10, c: 10 }, { a: 2, b: 4, c: 6 }, 24, { a: 6, b: 8, c: 10 }],
    [AGGREGATED, { a: 1, b: 1, c: 1 }, { a: 4, b: 8, c: 0 }, 6, { b: 6 }],
    [AGGREGATED, { a: 100, b: 100 }, { a: 4, b: 8 }, 8, { b: 8 }],
    [AGGREGATED, { a: 4, b: 6, c: 8 }, { a: 4, b: 8, c: 0 }, 24, { a: 7, b: 12, c: 5 }],
    [AGGREGATED, { a: 6, b: 6, c: 20 }, { a: 4, b: 8, c: 0 }, 24, { a: 10, b: 14 }],
    [AGGREGATED, { m1: 4, m3: 8, m4: 12 }, { m1: 4, m2: 8 }, 24, { m1: 7, m3: 7, m4: 10 }],
    [DYNAMIC, { a: 18, b: 12, c: 6 }, {}, 10, { a: 5, b: 3, c: 2 }],
    [AGGREGATED, { a: 8, b: 12, c: 6 }, { a: 10 }, 14, { a: 14 }],
    [DYNAMIC, { a: 13, b: 9, c: 4 }, { a: 5, b: 3, c: 2 }, 14, { a: 7, b: 4, c: 3 }],
    [DYNAMIC, { a: 11, b: 8, c: 3 }, { a: 7, b: 4, c: 3 }, 7, { a: 3, b: 2, c: 2 }],
  ])('case %#', (scheduling, room, current, replicas, expected) => {
    expect(assign(scheduling, room, current, replicas)).toEqual(expected);
  });

  test('too little room is said with the number that is there', () => {
    expect(() => assign(DYNAMIC, { a: 1, b: 1, c: 1 }, { a: 2, b: 4, c: 6 }, 24)).toThrow(
      'failed to scale up: Clusters available replicas 3 are not enough to schedule.',
    );
  });
});
