import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { countedFailures, failedByIndexes, failedByPolicy, INDEX, succeededByPolicy } from './job-policies.ts';

const job = (spec: Json): KubeObject => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec });

function failed(exitCode: number, options: { index?: number; conditions?: Json[] } = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `p-${exitCode}`,
      namespace: 'default',
      ...(options.index === undefined ? {} : { annotations: { [INDEX]: String(options.index) } }),
    },
    status: {
      phase: 'Failed',
      conditions: options.conditions ?? [],
      containerStatuses: [{ name: 'main', state: { terminated: { exitCode } } }],
    },
  };
}

describe('a failure policy', () => {
  const policy = job({
    podFailurePolicy: {
      rules: [
        { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } },
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ],
    },
  });

  test('fails the job at once, with the rule and the pod in the message', () => {
    expect(failedByPolicy(policy, [failed(1), failed(42)])).toEqual({
      type: 'Failed',
      reason: 'PodFailurePolicy',
      message: 'Container main for pod default/p-42 failed with exit code 42 matching FailJob rule at index 0',
    });
    expect(failedByPolicy(policy, [failed(1)])).toBeUndefined();
  });

  test('does not count what it ignores', () => {
    const evicted = failed(137, { conditions: [{ type: 'DisruptionTarget', status: 'True' }] });
    expect(countedFailures(policy, [failed(1), evicted])).toHaveLength(1);
  });

  test('can mean every code but some, and one container only', () => {
    const other = (rule: Json) => failedByPolicy(job({ podFailurePolicy: { rules: [rule] } }), [failed(3)]);
    expect(other({ action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [1, 2] } })).toBeDefined();
    expect(other({ action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [3] } })).toBeUndefined();
    expect(
      other({ action: 'FailJob', onExitCodes: { containerName: 'else', operator: 'In', values: [3] } }),
    ).toBeUndefined();
  });
});

describe('a limit per index', () => {
  const limited = job({ completions: 3, backoffLimitPerIndex: 1, maxFailedIndexes: 1 });

  test('ends the job with too many of them, or when nothing else is left', () => {
    expect(failedByIndexes(limited, [0, 1], 0)?.reason).toBe('MaxFailedIndexesExceeded');
    expect(failedByIndexes(limited, [0], 2)?.reason).toBe('FailedIndexes');
    expect(failedByIndexes(limited, [0], 1)).toBeUndefined();
  });
});

test.each([
  [{ succeededIndexes: '0,2-3' }, [0, 2, 3], true],
  [{ succeededIndexes: '0,2-3' }, [0, 1, 2], false],
  [{ succeededIndexes: '0-3', succeededCount: 2 }, [1, 3], true],
  [{ succeededCount: 3 }, [5, 6], false],
])('the success policy %j with %j succeeded: %s', (rule, succeeded, met) => {
  const ending = succeededByPolicy(job({ successPolicy: { rules: [rule] } }), succeeded);
  expect(ending).toEqual(
    met ? { type: 'Complete', reason: 'SuccessPolicy', message: 'Matched rules at index 0' } : undefined,
  );
});
