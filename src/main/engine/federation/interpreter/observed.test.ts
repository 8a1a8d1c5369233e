import { expect, test } from 'vitest';
import { withObserved, withObservedSum } from './observed.ts';

const set = (status?: object) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'shop', generation: 3 },
  ...(status && { status }),
});
const item = (status: object) => ({ clusterName: 'a', applied: true, status });
const upToDate = { generation: 5, observedGeneration: 5, resourceTemplateGeneration: 3 };

test('what a member has observed of a StatefulSet travels back, of other kinds nothing is added', () => {
  expect(withObserved(set({ observedGeneration: 4 }), { replicas: 1 })).toEqual({ replicas: 1, observedGeneration: 4 });
  expect(withObserved(set({ observedGeneration: 4 }), undefined)).toBeUndefined();
  const other = { ...set({ observedGeneration: 4 }), kind: 'Deployment' };
  expect(withObserved(other, { replicas: 1 })).toEqual({ replicas: 1 });
});

test('a template is observed once every member has its newest generation and has acted on it', () => {
  const sum = { replicas: 2, availableReplicas: 2 };
  expect(withObservedSum(set(), [item(upToDate), item(upToDate)], sum)).toEqual({ ...sum, observedGeneration: 3 });
});

test.each([
  ['has an older template', { ...upToDate, resourceTemplateGeneration: 2 }],
  ['has not acted on its own generation', { ...upToDate, observedGeneration: 4 }],
])('a member that %s keeps what was observed before', (_, behind) => {
  const before = set({ replicas: 1, observedGeneration: 2 });
  const sum = { replicas: 2, observedGeneration: 3 };
  expect(withObservedSum(before, [item(upToDate), item(behind)], sum)).toEqual({ replicas: 2, observedGeneration: 2 });
  expect(withObservedSum(set(), [item(behind)], { replicas: 2 })).toEqual({ replicas: 2 });
});

test('members that have said nothing yet count as behind', () => {
  expect(withObservedSum(set(), [{ clusterName: 'a', applied: true }], { replicas: 0 })).toEqual({ replicas: 0 });
});

test('counters that stay as they are do not hide that the new generation has been observed', () => {
  const before = set({ replicas: 2, observedGeneration: 2 });
  expect(withObservedSum(before, [item(upToDate)], undefined)).toEqual({ replicas: 2, observedGeneration: 3 });
});
