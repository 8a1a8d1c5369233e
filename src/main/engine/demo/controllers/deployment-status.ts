/** Status of a Deployment from its ReplicaSets. Pure. Source: API reference DeploymentStatus, deployment controller's reasons. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type Condition, findCondition, nameOf, parseTime, timeText } from '../sim/objects.ts';
import { rollingLimits } from './rollout.ts';

/**
 * How much a look at the sets says about the rollout: nothing while the Deployment is paused or only resized; that a new
 * set was made; or whether it goes on.
 */
export type Look = 'paused' | 'counts' | 'created' | 'rollout';

interface Status {
  observedGeneration: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  terminatingReplicas?: number;
  collisionCount?: number;
  conditions: Condition[];
}

type Counts = Record<'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas', number>;

const NO_DEADLINE = 2 ** 31 - 1;
const FAILURE = 'ReplicaFailure';

export function deploymentStatus(
  deployment: KubeObject,
  sets: readonly KubeObject[],
  newest: KubeObject | undefined,
  look: Look,
  now: number,
): Status {
  const wanted: number = deployment.spec?.replicas ?? 1;
  const available = sum(sets, 'availableReplicas');
  const old: Status | undefined = deployment.status;
  const counts = {
    replicas: sum(sets, 'replicas'),
    updatedReplicas: newest?.status?.replicas ?? 0,
    readyReplicas: sum(sets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(sets, 'replicas', 'spec') - available),
  };
  let conditions = old?.conditions ?? [];
  if (hasDeadline(deployment)) conditions = announced(conditions, deployment, newest, look, now);
  conditions = availability(conditions, deployment, wanted, available, now);
  if (look === 'rollout' || look === 'created') {
    if (hasDeadline(deployment)) conditions = progress(conditions, deployment, newest, { ...counts, wanted }, now);
    else conditions = without(conditions, 'Progressing');
    conditions = failure(conditions, sets, newest, now);
  }
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...terminating(sets),
    ...(old?.collisionCount === undefined ? {} : { collisionCount: old.collisionCount }),
    conditions,
  };
}

/** Conditions of a Deployment whose new set was refused. */
export function notCreated(deployment: KubeObject, message: string, now: number): Condition[] {
  const conditions: Condition[] = deployment.status?.conditions ?? [];
  if (!hasDeadline(deployment)) return conditions;
  return put(conditions, { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message }, now);
}

/** Whether the status says that all replicas are of the newest template and work. */
export function isComplete(deployment: KubeObject): boolean {
  const wanted: number = deployment.spec?.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = deployment.status ?? {};
  return (
    updatedReplicas === wanted &&
    replicas === wanted &&
    availableReplicas === wanted &&
    observedGeneration >= (deployment.metadata.generation ?? 0)
  );
}

/** Milliseconds until a standing rollout has to be called failed; undefined when it is not waiting. */
export function progressDeadlineIn(deployment: KubeObject, status: Status, now: number): number | undefined {
  const condition = findCondition(status.conditions, 'Progressing');
  if (condition === undefined || deployment.spec?.paused === true || !hasDeadline(deployment)) return undefined;
  if (condition.reason === 'NewReplicaSetAvailable' || condition.reason === 'ProgressDeadlineExceeded')
    return undefined;
  const since = parseTime(condition.lastUpdateTime);
  if (Number.isNaN(since)) return undefined;
  return Math.max(1000, since + deadlineOf(deployment) * 1000 - now + 1000);
}

/** Paused, resumed, a set that was made or found: what stands before any progress. */
function announced(
  conditions: Condition[],
  deployment: KubeObject,
  newest: KubeObject | undefined,
  look: Look,
  now: number,
): Condition[] {
  let out = conditions;
  const tell = (status: Condition['status'], reason: string, message: string) => {
    out = put(out, { type: 'Progressing', status, reason, message }, now);
  };
  const before = findCondition(conditions, 'Progressing')?.reason;
  const paused = deployment.spec?.paused === true;
  // That it got nowhere stays said.
  if (paused && before !== 'ProgressDeadlineExceeded') tell('Unknown', 'DeploymentPaused', 'Deployment is paused');
  if (!paused && before === 'DeploymentPaused') tell('Unknown', 'DeploymentResumed', 'Deployment is resumed');
  if (newest === undefined) return out;
  const set = nameOf(newest);
  if (look === 'created') tell('True', 'NewReplicaSetCreated', `Created new replica set "${set}"`);
  else if (findCondition(out, 'Progressing') === undefined)
    tell('True', 'FoundNewReplicaSet', `Found new replica set "${set}"`);
  return out;
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
  return put(
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
  );
}

