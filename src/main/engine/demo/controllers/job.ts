/**
 * Job to Pods: completions, parallelism, back-off limit, deadline, suspension, time to live. Counts pods rather than
 * tracking each by finalizer: nothing in the simulation loses pods behind the controller's back.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { podsOf } from '../sim/indexes.ts';
import {
  type Condition,
  controllerReference,
  findCondition,
  isDeleting,
  nameOf,
  namespaceOf,
  parseTime,
  podTemplateToPod,
  sameValue,
  setCondition,
  timeText,
} from '../sim/objects.ts';
import { isActive, isReady } from '../sim/pods.ts';
import { JOBS, PODS } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { deleteObject, deletePod, inBatches, ownerKeys } from './common.ts';
import {
  countedFailures,
  type Ending,
  failedByIndexes,
  failedByPolicy,
  failedIndexes,
  INDEX,
  indexOf,
  succeededByPolicy,
} from './job-policies.ts';

const COMPONENT = 'job-controller';

export function runJobs(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;

  async function reconcile(key: string): Promise<number | undefined> {
    const job = caches.jobs.get(key);
    if (job === undefined || isDeleting(job)) return undefined;
    const ended = endOf(job);
    if (ended !== undefined) return await expire(job, ended);
    const now = world.now();
    const pods = podsOf(caches, job);
    const active = pods.filter(isActive);
    const failedPods = pods.filter((pod) => pod.status?.phase === 'Failed');
    const givenUp = failedIndexes(job, failedPods);
    const counts = {
      active: active.length,
      succeeded: succeededOf(job, pods),
      failed: countedFailures(job, failedPods).length,
    };
    const suspended = job.spec?.suspend === true;
    const startTime: string | undefined = suspended ? undefined : (job.status?.startTime ?? timeText(now));
    const deadline = deadlineOf(job, startTime);
    const ending = suspended ? undefined : judge(job, counts, { pods, failedPods, givenUp }, deadline, now);
    const restarts = active.reduce((sum, pod) => sum + (pod.status?.containerStatuses?.[0]?.restartCount ?? 0), 0);
    const outOfRestarts =
      ending === undefined && givenUp === null && restarts > (job.spec?.backoffLimit ?? 6)
        ? backOffExceeded()
        : undefined;
    const final = ending ?? outOfRestarts;

    let wait: number | undefined;
    let activeNow = counts.active;
    if (final !== undefined || suspended) {
      await inBatches(active.length, async (index) => {
        const pod = active[index];
        if (pod !== undefined) await remove(job, pod);
      });
      activeNow = 0;
    } else {
      wait = retryIn(job, pods, now);
      if (wait === undefined) activeNow = await scale(job, active, pods, counts.succeeded, givenUp ?? []);
    }
    await report(job, pods, { ...counts, active: activeNow }, { startTime, suspended, final, givenUp });
    const untilDeadline = deadline === undefined ? undefined : Math.max(50, deadline - now);
    return final !== undefined ? 0.5 : smallest(wait, untilDeadline);
  }

  /** Returns how many are active afterwards. */
  async function scale(
    job: KubeObject,
    active: KubeObject[],
    pods: KubeObject[],
    succeeded: number,
    givenUp: readonly number[],
  ): Promise<number> {
    const parallelism: number = job.spec?.parallelism ?? 1;
    const completions: number | undefined = job.spec?.completions;
    let wanted = parallelism;
    if (completions !== undefined) wanted = Math.min(parallelism, completions - succeeded - givenUp.length);
    else if (succeeded > 0) wanted = active.length;
    const missing = Math.max(0, wanted - active.length);
    const indexes = job.spec?.completionMode === 'Indexed' ? freeIndexes(job, pods, missing, givenUp) : [];
    await inBatches(job.spec?.completionMode === 'Indexed' ? indexes.length : missing, (number) =>
      createPod(job, indexes[number]),
    );
    const surplus = active.slice(Math.max(0, wanted));
    await inBatches(surplus.length, async (index) => {
      const pod = surplus[index];
      if (pod !== undefined) await remove(job, pod);
    });
    return wanted;
  }

  async function createPod(job: KubeObject, index: number | undefined): Promise<void> {
    const pod = podTemplateToPod(job.spec?.template, {
      namespace: namespaceOf(job),
      generateName: index === undefined ? `${nameOf(job)}-` : `${nameOf(job)}-${index}-`,
      owner: controllerReference(job, 'batch/v1', 'Job'),
    });
    const uid = job.metadata.uid ?? '';
    pod.metadata.labels = {
      ...pod.metadata.labels,
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': nameOf(job),
      'controller-uid': uid,
      'job-name': nameOf(job),
      ...(index === undefined ? {} : { [INDEX]: String(index) }),
    };
    if (index !== undefined) {
      pod.metadata.annotations = { ...pod.metadata.annotations, [INDEX]: String(index) };
      pod.spec.hostname = `${nameOf(job)}-${index}`;
      for (const container of [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])])
        container.env = withIndex(container.env);
    }
    try {
      const created = await client.create(PODS, pod, { namespace: namespaceOf(job) });
      caches.pods.wrote(created);
      tell(job, 'SuccessfulCreate', `Created pod: ${nameOf(created)}`);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async function remove(job: KubeObject, pod: KubeObject): Promise<void> {
    await deletePod(world, pod);
    tell(job, 'SuccessfulDelete', `Deleted pod: ${nameOf(pod)}`);
  }

  async function report(
    job: KubeObject,
    pods: readonly KubeObject[],
    counts: { active: number; succeeded: number; failed: number },
    { startTime, suspended, final, givenUp }: Outcome,
  ): Promise<void> {
    const current = caches.jobs.get(objectKey(job));
    if (current === undefined || current.metadata.uid !== job.metadata.uid) return;
    const now = world.now();
    let conditions: Condition[] = current.status?.conditions ?? [];
    const wasSuspended = findCondition(conditions, 'Suspended')?.status === 'True';
    if (suspended !== wasSuspended) {
      const reason = suspended ? 'JobSuspended' : 'JobResumed';
      const message = suspended ? 'Job suspended' : 'Job resumed';
      conditions = setCondition(
        conditions,
        { type: 'Suspended', status: suspended ? 'True' : 'False', reason, message, lastProbeTime: timeText(now) },
        now,
      );
      tell(job, suspended ? 'Suspended' : 'Resumed', message);
    }
    if (final !== undefined) {
      const before = final.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
      for (const type of [before, final.type]) {
        const condition = { ...final, type, status: 'True' as const, lastProbeTime: timeText(now) };
        conditions = setCondition(conditions, condition, now);
      }
      if (final.type === 'Complete') tell(job, 'Completed', 'Job completed');
      else tell(job, final.reason, final.message, 'Warning');
    }
    const { startTime: _start, active: _active, ...rest } = current.status ?? {};
    const status = {
      ...rest,
      ...(startTime === undefined ? {} : { startTime }),
      ...(counts.active > 0 ? { active: counts.active } : {}),
      ...(counts.succeeded > 0 ? { succeeded: counts.succeeded } : {}),
      ...(counts.failed > 0 ? { failed: counts.failed } : {}),
      ready: pods.filter((pod) => isActive(pod) && isReady(pod)).length,
      terminating: pods.filter((pod) => isDeleting(pod)).length,
      uncountedTerminatedPods: {},
      ...(job.spec?.completionMode === 'Indexed' ? { completedIndexes: indexText(succeededIndexes(pods)) } : {}),
      ...(givenUp === null ? {} : { failedIndexes: indexText(givenUp) }),
      ...(conditions.length > 0 ? { conditions } : {}),
      ...(final?.type === 'Complete' ? { completionTime: timeText(now) } : {}),
    };
    if (!sameValue(status, current.status)) await updateStatus(client, JOBS, caches.jobs, current, status);
  }

  async function expire(job: KubeObject, ended: number): Promise<number | undefined> {
    const ttl: number | undefined = job.spec?.ttlSecondsAfterFinished;
    if (ttl === undefined) return undefined;
    const due = ended + ttl * 1000 - world.now();
    if (due > 0) return due;
    await deleteObject(world, JOBS, caches.jobs, job);
    return undefined;
  }

  function tell(job: KubeObject, reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    world.events.record(job, { component: COMPONENT, type, reason, message });
  }

  /** Failed pods are replaced after 10 s, 20 s, 40 s ... up to ten minutes. */
  function retryIn(job: KubeObject, pods: readonly KubeObject[], now: number): number | undefined {
    const failed = pods.filter((pod) => pod.status?.phase === 'Failed');
    if (failed.length === 0) return undefined;
    const last = Math.max(...failed.map(finishedAt));
    const wait = Math.min(600, 10 * 2 ** (failed.length - 1)) * 1000 * Math.max(world.pace, 0.05);
    const due = last + wait - now;
    return due > 0 && job.spec?.completionMode !== 'Indexed' ? due : undefined;
  }

  return runController(world, {
    name: COMPONENT,
    reconcile,
    watch: [
      { cache: caches.jobs, on: (job, _previous, deleted) => (deleted ? undefined : objectKey(job)) },
      { cache: caches.pods, on: (pod, previous) => ownerKeys('Job', pod, previous) },
    ],
  });
}

