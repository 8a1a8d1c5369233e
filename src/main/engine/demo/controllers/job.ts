/**
 * Job to Pods: completions, parallelism, back-off limit, deadline, suspension, time to live. Pods that have ended are
 * counted one by one (job-tracking.ts); what a failure means is in job-policies.ts.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { minorOf } from '../profiles/node-object.ts';
import { runController } from '../sim/controller.ts';
import { podsOf } from '../sim/indexes.ts';
import {
  controllerOf,
  controllerReference,
  findCondition,
  isDeleting,
  nameOf,
  namespaceOf,
  podTemplateToPod,
  sameValue,
  timeText,
  uidOf,
} from '../sim/objects.ts';
import { deletionOrder, isActive, isFinished, isReady, isTerminating } from '../sim/pods.ts';
import { JOBS, PODS } from '../sim/refs.ts';
import { matchesSelector } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { claimObjects, selectingKeys } from './claim.ts';
import { createPod, deleteObject, inBatches, ownerKeys, removePod, slowStart } from './common.ts';
import {
  awaitingReplacement,
  backOffAfter,
  failedIndexes,
  failureAnnotations,
  hasLimitPerIndex,
  without,
} from './job-index-failures.ts';
import { countedFailures, type Ending, INDEX, indexOf } from './job-policies.ts';
import {
  complete,
  deadlineOf,
  endOf,
  freeIndexes,
  indexText,
  isDone,
  judge,
  startTimeOf,
  succeededIndexes,
  suspension,
  TARGETS,
  targetOf,
  uncountedText,
  withCondition,
  withIndex,
} from './job-state.ts';
import {
  type BackOff,
  backOffIn,
  hasFailed,
  isTracked,
  nextBackOff,
  podsToRemove,
  settle,
  TRACKING,
  uidsOf,
  uncountedOf,
} from './job-tracking.ts';

const COMPONENT = 'job-controller';
/** As spec.managedBy names this controller. */
const CONTROLLER = 'kubernetes.io/job-controller';
/** What the API server refuses is not asked for again at once. */
const API_BACK_OFF_MS = 1000;

