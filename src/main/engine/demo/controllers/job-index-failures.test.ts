import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { awaitingReplacement, backOffAfter, failedIndexes, failureAnnotations, without } from './job-index-failures.ts';
import { INDEX } from './job-policies.ts';
import { TRACKING } from './job-tracking.ts';

const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED = 'batch.kubernetes.io/job-index-ignored-failure-count';

const job = (spec: Json = {}, status: Json = {}): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec: { completions: 5, backoffLimitPerIndex: 1, ...spec },
  status,
});
const rules = [
  { action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } },
  { action: 'Ignore', onExitCodes: { operator: 'In', values: [143] } },
];

function pod(index: number, options: { code?: number; failures?: number; ignored?: number; counted?: boolean } = {}) {
  const { code = 1, failures = 0, ignored = 0, counted = false } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `p-${index}-${code}-${failures}`,
      uid: `${index}-${code}-${failures}`,
      namespace: 'default',
      annotations: { [INDEX]: String(index), [FAILURES]: String(failures), [IGNORED]: String(ignored) },
      ...(counted ? {} : { finalizers: [TRACKING] }),
    },
    status: {
      phase: code === 0 ? 'Running' : 'Failed',
      containerStatuses: [
        { name: 'c', state: { terminated: { exitCode: code, finishedAt: `2026-01-01T00:0${failures}:00Z` } } },
      ],
    },
  } as KubeObject;
}

describe('an index', () => {
  test('is given up when it had failed as often as it may, and stays so when its pods are gone', () => {
    expect(failedIndexes(job(), [pod(0), pod(1, { failures: 1 }), pod(9, { failures: 1 })])).toEqual([1]);
    expect(failedIndexes(job({}, { failedIndexes: '0,3-4' }), [pod(1, { failures: 1 })])).toEqual([0, 1, 3, 4]);
    expect(failedIndexes(job(), [pod(1, { failures: 1, counted: true })])).toEqual([]);
    expect(failedIndexes(job({ backoffLimitPerIndex: undefined }), [pod(1, { failures: 1 })])).toBeNull();
  });

  test('is given up at once where a rule says so, and never for what a rule ignores', () => {
    const limited = job({ podFailurePolicy: { rules } });
    expect(failedIndexes(limited, [pod(2, { code: 42 }), pod(3, { code: 143, failures: 1 })])).toEqual([2]);
  });
});

describe('a failed pod', () => {
  test('waits for the next of its index, the last one of them', () => {
    const pods = [pod(0), pod(0, { failures: 1 }), pod(1), pod(2), pod(2, { code: 0, failures: 1 })];
    const awaiting = awaitingReplacement(job({ backoffLimitPerIndex: 6 }), pods, [1]);
    expect([...awaiting.values()].map(({ metadata }) => metadata.uid)).toEqual(['0-1-1']);
    expect(without(pods, awaiting).map(({ metadata }) => metadata.uid)).toEqual(['0-1-0', '1-1-0', '2-1-0', '2-0-1']);
    expect(awaitingReplacement(job({ backoffLimitPerIndex: undefined }), pods, []).size).toBe(0);
  });

  test('tells the next one how often the index has failed, what is ignored apart', () => {
    const limited = job({ podFailurePolicy: { rules } });
    expect(failureAnnotations(limited, undefined)).toEqual({ [FAILURES]: '0' });
    expect(failureAnnotations(limited, pod(0, { failures: 2 }))).toEqual({ [FAILURES]: '3' });
    expect(failureAnnotations(limited, pod(0, { code: 143, failures: 2, ignored: 1 }))).toEqual({
      [FAILURES]: '2',
      [IGNORED]: '2',
    });
  });

  test('is waited for the longer, ignored failures too', () => {
    expect(backOffAfter(undefined)).toEqual({ failures: 0, last: 0 });
    const last = Date.parse('2026-01-01T00:02:00Z');
    expect(backOffAfter(pod(0, { failures: 2, ignored: 3 }))).toEqual({ failures: 6, last });
  });
});