interface Outcome {
  startTime: string | undefined;
  suspended: boolean;
  final: Ending | undefined;
  /** Indexes that have failed for good; null without a limit per index. */
  givenUp: readonly number[] | null;
}

function judge(
  job: KubeObject,
  counts: { active: number; succeeded: number; failed: number },
  {
    pods,
    failedPods,
    givenUp,
  }: { pods: readonly KubeObject[]; failedPods: readonly KubeObject[]; givenUp: readonly number[] | null },
  deadline: number | undefined,
  now: number,
): Ending | undefined {
  if (deadline !== undefined && now >= deadline) {
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  }
  const byPolicy = failedByPolicy(job, failedPods) ?? succeededByPolicy(job, succeededIndexes(pods));
  if (byPolicy !== undefined) return byPolicy;
  const byIndexes = givenUp === null ? undefined : failedByIndexes(job, givenUp, counts.succeeded);
  if (byIndexes !== undefined) return byIndexes;
  if (givenUp === null && counts.failed > (job.spec?.backoffLimit ?? 6)) return backOffExceeded();
  const completions: number | undefined = job.spec?.completions;
  const done =
    completions === undefined ? counts.succeeded > 0 && counts.active === 0 : counts.succeeded >= completions;
  if (!done) return undefined;
  return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
}

