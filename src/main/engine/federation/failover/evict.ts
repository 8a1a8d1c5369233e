/**
 * Eviction as pure functions: when a taint drives a workload out of a cluster, what the binding looks like then, and
 * when the old copy may go. Source: facts of Karmada's taint manager and graceful eviction controller (v1.19).
 */
import type { Json } from '#shared/kubernetes/types.ts';
import type { Binding, EvictionTask, StatePreservation, Taint, TargetCluster, Toleration } from '../api.ts';
import { tolerates } from '../matching/labels.ts';
import type { FailoverSettings } from './settings.ts';
import { jsonPathText } from './state.ts';

/** Kinds whose status tells how many replicas run. */
const COUNTED = new Set(['Deployment', 'ReplicaSet', 'StatefulSet']);

/** Milliseconds until the taints drive out what tolerates so much; 0 now, null never. */
export function evictionDelay(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  time: number,
): number | null {
  let delay: number | null = null;
  for (const taint of taints ?? []) {
    if (taint.effect !== 'NoExecute') continue;
    const used = (tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (used.length === 0) return 0;
    const limited = used.flatMap(({ tolerationSeconds }) => (tolerationSeconds == null ? [] : [tolerationSeconds]));
    if (limited.length === 0) continue;
    const since = Date.parse(taint.timeAdded ?? '') || time;
    const left = Math.max(0, since + Math.max(0, Math.min(...limited)) * 1000 - time);
    delay = delay === null ? left : Math.min(delay, left);
  }
  return delay;
}

/** The old copy goes at once, before a new one is made. Before 1.13 it was called Immediately. */
export function isDirect({ purgeMode }: EvictionTask): boolean {
  return purgeMode === 'Directly' || purgeMode === 'Immediately';
}

export interface Eviction {
  cluster: string;
  purgeMode: string;
  reason: 'TaintUntolerated' | 'ApplicationFailure';
  message: string;
  producer: string;
  gracePeriodSeconds?: number | undefined;
  suppressDeletion?: boolean | undefined;
  statePreservation?: StatePreservation | null | undefined;
}

/** Takes a cluster out of the binding and leaves a task that says why. In place; false when it is no target. */
export function evict(binding: Binding, eviction: Eviction): boolean {
  const { spec } = binding;
  const target = spec.clusters?.find(({ name }) => name === eviction.cluster);
  if (target === undefined) return false;
  const before = (spec.clusters ?? []).map(({ name }) => name);
  spec.clusters = (spec.clusters ?? []).filter(({ name }) => name !== eviction.cluster);
  if (spec.gracefulEvictionTasks?.some(({ fromCluster }) => fromCluster === eviction.cluster)) return true;
  const task: EvictionTask = {
    fromCluster: eviction.cluster,
    purgeMode: eviction.purgeMode,
    ...(target.replicas ? { replicas: target.replicas } : {}),
    reason: eviction.reason,
    message: eviction.message,
    producer: eviction.producer,
    ...(eviction.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: eviction.gracePeriodSeconds }),
    ...(eviction.suppressDeletion === undefined ? {} : { suppressDeletion: eviction.suppressDeletion }),
    ...preserved(binding, eviction, before),
  };
  spec.gracefulEvictionTasks = [...(spec.gracefulEvictionTasks ?? []), task];
  return true;
}

/** The state that the policy asks to carry over, from what the cluster reported last. */
function preserved(
  binding: Binding,
  { cluster, statePreservation }: Eviction,
  clustersBeforeFailover: string[],
): Partial<EvictionTask> {
  const status = binding.status?.aggregatedStatus?.find(({ clusterName }) => clusterName === cluster)?.status;
  const labels: Record<string, string> = {};
  for (const { aliasLabelName, jsonPath } of statePreservation?.rules ?? []) {
    const value = jsonPathText(status as Json, jsonPath);
    if (value !== undefined) labels[aliasLabelName] = value;
  }
  return Object.keys(labels).length === 0 ? {} : { preservedLabelState: labels, clustersBeforeFailover };
}

export interface TaskReview {
  /** False when nothing has to be written. */
  changed: boolean;
  /** When to look again, milliseconds; null when only a change of the binding can matter. */
  againMs: number | null;
  /** Tasks that ended: the old copy goes, or stays because it works again (`cancelled`). */
  ended: { cluster: string; how: 'finished' | 'timedOut' | 'cancelled' }[];
}

/**
 * Looks at every eviction task of a binding. In place.
 * @param recovered whether the cluster is ready and its taints would not drive the workload out again
 */
