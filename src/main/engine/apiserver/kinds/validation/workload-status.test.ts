/** Statuses of workloads that the real server refuses, in its words. */
import { expect, test } from 'vitest';
import { withStatus } from './workload-status.ts';

const judge = withStatus(() => [{ type: 'FieldValueInvalid', field: 'spec', message: 'judged' }]);
const said = (kind: string, status: object, before: object = {}) =>
  judge({ kind, metadata: {}, status } as never, { kind, metadata: {}, status: before } as never, 'status').map(
    ({ field, message }) => `${field}: ${message}`,
  );

test('the rest is judged by the rules of the kind', () => {
  expect(judge({ kind: 'Deployment', metadata: {} } as never, null)).toHaveLength(1);
});

test.each<[string, object, string[]]>([
  ['Deployment', { replicas: 2, readyReplicas: 2, availableReplicas: 1, unavailableReplicas: 1 }, []],
  [
    'Deployment',
    { readyReplicas: 1, unavailableReplicas: -1 },
    [
      'status.unavailableReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.readyReplicas: Invalid value: 1: cannot be greater than status.replicas',
    ],
  ],
  [
    'ReplicaSet',
    { replicas: 2, availableReplicas: 2 },
    ['status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas'],
  ],
  [
    'StatefulSet',
    { replicas: 2, availableReplicas: 2 },
    ['status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas'],
  ],
  [
    'DaemonSet',
    { numberReady: -1, numberAvailable: 5 },
    ['status.numberReady: Invalid value: -1: must be greater than or equal to 0'],
  ],
])('%s %j', (kind, status, problems) => {
  expect(said(kind, status)).toEqual(problems);
});

test('collisions are counted up', () => {
  expect(said('DaemonSet', { collisionCount: 1 }, { collisionCount: 2 })).toEqual([
    'status.collisionCount: Invalid value: 1: cannot be decremented',
  ]);
  expect(said('StatefulSet', { collisionCount: 1 }, { collisionCount: 2 })).toEqual([]);
});
