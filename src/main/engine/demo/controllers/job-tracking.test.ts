import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { backOffIn, hasFailed, isOutOfRestarts, nextBackOff, podsToRemove, settle } from './job-tracking.ts';

const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`;
const ms = (minute: number) => Date.parse(at(minute));

function pod(name: string, phase: string, ended?: number, metadata: Json = {}): KubeObject {
  const state = ended === undefined ? { running: {} } : { terminated: { finishedAt: at(ended) } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, ...metadata },
    status: { phase, containerStatuses: [{ name: 'c', state, restartCount: 2 }] },
  };
}

function job(spec: Json): KubeObject {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' }, spec };
}

describe('a pod of a Job', () => {
  const leaving = pod('a', 'Running', undefined, { deletionTimestamp: at(1) });
  test('has failed when it is being deleted before it succeeded', () => {
    expect(hasFailed(job({}), leaving)).toBe(true);
    expect(hasFailed(job({}), { ...leaving, status: { phase: 'Succeeded' } })).toBe(false);
  });
  test('is waited for where only failed pods are replaced', () => {
    expect(hasFailed(job({ podReplacementPolicy: 'Failed' }), leaving)).toBe(false);
  });
});

test('restarts count against the back-off limit where pods restart, from the limit on', () => {
  const limited = (backoffLimit: number, restartPolicy: string) =>
    isOutOfRestarts(job({ backoffLimit, template: { spec: { restartPolicy } } }), [pod('a', 'Running')]);
  expect([limited(2, 'OnFailure'), limited(3, 'OnFailure'), limited(0, 'OnFailure'), limited(2, 'Never')]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

test('pods whose finalizer has gone are counted, the others stay named', () => {
  const uncounted = { succeeded: ['a', 'b'], failed: ['c'] };
  expect(settle(uncounted, { succeeded: 1, failed: 0 }, new Set(['b']))).toEqual({
    uncounted: { succeeded: ['b'], failed: [] },
    succeeded: 2,
    failed: 1,
  });
});

describe('back-off', () => {
  test('doubles with each failure in a row, up to ten minutes', () => {
    const wait = (failures: number) => backOffIn({ failures, last: ms(0) }, ms(0), 1) / 1000;
    expect([0, 1, 2, 3, 10].map(wait)).toEqual([0, 10, 20, 40, 600]);
  });
  test('a pod that succeeds ends the row; what failed after it begins another', () => {
    const before = { failures: 3, last: ms(1) };
    expect(nextBackOff(before, [], [pod('a', 'Failed', 2)])).toEqual({ failures: 4, last: ms(2) });
    expect(nextBackOff(before, [pod('b', 'Succeeded', 3)], [pod('a', 'Failed', 2)]).failures).toBe(0);
    expect(nextBackOff(before, [pod('b', 'Succeeded', 3)], [pod('a', 'Failed', 4)])).toEqual({
      failures: 1,
      last: ms(4),
    });
  });
});

test('too many pods of an Indexed Job: those beyond its completions and second ones of an index go first', () => {
  const indexes: Record<string, number> = { a: 0, b: 0, c: 5, d: 1 };
  const pods = Object.keys(indexes).map((name) => pod(name, 'Running'));
  const removed = (atLeast: number, index = ({ metadata }: KubeObject) => indexes[metadata.name ?? ''] ?? -1) =>
    podsToRemove(pods, atLeast, 2, index).map(({ metadata }) => metadata.name);
  expect(removed(0)).toEqual(['b', 'c']);
  expect(removed(3)).toEqual(['b', 'c', 'a']);
  expect(removed(2, () => -1)).toEqual(['a', 'b']);
});