export function runJobs(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  const backOffs = new Map<string, BackOff>();

  async function reconcile(key: string): Promise<number | undefined> {
    const job = caches.jobs.get(key);
    if (job === undefined) {
      backOffs.delete(key);
      return undefined;
    }
    const ended = endOf(job);
    // Somebody else's: not even the pods that are there are looked at.
    if ((job.spec?.managedBy ?? CONTROLLER) !== CONTROLLER)
      return ended === undefined || isDeleting(job) ? undefined : await expire(job, ended);
    if (ended !== undefined || isDeleting(job)) {
      await untrack(podsOf(caches, job).filter(isTracked));
      return ended === undefined || isDeleting(job) ? undefined : await expire(job, ended);
    }
    const now = world.now();
    const pods = await claim(job);
    const active = pods.filter(isActive);
    const uncounted = uncountedOf(job);
    const tracked = pods.filter(isTracked);
    const newlySucceeded = tracked.filter(
      (pod) => pod.status?.phase === 'Succeeded' && !uncounted.succeeded.includes(uidOf(pod)),
    );
    const newlyFailed = tracked.filter((pod) => hasFailed(job, pod) && !uncounted.failed.includes(uidOf(pod)));
    const backOff = nextBackOff(backOffs.get(key), newlySucceeded, newlyFailed);
    const failedPods = pods.filter((pod) => hasFailed(job, pod));
    const indexed = job.spec?.completionMode === 'Indexed';
    const indexes = indexed ? succeededIndexes(job, pods) : [];
    const givenUp = failedIndexes(job, pods);
    const awaiting = awaitingReplacement(job, pods, [...indexes, ...(givenUp ?? [])]);
    const failedBefore: number = job.status?.failed ?? 0;
    const succeededBefore: number = job.status?.succeeded ?? 0;
    const counts = {
      succeeded: indexed ? indexes.length : succeededBefore + uncounted.succeeded.length + newlySucceeded.length,
      failed: failedBefore + uncounted.failed.length + countedFailures(job, newlyFailed).length,
    };
    const suspended = job.spec?.suspend === true;
    const startTime: string | undefined = job.status?.startTime ?? (suspended ? undefined : timeText(now));
    const deadline = suspended ? undefined : deadlineOf(job, startTime);
    let ending = targetOf(job) ?? judge(job, counts, { pods, failedPods, givenUp, indexes }, deadline, now);
    let left = active.length;
    let wait: number | undefined;
    let failure: unknown;
    try {
      if (ending !== undefined) left -= await removeAll(job, active);
      else if (suspended) left -= await removeUncounted(job, active);
      else {
        const done = await manage(job, active, pods, {
          succeeded: counts.succeeded,
          indexes,
          givenUp,
          awaiting,
          backOff,
        });
        left = done.active;
        wait = done.wait;
      }
    } catch (error) {
      failure = error;
      left = podsOf(caches, job).filter(isActive).length;
    }
    if (ending === undefined && failure === undefined && isDone(job, counts.succeeded, left)) ending = complete();
    await report(job, pods, {
      active: left,
      startTime,
      ending,
      givenUp,
      indexes: indexed ? indexes : null,
      newlySucceeded,
      newlyFailed,
      awaiting,
    });
    backOffs.set(key, backOff);
    if (failure !== undefined) throw failure;
    return smallest(wait, deadline === undefined ? undefined : Math.max(50, deadline - now));
  }

  async function claim(job: KubeObject): Promise<KubeObject[]> {
    return await claimObjects(world, {
      owner: job,
      reference: controllerReference(job, 'batch/v1', 'Job'),
      ref: PODS,
      cache: caches.pods,
      finalizer: TRACKING,
      selects: (pod) => matchesSelector(job.spec?.selector, pod.metadata.labels),
    });
  }

  async function removeAll(job: KubeObject, pods: readonly KubeObject[]): Promise<number> {
    await inBatches(pods.length, async (index) => {
      const pod = pods[index];
      if (pod !== undefined) await removePod(world, job, COMPONENT, pod);
    });
    return pods.length;
  }

  /** Pods that the job itself has no use for: without their finalizer they count as nothing. */
  async function removeUncounted(job: KubeObject, pods: readonly KubeObject[]): Promise<number> {
    await untrack(pods);
    return await removeAll(job, pods);
  }

  /** Makes and takes away pods. Returns how many are active then, and when to come back for those that wait. */
  async function manage(
    job: KubeObject,
    active: readonly KubeObject[],
    pods: readonly KubeObject[],
    { succeeded, indexes, givenUp, awaiting, backOff }: Progress,
  ): Promise<{ active: number; wait?: number }> {
    const parallelism: number = job.spec?.parallelism ?? 1;
    const completions: number | undefined = job.spec?.completions;
    const indexed = job.spec?.completionMode === 'Indexed';
    const wanted =
      completions === undefined
        ? succeeded > 0
          ? active.length
          : parallelism
        : Math.max(0, Math.min(parallelism, completions - succeeded));
    const indexIn = indexed ? indexOf : () => -1;
    const surplus = podsToRemove(deletionOrder(active), active.length - wanted, completions ?? 0, indexIn);
    if (surplus.length > 0) return { active: active.length - (await removeUncounted(job, surplus)) };
    const leaving = job.spec?.podReplacementPolicy === 'Failed' ? pods.filter(isTerminating).length : 0;
    let missing = wanted - active.length - leaving;
    if (missing <= 0) return { active: active.length };
    const pace = Math.max(world.pace, SLOWEST_PACE);
    const now = world.now();
    const due = givenUp === null ? backOffIn(backOff, now, pace) : 0;
    // As the real one does: while it waits, the status names none.
    if (due > 0) return { active: 0, wait: due };
    let free = indexed ? freeIndexes(job, pods, missing, [...indexes, ...(givenUp ?? [])]) : [];
    if (givenUp !== null) {
      const waits = free.map((index) => backOffIn(backOffAfter(awaiting.get(index)), now, pace));
      free = free.filter((_index, at) => (waits[at] ?? 0) <= 0);
      if (free.length === 0 && waits.length > 0) return { active: 0, wait: Math.min(...waits) };
    }
    if (indexed) missing = free.length;
    await slowStart(missing, async (at) => createPod(world, job, COMPONENT, podFor(job, free[at], awaiting)));
    return { active: active.length + missing, ...(due > 0 ? { wait: due } : {}) };
  }

  function podFor(job: KubeObject, index: number | undefined, awaiting: ReadonlyMap<number, KubeObject>): KubeObject {
    const pod = podTemplateToPod(job.spec?.template, {
      namespace: namespaceOf(job),
      generateName: index === undefined ? `${nameOf(job)}-` : `${nameOf(job)}-${index}-`,
      owner: controllerReference(job, 'batch/v1', 'Job'),
    });
    const uid = job.metadata.uid ?? '';
    pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), TRACKING];
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
      if (hasLimitPerIndex(job)) Object.assign(pod.metadata.annotations, failureAnnotations(job, awaiting.get(index)));
      pod.spec.hostname = `${nameOf(job)}-${index}`;
      for (const container of [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])])
        container.env = withIndex(container.env);
    }
    return pod;
  }

  /** Counts in two steps: the pods are named in the status, then their finalizers go, then they are in the counts. */
  async function report(job: KubeObject, pods: readonly KubeObject[], outcome: Outcome): Promise<void> {
    const { ending } = outcome;
    const now = world.now();
    const uncounted = uncountedOf(job);
    const failedToo = ending?.type === 'Failed' ? pods.filter((pod) => isTracked(pod) && !isFinished(pod)) : [];
    if (outcome.indexes === null) uncounted.succeeded.push(...outcome.newlySucceeded.map(uidOf));
    const newlyFailed = ending === undefined ? without(outcome.newlyFailed, outcome.awaiting) : outcome.newlyFailed;
    const failing = countedFailures(job, [...new Set([...newlyFailed, ...failedToo])]);
    uncounted.failed.push(...failing.map(uidOf).filter((uid) => !uncounted.failed.includes(uid)));
    let conditions = suspension(job, now);
    if (ending !== undefined) conditions = withCondition(conditions, TARGETS[ending.type], ending, now);
    const current = caches.jobs.get(objectKey(job));
    if (current === undefined || current.metadata.uid !== job.metadata.uid) return;
    const minor = minorOf(world.profile.version);
    const startTime = startTimeOf(job, outcome.startTime, { now, minor, ends: ending !== undefined });
    const { active: _active, startTime: _start, ...rest } = current.status ?? {};
    const own = podsOf(caches, job);
    const draft = {
      ...rest,
      ...(startTime === undefined ? {} : { startTime }),
      ...(outcome.active > 0 ? { active: outcome.active } : {}),
      ready: own.filter((pod) => isActive(pod) && isReady(pod)).length,
      terminating: own.filter(isTerminating).length,
      ...(outcome.indexes === null || outcome.indexes.length === 0
        ? {}
        : { completedIndexes: indexText(outcome.indexes), succeeded: outcome.indexes.length }),
      ...(outcome.givenUp === null ? {} : { failedIndexes: indexText(outcome.givenUp) }),
      ...(conditions.length > 0 ? { conditions } : {}),
      uncountedTerminatedPods: uncountedText(uncounted),
    };
    let written = current;
    if (!sameValue(draft, current.status)) written = await updateStatus(client, JOBS, caches.jobs, current, draft);
    tellSuspension(job);

    const counted = pods.filter(
      (pod) => isTracked(pod) && (ending !== undefined || pod.status?.phase === 'Succeeded' || hasFailed(job, pod)),
    );
    await untrack(ending === undefined ? without(counted, outcome.awaiting) : counted);
    const tracked = uidsOf(podsOf(caches, job).filter(isTracked));
    const counts = { succeeded: written.status?.succeeded ?? 0, failed: written.status?.failed ?? 0 };
    const settled = settle(uncounted, counts, tracked);
    const terminating = podsOf(caches, job).filter(isTerminating).length;
    const open = settled.uncounted.succeeded.length + settled.uncounted.failed.length > 0;
    const finished = ending !== undefined && !open && terminating === 0 ? ending : undefined;
    const status = {
      ...written.status,
      terminating,
      uncountedTerminatedPods: uncountedText(settled.uncounted),
      ...(settled.succeeded > 0 ? { succeeded: settled.succeeded } : {}),
      ...(settled.failed > 0 ? { failed: settled.failed } : {}),
      ...(finished === undefined
        ? {}
        : { conditions: withCondition(written.status?.conditions ?? [], finished.type, finished, now) }),
      ...(finished?.type === 'Complete' ? { completionTime: timeText(now) } : {}),
    };
    if (!sameValue(status, written.status)) await updateStatus(client, JOBS, caches.jobs, written, status);
    if (finished === undefined) return;
    if (finished.type === 'Complete') {
      if ((status.succeeded ?? 0) > (job.spec?.completions ?? Number.POSITIVE_INFINITY))
        tell(job, 'TooManySucceededPods', 'Too many succeeded pods running after completion count reached', 'Warning');
      tell(job, 'Completed', 'Job completed');
    } else tell(job, finished.reason, finished.message, 'Warning');
  }

  async function untrack(pods: readonly KubeObject[]): Promise<void> {
    await inBatches(pods.length, async (index) => {
      const pod = caches.pods.get(objectKey(pods[index] as KubeObject));
      if (pod === undefined || !isTracked(pod)) return;
      const { finalizers = [], ...metadata } = pod.metadata;
      const left = finalizers.filter((one) => one !== TRACKING);
      try {
        const next = { ...pod, metadata: left.length === 0 ? metadata : { ...metadata, finalizers: left } };
        caches.pods.wrote(await client.update(PODS, next));
      } catch (error) {
        if (!isNotFound(error)) throw error;
        caches.pods.removed(pod);
      }
    });
  }

  function tellSuspension(job: KubeObject): void {
    const was = findCondition(job.status?.conditions, 'Suspended')?.status === 'True';
    const is = job.spec?.suspend === true;
    if (is && !was) tell(job, 'Suspended', 'Job suspended');
    else if (was && !is) tell(job, 'Resumed', 'Job resumed');
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

  /** Pods of jobs that have gone are nobody's to count. */
  function isAbandoned(pod: KubeObject): boolean {
    if (!isTracked(pod)) return false;
    const owner = controllerOf(pod);
    if (owner?.kind !== 'Job') return true;
    return caches.jobs.get(`${namespaceOf(pod)}/${owner.name}`)?.metadata.uid !== owner.uid;
  }

  const abandoned = runController(world, {
    name: `${COMPONENT}-orphans`,
    reconcile: async (key) => {
      const pod = caches.pods.get(key);
      if (pod !== undefined && isAbandoned(pod)) await untrack([pod]);
      return undefined;
    },
    watch: [
      {
        cache: caches.pods,
        on: (pod, _previous, deleted) => (!deleted && isAbandoned(pod) ? objectKey(pod) : undefined),
      },
      {
        cache: caches.jobs,
        on: (job, _previous, deleted) => (deleted ? podsOf(caches, job).filter(isTracked).map(objectKey) : undefined),
      },
    ],
  });
  const controller = runController(world, {
    name: COMPONENT,
    baseDelayMs: API_BACK_OFF_MS * Math.max(world.pace, SLOWEST_PACE),
    reconcile,
    watch: [
      { cache: caches.jobs, on: (job) => objectKey(job) },
      {
        cache: caches.pods,
        on: (pod, previous, deleted) => [
          ...ownerKeys('Job', pod, previous),
          ...(deleted
            ? []
            : selectingKeys(caches.jobs, pod, (job) => matchesSelector(job.spec?.selector, pod.metadata.labels))),
        ],
      },
    ],
  });
  return {
    name: controller.name,
    stop: async () => {
      await Promise.all([abandoned.stop(), controller.stop()]);
    },
  };
}

interface Progress {
  succeeded: number;
  indexes: readonly number[];
  givenUp: readonly number[] | null;
  awaiting: ReadonlyMap<number, KubeObject>;
  backOff: BackOff;
}

interface Outcome {
  active: number;
  startTime: string | undefined;
  ending: Ending | undefined;
  /** Indexes that have failed for good; null without a limit per index. */
  givenUp: readonly number[] | null;
  /** Indexes that have succeeded; null where there are none. */
  indexes: readonly number[] | null;
  newlySucceeded: readonly KubeObject[];
  newlyFailed: readonly KubeObject[];
  /** By index: failed pods that are not counted before another has taken their place. */
  awaiting: ReadonlyMap<number, KubeObject>;
}

function smallest(...values: (number | undefined)[]): number | undefined {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
