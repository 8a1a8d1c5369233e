import { expect, test } from 'vitest';
import { aggregateJob } from './aggregate-job.ts';

const NOW = '2026-01-02T03:04:05Z';
const job = (status?: object) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'import', namespace: 'shop' },
  ...(status && { status }),
});
const done = (type: string) => ({ type, status: 'True' });
const item = (clusterName: string, status?: object) => ({ clusterName, applied: true, ...(status && { status }) });
const types = (status: { conditions?: { type: string }[] }) => (status.conditions ?? []).map(({ type }) => type);

test('counters add up, and it has begun when every part has', () => {
  const parts = [
    item('a', { active: 2, succeeded: 1, startTime: '2026-01-01T00:00:02Z' }),
    item('b', { active: 1, failed: 1, startTime: '2026-01-01T00:00:01Z' }),
  ];
  expect(aggregateJob(job(), parts, NOW)).toEqual({
    active: 3,
    succeeded: 1,
    failed: 1,
    startTime: '2026-01-01T00:00:01Z',
  });
  expect(aggregateJob(job(), [...parts, item('c')], NOW)).not.toHaveProperty('startTime');
});

test('it is complete when every part is, with the time of the last', () => {
  const part = { succeeded: 1, conditions: [done('SuccessCriteriaMet'), done('Complete')] };
  const parts = [
    item('a', { ...part, completionTime: '2026-01-01T00:00:05Z' }),
    item('b', { ...part, completionTime: '2026-01-01T00:00:09Z' }),
  ];
  const status = aggregateJob(job(), parts, NOW);
  expect(types(status)).toEqual(['Complete', 'SuccessCriteriaMet']);
  expect(status).toMatchObject({ succeeded: 2, completionTime: '2026-01-01T00:00:09Z' });
  expect(types(aggregateJob(job(), [...parts, item('c', { active: 1 })], NOW))).toEqual([]);
});

test('members that know no criteria do not keep it from being complete', () => {
  expect(types(aggregateJob(job(), [item('a', { conditions: [done('Complete')] })], NOW))).toEqual(['Complete']);
});

test('one failed part makes it failed, and the members are named', () => {
  const parts = [
    item('a', { conditions: [done('Failed')] }),
    item('b', { active: 1 }),
    item('c', { conditions: [done('Failed')] }),
  ];
  const [condition] = aggregateJob(job(), parts, NOW).conditions;
  expect(condition).toEqual({
    type: 'Failed',
    status: 'True',
    reason: 'JobFailed',
    message: 'Job executed failed in member clusters a,c',
    lastProbeTime: NOW,
    lastTransitionTime: NOW,
  });
});

test('what has ended, and what says nothing new, stays as it is', () => {
  expect(aggregateJob(job({ conditions: [done('Complete')] }), [item('a', { active: 4 })], NOW)).toBeUndefined();
  expect(aggregateJob(job({ active: 4 }), [item('a', { active: 4 })], NOW)).toBeUndefined();
});
