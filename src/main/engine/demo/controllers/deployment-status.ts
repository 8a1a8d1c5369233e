/** Status of a Deployment from its ReplicaSets. Pure. Source: API reference DeploymentStatus, deployment controller's reasons. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type Condition, findCondition, nameOf, parseTime, setCondition, timeText } from '../sim/objects.ts';
import { rollingLimits } from './rollout.ts';

interface Status {
  observedGeneration: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  collisionCount?: number;
  conditions: Condition[];
}

export function deploymentStatus(
  deployment: KubeObject,
  sets: readonly KubeObject[],
  newest: KubeObject | undefined,
  now: number,
): Status {
  const wanted: number = deployment.spec?.replicas ?? 1;
  const total = sum(sets, 'replicas');
  const available = sum(sets, 'availableReplicas');
  const updated: number = newest?.status?.replicas ?? 0;
  const old: Status | undefined = deployment.status;
  const counts = {
    replicas: total,
    updatedReplicas: updated,
    readyReplicas: sum(sets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, Math.max(total, sum(sets, 'replicas', 'spec')) - available),
  };
  let conditions = old?.conditions ?? [];
  conditions = availability(conditions, deployment, wanted, available, now);
  conditions = progress(conditions, deployment, newest, { ...counts, wanted }, now);
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(old?.collisionCount === undefined ? {} : { collisionCount: old.collisionCount }),
    conditions,
  };
}

/** Milliseconds until a standing rollout has to be called failed; undefined when it is not waiting. */
export function progressDeadlineIn(deployment: KubeObject, status: Status, now: number): number | undefined {
  const condition = findCondition(status.conditions, 'Progressing');
  if (condition === undefined || deployment.spec?.paused === true) return undefined;
  if (!['ReplicaSetUpdated', 'NewReplicaSetCreated', 'FoundNewReplicaSet'].includes(condition.reason ?? ''))
    return undefined;
  const since = parseTime(condition.lastUpdateTime);
  if (Number.isNaN(since)) return undefined;
  return Math.max(1000, since + deadlineOf(deployment) * 1000 - now + 1000);
}

function availability(
  conditions: Condition[],
  deployment: KubeObject,
  wanted: number,
  available: number,
  now: number,
): Condition[] {
  const recreate = deployment.spec?.strategy?.type === 'Recreate';
  const maxUnavailable = recreate ? 0 : rollingLimits(deployment.spec?.strategy?.rollingUpdate, wanted).maxUnavailable;
  const enough = available >= wanted - maxUnavailable;
  return update(
    conditions,
    enough
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
    now,
    false,
  );
}

function progress(
  conditions: Condition[],
  deployment: KubeObject,
  newest: KubeObject | undefined,
  counts: {
    wanted: number;
    replicas: number;
    updatedReplicas: number;
    availableReplicas: number;
    readyReplicas: number;
  },
  now: number,
): Condition[] {
  const current = findCondition(conditions, 'Progressing');
  if (deployment.spec?.paused === true) {
    return update(
      conditions,
      { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' },
      now,
      false,
    );
  }
  if (newest === undefined) return conditions;
  const set = nameOf(newest);
  const complete =
    counts.updatedReplicas === counts.wanted &&
    counts.replicas === counts.wanted &&
    counts.availableReplicas === counts.wanted;
  if (complete) {
    return update(
      conditions,
      {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `ReplicaSet "${set}" has successfully progressed.`,
      },
      now,
      false,
    );
  }
  const old: Json = deployment.status ?? {};
  const resumed = current?.reason === 'DeploymentPaused';
  const moved =
    counts.updatedReplicas > (old.updatedReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas < (old.replicas ?? 0) - (old.updatedReplicas ?? 0) ||
    counts.readyReplicas > (old.readyReplicas ?? 0) ||
    counts.availableReplicas > (old.availableReplicas ?? 0);
  const otherSet = current?.message !== undefined && !current.message.includes(`"${set}"`);
  if (current === undefined || moved || resumed || otherSet) {
    const first = current === undefined || otherSet;
    return update(
      conditions,
      {
        type: 'Progressing',
        status: 'True',
        reason: first && !moved ? 'NewReplicaSetCreated' : resumed ? 'DeploymentResumed' : 'ReplicaSetUpdated',
        message: first && !moved ? `Created new replica set "${set}"` : `ReplicaSet "${set}" is progressing.`,
      },
      now,
      true,
    );
  }
  const since = parseTime(current.lastUpdateTime);
  const waiting = current.reason !== 'NewReplicaSetAvailable' && current.reason !== 'ProgressDeadlineExceeded';
  if (waiting && !Number.isNaN(since) && now - since > deadlineOf(deployment) * 1000) {
    return update(
      conditions,
      {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: `ReplicaSet "${set}" has timed out progressing.`,
      },
      now,
      true,
    );
  }
  return conditions;
}

/** `touch` also moves lastUpdateTime when nothing else changes: the clock of the deadline starts anew. */
function update(conditions: Condition[], next: Condition, now: number, touch: boolean): Condition[] {
  const old = findCondition(conditions, next.type);
  const same = old?.status === next.status && old.reason === next.reason && old.message === next.message;
  if (same && !touch) return conditions;
  return setCondition(conditions, { ...next, lastUpdateTime: timeText(now) }, now);
}

function deadlineOf(deployment: KubeObject): number {
  return deployment.spec?.progressDeadlineSeconds ?? 600;
}

function sum(sets: readonly KubeObject[], field: string, where: 'status' | 'spec' = 'status'): number {
  return sets.reduce((total, set) => total + (Number(set[where]?.[field]) || 0), 0);
}
