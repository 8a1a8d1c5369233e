import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { deploymentStatus, type Look } from './deployment-status.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const BEFORE = '2026-01-01T00:00:00Z';

function deployment(replicas: number, status: Json = {}, spec: Json = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', generation: 2 },
    spec: { replicas, strategy: { type: 'RollingUpdate' }, ...spec },
    status,
  };
}

function set(name: string, replicas: number, available: number, conditions: Json[] = []): KubeObject {
  const status = { replicas, readyReplicas: available, availableReplicas: available, conditions };
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name }, spec: { replicas }, status };
}

const condition = (type: string, status: string, reason: string, message = '') => ({
  type,
  status,
  reason,
  message,
  lastUpdateTime: BEFORE,
  lastTransitionTime: BEFORE,
});
const done = condition('Progressing', 'True', 'NewReplicaSetAvailable', 'ReplicaSet "a" has successfully progressed.');

function shown(target: KubeObject, sets: KubeObject[], newest: KubeObject | undefined, look: Look = 'rollout') {
  return deploymentStatus(target, sets, newest, look, NOW).conditions.map(
    ({ type, status, reason }) => `${type} ${status} ${reason}`,
  );
}

describe('conditions of a Deployment', () => {
  test('a complete rollout stays complete when it is scaled up, so no deadline runs', () => {
    const newest = set('a', 5, 3);
    const before = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, conditions: [done] };
    expect(shown(deployment(5, before), [newest], newest)).toEqual([
      'Progressing True NewReplicaSetAvailable',
      'Available False MinimumReplicasUnavailable',
    ]);
  });

  test('the condition that changed last comes last', () => {
    const newest = set('a', 1, 1);
    const before = {
      conditions: [condition('Progressing', 'True', 'NewReplicaSetCreated'), condition('Available', 'False', 'x')],
    };
    expect(shown(deployment(1, before), [newest], newest)).toEqual([
      'Available True MinimumReplicasAvailable',
      'Progressing True NewReplicaSetAvailable',
    ]);
  });

  test('paused is Unknown, and so is resumed until something moves', () => {
    const newest = set('a', 2, 2);
    const counts = { replicas: 3, updatedReplicas: 2, readyReplicas: 3, availableReplicas: 3 };
    const sets = [newest, set('b', 1, 1)];
    const paused = deployment(2, { ...counts, conditions: [done] }, { paused: true });
    expect(shown(paused, sets, newest, 'paused')).toContain('Progressing Unknown DeploymentPaused');
    const conditions = [condition('Progressing', 'Unknown', 'DeploymentPaused')];
    expect(shown(deployment(2, { ...counts, conditions }), sets, newest)).toContain(
      'Progressing Unknown DeploymentResumed',
    );
  });

  test('pausing does not hide that the deadline has passed', () => {
    const newest = set('b', 1, 0);
    const late = condition('Progressing', 'False', 'ProgressDeadlineExceeded');
    const status = { replicas: 1, updatedReplicas: 1, conditions: [late] };
    expect(shown(deployment(1, status, { paused: true }), [newest], newest, 'paused')).toContain(
      'Progressing False ProgressDeadlineExceeded',
    );
  });

  test('pods that the set could not make are told in the words of the set, and no longer than that', () => {
    const refusal = 'pods "a-1" is forbidden: exceeded quota: q';
    const newest = set('a', 0, 0, [condition('ReplicaFailure', 'True', 'FailedCreate', refusal)]);
    const failing = deploymentStatus(deployment(1), [newest], newest, 'rollout', NOW);
    expect(failing.conditions.at(-1)).toMatchObject({
      type: 'ReplicaFailure',
      reason: 'FailedCreate',
      message: refusal,
    });
    expect(failing.conditions.at(-1)?.lastTransitionTime).toBe(BEFORE);
    expect(shown(deployment(1, failing), [set('a', 1, 1)], set('a', 1, 1))).not.toContainEqual(
      expect.stringContaining('ReplicaFailure'),
    );
  });

  test('without a deadline there is no word of progress', () => {
    const newest = set('a', 1, 1);
    const endless = deployment(1, { conditions: [done] }, { progressDeadlineSeconds: 2_147_483_647 });
    expect(shown(endless, [newest], newest)).toEqual(['Available True MinimumReplicasAvailable']);
  });

  test('while a Deployment is re-created there is no new set, and the old pods that go are progress', () => {
    const conditions = [condition('Progressing', 'True', 'ReplicaSetUpdated')];
    const status = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2, conditions };
    const { conditions: now } = deploymentStatus(
      deployment(2, status, { strategy: { type: 'Recreate' } }),
      [set('a', 0, 0)],
      undefined,
      'rollout',
      NOW,
    );
    expect(now.find(({ type }) => type === 'Progressing')?.reason).toBe('ReplicaSetUpdated');
  });
});
