/**
 * How a Job counts pods that have ended: each carries a finalizer until it is in the status, so that one which somebody
 * deletes is counted all the same, and none twice. Pure, but for the back-off that is remembered between looks.
 * Source: KEP-2307 (job tracking without lingering pods), KEP-3939 (pod replacement policy).
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isDeleting, parseTime, uidOf } from '../sim/objects.ts';
import { isFinished, podCondition } from '../sim/pods.ts';

export const TRACKING = 'batch.kubernetes.io/job-tracking';

export interface Uncounted {
  succeeded: string[];
  failed: string[];
}

/** Pods that have ended, by uid, which the counts of the status don't hold yet. */
export function uncountedOf(job: KubeObject): Uncounted {
  const { succeeded = [], failed = [] } = job.status?.uncountedTerminatedPods ?? {};
  return { succeeded: [...succeeded], failed: [...failed] };
}

export function isTracked(pod: KubeObject): boolean {
  return pod.metadata.finalizers?.includes(TRACKING) ?? false;
}

/** A pod on its way out has failed, unless only failed pods are to be replaced. */
export function hasFailed(job: KubeObject, pod: KubeObject): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (job.spec?.podReplacementPolicy === 'Failed') return false;
  return isDeleting(pod) && pod.status?.phase !== 'Succeeded';
}

/** Restarts of containers use up the back-off limit where pods don't fail. */
export function isOutOfRestarts(job: KubeObject, pods: readonly KubeObject[]): boolean {
  if (job.spec?.template?.spec?.restartPolicy !== 'OnFailure') return false;
  const restarts = pods
    .filter((pod) => !isFinished(pod))
    .flatMap((pod) => [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])])
    .reduce((sum: number, status: Json) => sum + (status.restartCount ?? 0), 0);
  const limit: number = job.spec?.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Moves the pods whose finalizer has gone from the list to the counts. */
export function settle(
  uncounted: Uncounted,
  counts: { succeeded: number; failed: number },
  tracked: ReadonlySet<string>,
): { uncounted: Uncounted; succeeded: number; failed: number } {
  const left = (uids: string[]) => uids.filter((uid) => tracked.has(uid));
  const [succeeded, failed] = [left(uncounted.succeeded), left(uncounted.failed)];
  return {
    uncounted: { succeeded, failed },
    succeeded: counts.succeeded + uncounted.succeeded.length - succeeded.length,
    failed: counts.failed + uncounted.failed.length - failed.length,
  };
}

/** Failures in a row and when the last of them was, ms. */
export interface BackOff {
  failures: number;
  last: number;
}

/** A pod that succeeds ends the row. */
export function nextBackOff(
  before: BackOff | undefined,
  succeeded: readonly KubeObject[],
  failed: readonly KubeObject[],
): BackOff {
  const since = Math.max(0, ...succeeded.map(finishedAt));
  const counted = succeeded.length === 0 ? failed : failed.filter((pod) => finishedAt(pod) > since);
  const start = succeeded.length === 0 && before !== undefined ? before : { failures: 0, last: 0 };
  return {
    failures: start.failures + counted.length,
    last: counted.length === 0 ? start.last : Math.max(...counted.map(finishedAt)),
  };
}

/** Failed pods are replaced after 10 s, 20 s, 40 s ... up to ten minutes. Milliseconds until then, at most 0 when past. */
export function backOffIn({ failures, last }: BackOff, now: number, pace: number): number {
  if (failures === 0) return 0;
  return last + Math.min(600, 10 * 2 ** (failures - 1)) * 1000 * pace - now;
}

/** When the pod's containers ended; for one that was deleted before they did, when it stopped working. */
export function finishedAt(pod: KubeObject): number {
  const times: number[] = (pod.status?.containerStatuses ?? []).map((status: Json) =>
    parseTime(status.state?.terminated?.finishedAt),
  );
  if (times.length > 0 && times.every((time) => !Number.isNaN(time))) return Math.max(...times);
  const ready = podCondition(pod, 'Ready');
  const notReady = ready?.status === 'False' ? parseTime(ready.lastTransitionTime) : Number.NaN;
  if (!Number.isNaN(notReady)) return notReady;
  const leaves = parseTime(pod.metadata.deletionTimestamp);
  if (!Number.isNaN(leaves)) return leaves - (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  return parseTime(pod.metadata.creationTimestamp) || 0;
}

/**
 * The pods to take away, of those that are active in the order of their deletion: at least so many, and whatever an
 * Indexed Job has beyond its completions or twice of an index. `indexOf`: -1 where a Job has no indexes.
 */
export function podsToRemove(
  active: readonly KubeObject[],
  atLeast: number,
  completions: number,
  indexOf: (pod: KubeObject) => number,
): KubeObject[] {
  const seen = new Set<number>();
  const [surplus, rest]: [KubeObject[], KubeObject[]] = [[], []];
  for (const pod of active) {
    const index = indexOf(pod);
    if (index >= 0 && (index >= completions || seen.has(index))) surplus.push(pod);
    else rest.push(pod);
    seen.add(index);
  }
  return [...surplus, ...rest.slice(0, Math.max(0, atLeast - surplus.length))];
}

export function uidsOf(pods: readonly KubeObject[]): Set<string> {
  return new Set(pods.map(uidOf));
}