/** A rollout that was complete stays so whatever happens to its pods: only another template begins a new one. */
function progress(
  conditions: Condition[],
  deployment: KubeObject,
  newest: KubeObject | undefined,
  counts: Counts & { wanted: number },
  now: number,
): Condition[] {
  const current = findCondition(conditions, 'Progressing');
  if (counts.replicas === counts.updatedReplicas && current?.reason === 'NewReplicaSetAvailable') return conditions;
  const what = newest === undefined ? `Deployment "${nameOf(deployment)}"` : `ReplicaSet "${nameOf(newest)}"`;
  const complete =
    counts.updatedReplicas === counts.wanted &&
    counts.replicas === counts.wanted &&
    counts.availableReplicas === counts.wanted;
  if (complete) {
    const message = `${what} has successfully progressed.`;
    return put(conditions, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message }, now);
  }
  if (hasMoved(counts, deployment.status ?? {})) {
    const moved: Condition = {
      type: 'Progressing',
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: `${what} is progressing.`,
      lastUpdateTime: timeText(now),
      lastTransitionTime: (current?.status === 'True' ? current.lastTransitionTime : undefined) ?? timeText(now),
    };
    return [...without(conditions, 'Progressing'), moved];
  }
  if (current === undefined || current.reason === 'NewReplicaSetAvailable') return conditions;
  const since = parseTime(current.lastUpdateTime);
  if (current.reason !== 'ProgressDeadlineExceeded' && !(now - since > deadlineOf(deployment) * 1000))
    return conditions;
  const message = `${what} has timed out progressing.`;
  return put(conditions, { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message }, now);
}

/** More new pods, fewer old ones, more that are ready or available. */
function hasMoved(counts: Counts, old: Partial<Counts>): boolean {
  const was = (field: keyof Counts): number => old[field] ?? 0;
  return (
    counts.updatedReplicas > was('updatedReplicas') ||
    counts.replicas - counts.updatedReplicas < was('replicas') - was('updatedReplicas') ||
    counts.readyReplicas > was('readyReplicas') ||
    counts.availableReplicas > was('availableReplicas')
  );
}

/** Pods that a set could not make or delete: the newest set's failure before that of an old one. */
function failure(
  conditions: Condition[],
  sets: readonly KubeObject[],
  newest: KubeObject | undefined,
  now: number,
): Condition[] {
  for (const set of newest === undefined ? sets : [newest, ...sets]) {
    const found = findCondition(set.status?.conditions, FAILURE);
    if (found === undefined) continue;
    const { lastTransitionTime: since } = found;
    return put(conditions, found, parseTime(since) || now);
  }
  return without(conditions, FAILURE);
}

/** The latest change comes last; nothing changes while status and reason are the same. */
function put(conditions: Condition[], next: Condition, now: number): Condition[] {
  const old = findCondition(conditions, next.type);
  if (old?.status === next.status && old.reason === next.reason) return conditions;
  const lastTransitionTime = (old?.status === next.status ? old.lastTransitionTime : undefined) ?? timeText(now);
  return [...without(conditions, next.type), { ...next, lastUpdateTime: timeText(now), lastTransitionTime }];
}

function without(conditions: Condition[], type: string): Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}

/** Where the sets say how many of their pods are going. */
function terminating(sets: readonly KubeObject[]): { terminatingReplicas?: number } {
  const known = sets.some((set) => set.status?.terminatingReplicas !== undefined);
  return known ? { terminatingReplicas: sum(sets, 'terminatingReplicas') } : {};
}

function deadlineOf(deployment: KubeObject): number {
  return deployment.spec?.progressDeadlineSeconds ?? 600;
}

function hasDeadline(deployment: KubeObject): boolean {
  return deadlineOf(deployment) !== NO_DEADLINE;
}

function sum(sets: readonly KubeObject[], field: string, where: 'status' | 'spec' = 'status'): number {
  return sets.reduce((total, set) => total + (Number(set[where]?.[field]) || 0), 0);
}