export function reviewTasks(
  binding: Binding,
  time: number,
  settings: FailoverSettings,
  recovered: (cluster: string) => boolean,
): TaskReview {
  const review: TaskReview = { changed: false, againMs: null, ended: [] };
  const kept: EvictionTask[] = [];
  for (const task of binding.spec.gracefulEvictionTasks ?? []) {
    const verdict = judge(binding, task, time, settings, recovered);
    if (verdict.end === undefined) {
      if (!task.creationTimestamp) {
        review.changed = true;
        kept.push({ ...task, creationTimestamp: `${new Date(time).toISOString().slice(0, 19)}Z` });
      } else kept.push(task);
      if (verdict.againMs !== null)
        review.againMs = review.againMs === null ? verdict.againMs : Math.min(review.againMs, verdict.againMs);
      continue;
    }
    review.changed = true;
    review.ended.push({ cluster: task.fromCluster, how: verdict.end });
    if (verdict.end === 'cancelled') restore(binding, task);
  }
  if (review.changed) {
    if (kept.length > 0) binding.spec.gracefulEvictionTasks = kept;
    else delete binding.spec.gracefulEvictionTasks;
  }
  return review;
}

function judge(
  binding: Binding,
  task: EvictionTask,
  time: number,
  settings: FailoverSettings,
  recovered: (cluster: string) => boolean,
): { end?: TaskReview['ended'][number]['how']; againMs: number | null } {
  const limitMs = (task.gracePeriodSeconds ?? settings.gracefulTimeoutSeconds) * 1000;
  if (!task.creationTimestamp) return { againMs: limitMs };
  if (task.suppressDeletion === true) return { againMs: null };
  if (task.suppressDeletion === false) return { end: 'finished', againMs: null };
  const leftMs = Date.parse(task.creationTimestamp) + limitMs - time;
  const targets = binding.spec.clusters ?? [];
  const healthy = targets.filter(({ name }) => isHealthyIn(binding, name));
  const settled = isScheduled(binding) && healthy.length === targets.length;
  const running = settled && targets.every((target) => runsAll(binding, target));
  if (!settings.cautious) {
    if (leftMs <= 0) return { end: 'timedOut', againMs: null };
    return settled ? { end: 'finished', againMs: null } : { againMs: leftMs };
  }
  if (running && targets.length > 0 && isComplete(binding)) return { end: 'finished', againMs: null };
  const back =
    task.reason === 'ApplicationFailure' ? isHealthyIn(binding, task.fromCluster) : recovered(task.fromCluster);
  if (back && !isDirect(task) && !isComplete(binding)) return { end: 'cancelled', againMs: null };
  if (leftMs <= 0 && healthy.length > 0) return { end: 'timedOut', againMs: null };
  // Past its time with no copy elsewhere: looked at again whenever the binding changes.
  return { againMs: leftMs > 0 ? leftMs : null };
}

function isScheduled({ metadata, status }: Binding): boolean {
  const condition = status?.conditions?.find(({ type }) => type === 'Scheduled');
  return status?.schedulerObservedGeneration === metadata.generation && condition?.status !== 'False';
}

function isHealthyIn({ status }: Binding, cluster: string): boolean {
  return status?.aggregatedStatus?.some((item) => item.clusterName === cluster && item.health === 'Healthy') ?? false;
}

/**
 * Healthy may be what was seen before the replicas came that are to be taken over: where they are counted, all of them
 * have to be there.
 */
function runsAll({ spec, status }: Binding, { name, replicas }: TargetCluster): boolean {
  if (!replicas || !COUNTED.has(spec.resource.kind)) return true;
  const seen: Json = status?.aggregatedStatus?.find(({ clusterName }) => clusterName === name)?.status;
  return (seen?.availableReplicas ?? seen?.readyReplicas ?? 0) >= replicas;
}

/** Every replica has a place; objects without replicas have one when any cluster holds them. */
function isComplete({ spec }: Binding): boolean {
  const targets = spec.clusters ?? [];
  const divided = spec.placement?.replicaScheduling?.replicaSchedulingType === 'Divided';
  if (!divided || !spec.replicas) return targets.length > 0;
  return targets.reduce((sum, { replicas = 0 }) => sum + replicas, 0) >= spec.replicas;
}

function restore({ spec }: Binding, task: EvictionTask): void {
  if (spec.clusters?.some(({ name }) => name === task.fromCluster)) return;
  const target = { name: task.fromCluster, ...(task.replicas ? { replicas: task.replicas } : {}) };
  spec.clusters = [...(spec.clusters ?? []), target];
}

/**
 * Labels that the copy in this cluster gets from the one that was given up: only when there is one target, it is a new
 * one, and the old copy was removed first, so that two copies never share a state.
 */
export function injectedLabels({ spec }: Binding, cluster: string): Record<string, string> {
  const last = spec.gracefulEvictionTasks?.at(-1);
  if (last === undefined || !isDirect(last)) return {};
  if (spec.clusters?.length !== 1 || last.clustersBeforeFailover?.includes(cluster)) return {};
  return last.preservedLabelState ?? {};
}
