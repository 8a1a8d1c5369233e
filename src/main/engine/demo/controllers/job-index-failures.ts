/**
 * Indexed Jobs with a back-off limit per index: which indexes have failed for good, how often each of the others has, and
 * which failed pods stay uncounted because the pod that takes their place has to know. Pure.
 * Source: KEP-3850; API reference JobSpec.backoffLimitPerIndex, JobStatus.failedIndexes.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { uidOf } from '../sim/objects.ts';
import { isActive } from '../sim/pods.ts';
import { failureMatch, indexOf, parseIndexes } from './job-policies.ts';
import { type BackOff, finishedAt, hasFailed, isTracked } from './job-tracking.ts';

/** On pods: how often the index had failed before, and how often so that a rule ignores it. */
const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED = 'batch.kubernetes.io/job-index-ignored-failure-count';

export function hasLimitPerIndex(job: KubeObject): boolean {
  return typeof job.spec?.backoffLimitPerIndex === 'number';
}

/** Indexes given up for good: those that the status knows, and those of pods not counted yet. Null without a limit. */
export function failedIndexes(job: KubeObject, pods: readonly KubeObject[]): number[] | null {
  if (!hasLimitPerIndex(job)) return null;
  const out = parseIndexes(job.status?.failedIndexes ?? '');
  for (const pod of pods) {
    if (!hasIndex(job, pod) || !isTracked(pod) || !hasFailed(job, pod)) continue;
    const action = failureMatch(job, pod)?.action;
    const tooOften = action !== 'Ignore' && count(pod, FAILURES) >= job.spec.backoffLimitPerIndex;
    if (action === 'FailIndex' || tooOften) out.add(indexOf(pod));
  }
  return [...out].sort((a, b) => a - b);
}

/** The last failed pod of each index that has no other yet: it keeps its finalizer until then. */
export function awaitingReplacement(
  job: KubeObject,
  pods: readonly KubeObject[],
  over: readonly number[],
): Map<number, KubeObject> {
  const last = new Map<number, KubeObject>();
  if (!hasLimitPerIndex(job)) return last;
  const taken = new Set([...over, ...pods.filter(isActive).map(indexOf)]);
  for (const pod of pods) {
    const index = indexOf(pod);
    if (!hasIndex(job, pod) || !isTracked(pod) || !hasFailed(job, pod) || taken.has(index)) continue;
    const other = last.get(index);
    if (other === undefined || (all(other) <= all(pod) && finishedAt(pod) >= finishedAt(other))) last.set(index, pod);
  }
  return last;
}

/** What the pod that takes the place of `last` is told. */
export function failureAnnotations(job: KubeObject, last: KubeObject | undefined): Record<string, string> {
  if (last === undefined) return { [FAILURES]: '0' };
  const ignored = failureMatch(job, last)?.action === 'Ignore';
  const failures = count(last, FAILURES) + (ignored ? 0 : 1);
  const others = count(last, IGNORED) + (ignored ? 1 : 0);
  return { [FAILURES]: String(failures), ...(others > 0 ? { [IGNORED]: String(others) } : {}) };
}

export function backOffAfter(last: KubeObject | undefined): BackOff {
  return last === undefined ? { failures: 0, last: 0 } : { failures: all(last) + 1, last: finishedAt(last) };
}

/** Those among `pods` that are not `awaiting`. */
export function without(pods: readonly KubeObject[], awaiting: ReadonlyMap<number, KubeObject>): KubeObject[] {
  const kept = new Set([...awaiting.values()].map(uidOf));
  return pods.filter((pod) => !kept.has(uidOf(pod)));
}

function hasIndex(job: KubeObject, pod: KubeObject): boolean {
  const index = indexOf(pod);
  return index >= 0 && index < (job.spec?.completions ?? 0);
}

function all(pod: KubeObject): number {
  return count(pod, FAILURES) + count(pod, IGNORED);
}

function count(pod: KubeObject, annotation: string): number {
  return Number(pod.metadata.annotations?.[annotation]) || 0;
}