function backOffExceeded(): Ending {
  return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
}

/** When the job ended, or undefined while it has not. */
function endOf(job: KubeObject): number | undefined {
  for (const type of ['Complete', 'Failed']) {
    const condition = findCondition(job.status?.conditions, type);
    if (condition?.status === 'True') return parseTime(condition.lastTransitionTime);
  }
  return undefined;
}

function deadlineOf(job: KubeObject, startTime: string | undefined): number | undefined {
  const seconds: number | undefined = job.spec?.activeDeadlineSeconds;
  const start = parseTime(startTime);
  return seconds === undefined || Number.isNaN(start) ? undefined : start + seconds * 1000;
}

function succeededOf(job: KubeObject, pods: readonly KubeObject[]): number {
  if (job.spec?.completionMode === 'Indexed') return succeededIndexes(pods).length;
  // Pods that were cleaned away after they succeeded still count.
  const seen = pods.filter((pod) => pod.status?.phase === 'Succeeded').length;
  return Math.max(seen, job.status?.succeeded ?? 0);
}

function succeededIndexes(pods: readonly KubeObject[]): number[] {
  const done = pods.filter((pod) => pod.status?.phase === 'Succeeded').map(indexOf);
  return [...new Set(done)].sort((a, b) => a - b);
}

function freeIndexes(
  job: KubeObject,
  pods: readonly KubeObject[],
  count: number,
  givenUp: readonly number[],
): number[] {
  const taken = new Set([...succeededIndexes(pods), ...givenUp, ...pods.filter(isActive).map(indexOf)]);
  const out: number[] = [];
  for (let index = 0; index < (job.spec?.completions ?? 0) && out.length < count; index++) {
    if (!taken.has(index)) out.push(index);
  }
  return out;
}

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

/** Containers of an indexed Job read their index from the environment. */
function withIndex(env: Json[] = []): Json[] {
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

function finishedAt(pod: KubeObject): number {
  const times = (pod.status?.containerStatuses ?? []).map(
    (status: { state?: { terminated?: { finishedAt?: string } } }) => parseTime(status.state?.terminated?.finishedAt),
  );
  return Math.max(0, ...times.filter((time: number) => !Number.isNaN(time)));
}

function smallest(...values: (number | undefined)[]): number | undefined {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
