/**
 * What a Job's status says and what follows from it: how it ends, which indexes are done or free, its conditions. Pure.
 * Source: API reference JobStatus, Kubernetes documentation "Jobs".
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type Condition, findCondition, parseTime, setCondition, timeText } from '../sim/objects.ts';
import { isActive } from '../sim/pods.ts';
import {
  type Ending,
  failedByIndexes,
  failedByPolicy,
  INDEX,
  indexOf,
  parseIndexes,
  succeededByPolicy,
} from './job-policies.ts';
import { isOutOfRestarts, type Uncounted } from './job-tracking.ts';

/** What a job is before its pods have gone. */
export const TARGETS = { Complete: 'SuccessCriteriaMet', Failed: 'FailureTarget' } as const;

/** How a job is ending already. */
export function targetOf(job: KubeObject): Ending | undefined {
  for (const type of ['Complete', 'Failed'] as const) {
    const found = findCondition(job.status?.conditions, TARGETS[type]);
    if (found?.status === 'True') return { type, reason: found.reason ?? '', message: found.message ?? '' };
  }
  return undefined;
}

export function withCondition(
  conditions: Condition[],
  type: string,
  { reason, message }: { reason: string; message: string },
  now: number,
  status: Condition['status'] = 'True',
): Condition[] {
  if (findCondition(conditions, type)?.status === status) return conditions;
  return setCondition(conditions, { type, status, reason, message, lastProbeTime: timeText(now) }, now);
}

/** The condition Suspended is there from the first time on. */
export function suspension(job: KubeObject, now: number): Condition[] {
  const conditions: Condition[] = job.status?.conditions ?? [];
  if (job.spec?.suspend === true)
    return withCondition(conditions, 'Suspended', { reason: 'JobSuspended', message: 'Job suspended' }, now);
  if (findCondition(conditions, 'Suspended') === undefined) return conditions;
  return withCondition(conditions, 'Suspended', { reason: 'JobResumed', message: 'Job resumed' }, now, 'False');
}

/**
 * status.startTime after a look at the Job. One that resumes starts anew; since 1.36 one that is suspended has not started
 * any more, so that it can be scheduled otherwise (KEP-5440).
 */
export function startTimeOf(
  job: KubeObject,
  startTime: string | undefined,
  { now, minor, ends }: { now: number; minor: number; ends: boolean },
): string | undefined {
  const was = findCondition(job.status?.conditions, 'Suspended')?.status === 'True';
  const is = job.spec?.suspend === true;
  if (was && !is) return timeText(now);
  return is && !was && !ends && minor >= 36 ? undefined : startTime;
}

export function uncountedText({ succeeded, failed }: Uncounted): Json {
  return { ...(succeeded.length > 0 ? { succeeded } : {}), ...(failed.length > 0 ? { failed } : {}) };
}

export function judge(
  job: KubeObject,
  counts: { succeeded: number; failed: number },
  found: {
    pods: readonly KubeObject[];
    failedPods: readonly KubeObject[];
    givenUp: readonly number[] | null;
    indexes: readonly number[];
  },
  deadline: number | undefined,
  now: number,
): Ending | undefined {
  const byPolicy = failedByPolicy(job, found.failedPods);
  if (byPolicy !== undefined) return byPolicy;
  if (counts.failed > (job.spec?.backoffLimit ?? 6) || isOutOfRestarts(job, found.pods)) return backOffExceeded();
  if (deadline !== undefined && now >= deadline)
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  const byIndexes = found.givenUp === null ? undefined : failedByIndexes(job, found.givenUp, counts.succeeded);
  return byIndexes ?? succeededByPolicy(job, found.indexes);
}

export function isDone(job: KubeObject, succeeded: number, active: number): boolean {
  if (active > 0) return false;
  const completions: number | undefined = job.spec?.completions;
  return completions === undefined ? succeeded > 0 : succeeded >= completions;
}

export function complete(): Ending {
  return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
}

export function backOffExceeded(): Ending {
  return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
}

/** When the job ended, or undefined while it has not. */
export function endOf(job: KubeObject): number | undefined {
  for (const type of ['Complete', 'Failed']) {
    const condition = findCondition(job.status?.conditions, type);
    if (condition?.status === 'True') return parseTime(condition.lastTransitionTime);
  }
  return undefined;
}

export function deadlineOf(job: KubeObject, startTime: string | undefined): number | undefined {
  const seconds: number | undefined = job.spec?.activeDeadlineSeconds;
  const start = parseTime(startTime);
  return seconds === undefined || Number.isNaN(start) ? undefined : start + seconds * 1000;
}

/** Those the status knows and those of pods that have succeeded since. */
export function succeededIndexes(job: KubeObject, pods: readonly KubeObject[]): number[] {
  const done = pods.filter((pod) => pod.status?.phase === 'Succeeded').map(indexOf);
  return [...new Set([...parseIndexes(job.status?.completedIndexes ?? ''), ...done])]
    .filter((index) => index >= 0 && index < (job.spec?.completions ?? 0))
    .sort((a, b) => a - b);
}

export function freeIndexes(
  job: KubeObject,
  pods: readonly KubeObject[],
  count: number,
  over: readonly number[],
): number[] {
  const taken = new Set([...over, ...pods.filter(isActive).map(indexOf)]);
  const out: number[] = [];
  for (let index = 0; index < (job.spec?.completions ?? 0) && out.length < count; index++) {
    if (!taken.has(index)) out.push(index);
  }
  return out;
}

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

/** Containers of an indexed Job read their index from the environment. */
export function withIndex(env: Json[] = []): Json[] {
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return env;
  return [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX}']` } } }];
}

/** `0,2-4`, as batch/v1 JobStatus.completedIndexes. */
export function indexText(indexes: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const index of indexes) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from},${to}` : `${from}-${to}`))
    .join(',');
}
