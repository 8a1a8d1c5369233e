import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { AggregatedStatusItem } from '../api.ts';
import { aggregateStatus } from './aggregate.ts';
import { withConditions } from './conditions.ts';

const deployment = (spec: object, status: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', generation: 1 },
  spec: { replicas: 4, ...spec },
  status,
});
const members = (...available: [replicas: number, available: number][]): AggregatedStatusItem[] =>
  available.map(([replicas, availableReplicas], index) => ({
    clusterName: `m${index}`,
    applied: true,
    status: { replicas, availableReplicas },
  }));
function availability(template: KubeObject, items: AggregatedStatusItem[], now = '2026-01-01T00:00:00Z'): Json {
  return conditionOf('Available', template, items, now);
}
function conditionOf(type: string, template: KubeObject, items: AggregatedStatusItem[], now = ''): Json {
  const status = withConditions(template, items, aggregateStatus(template, items), now);
  return status.conditions.find((condition: Json) => condition.type === type);
}

describe('a Deployment template is available', () => {
  test.each([
    ['with all replicas', {}, members([1, 1], [3, 3]), 'True'],
    ['with as many missing as its strategy allows', {}, members([1, 1], [3, 2]), 'True'],
    ['not with more missing', {}, members([1, 1], [3, 1]), 'False'],
    ['not while the other members have none', {}, members([1, 1]), 'False'],
    ['not while a member has no copy that works, however many others have', {}, members([4, 4], [4, 0]), 'False'],
    ['not before any member has it', {}, [], 'False'],
    [
      'not with one missing when all are replaced at once',
      { strategy: { type: 'Recreate' } },
      members([4, 3]),
      'False',
    ],
    [
      'with one missing when nothing may be surged',
      { strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } } },
      members([4, 3]),
      'True',
    ],
    ['scaled to nothing', { replicas: 0 }, members([0, 0]), 'True'],
  ])('%s', (_, spec, items, expected) => {
    expect(availability(deployment(spec), items)).toMatchObject({ status: expected });
  });

  test('since when is kept until it changes', () => {
    const first = availability(deployment({}), members([4, 4]), '2026-01-01T00:00:00Z');
    const again = availability(deployment({}, { conditions: [first] }), members([4, 4]), '2026-01-02T00:00:00Z');
    expect(again).toEqual(first);
    const lost = availability(deployment({}, { conditions: [first] }), members([4, 0]), '2026-01-03T00:00:00Z');
    expect(lost).toMatchObject({ status: 'False', lastTransitionTime: '2026-01-03T00:00:00Z' });
  });

  test('other conditions and kinds stay as they are', () => {
    const failing = { type: 'ReplicaFailure', status: 'True' };
    const template = deployment({}, { conditions: [failing] });
    expect(withConditions(template, members([4, 4]), template.status, '').conditions).toContainEqual(failing);
    const set = { ...deployment({}), kind: 'StatefulSet' };
    expect(withConditions(set, members([4, 4]), { replicas: 4 }, '')).toEqual({ replicas: 4 });
  });
});

test('a Deployment template is rolled out when nothing old runs and everything new works, in every member', () => {
  const member = (replicas: number, updatedReplicas: number, availableReplicas: number, generation = 1) => ({
    clusterName: `m${replicas}`,
    applied: true,
    status: { replicas, updatedReplicas, availableReplicas, resourceTemplateGeneration: generation },
  });
  const reason = (...items: AggregatedStatusItem[]): string => conditionOf('Progressing', deployment({}), items).reason;
  expect(reason(member(1, 1, 1), member(3, 3, 3))).toBe('NewReplicaSetAvailable');
  expect(reason(member(4, 4, 4), member(4, 4, 4))).toBe('NewReplicaSetAvailable');
  expect(reason(member(1, 1, 1), member(3, 2, 3))).toBe('ReplicaSetUpdated');
  expect(reason(member(1, 1, 1), member(3, 3, 2))).toBe('ReplicaSetUpdated');
  expect(reason(member(1, 1, 1))).toBe('ReplicaSetUpdated');
  expect(reason(member(1, 1, 1), member(3, 3, 3, 0))).toBe('ReplicaSetUpdated');
});
