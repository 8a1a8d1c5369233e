/** CronJob to Jobs: when the schedule is due, with the concurrency policy, suspension, deadline and history limits. */
import type { Cron } from 'croner';
import { isAlreadyExists } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import {
  controllerReference,
  findCondition,
  isControlledBy,
  isDeleting,
  nameOf,
  namespaceOf,
  parseTime,
  sameValue,
  timeText,
  uidOf,
} from '../sim/objects.ts';
import { CRON_JOBS, JOBS } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { deleteObject, isTerminating, ownerKeys } from './common.ts';
import { dueTime, parseSchedule, zonedTimeText } from './cron-schedule.ts';

const COMPONENT = 'cronjob-controller';
/** Longer waits than a timer can hold are cut; the next look finds the same answer. */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;
const CLOCKS_DIFFER_MS = 100;

export function runCronJobs(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;

  async function reconcile(key: string): Promise<number | undefined> {
    const cron = caches.cronJobs.get(key);
    if (cron === undefined) return undefined;
    const jobs = caches.jobs
      .list()
      .filter((job) => namespaceOf(job) === namespaceOf(cron) && isControlledBy(job, cron));
    const state = stateOf(cron);
    await trimHistory(cron, jobs, state);
    look(cron, jobs, state);
    let wait: number | undefined;
    let failure: unknown;
    try {
      if (!isDeleting(cron) && cron.spec?.suspend !== true) wait = await run(cron, jobs, state);
    } catch (error) {
      failure = error;
    }
    await report(cron, state);
    if (failure !== undefined) throw failure;
    return wait;
  }

  /** What has become of the jobs that were active. */
  function look(cron: KubeObject, jobs: readonly KubeObject[], state: State): void {
    for (const job of jobs) {
      const ended = endedAs(job);
      const listed = state.active.some(({ uid }) => uid === uidOf(job));
      if (ended === undefined) {
        // One that somebody made from the template is nobody the schedule waits for.
        if (listed) continue;
        const message = `Saw a job that the controller did not create or forgot: ${nameOf(job)}`;
        tell(cron, 'UnexpectedJob', message, 'Warning');
        continue;
      }
      if (listed) {
        forget(state, uidOf(job));
        tell(cron, 'SawCompletedJob', `Saw completed job: ${nameOf(job)}, condition: ${ended}`);
      }
      const at = ended === 'Complete' ? parseTime(job.status?.completionTime) : Number.NaN;
      if (at > state.lastSuccess) state.lastSuccess = at;
    }
    for (const { name, uid } of state.active) {
      if (jobs.some((job) => uidOf(job) === uid)) continue;
      tell(cron, 'MissingJob', `Active job went missing: ${name}`);
      forget(state, uid);
    }
  }

  /** Starts what is due. Returns when to look again. */
  async function run(cron: KubeObject, jobs: readonly KubeObject[], state: State): Promise<number | undefined> {
    const text = cron.spec?.schedule;
    const schedule = parseSchedule(text, cron.spec?.timeZone);
    if (schedule === null) {
      tell(cron, 'UnparseableSchedule', `unparseable schedule: ${JSON.stringify(text)}`, 'Warning');
      return undefined;
    }
    const now = world.now();
    const since = parseTime(cron.status?.lastScheduleTime ?? cron.metadata.creationTimestamp);
    const due = dueTime(schedule, since, cron.spec?.startingDeadlineSeconds, now);
    if (due === null) {
      const message = `invalid schedule: ${text} : time difference between two schedules is less than 1 second`;
      tell(cron, 'InvalidSchedule', message, 'Warning');
      return undefined;
    }
    if (due.tooMany) {
      const hint = 'Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      tell(cron, 'TooManyMissedTimes', `too many missed start times. ${hint}`, 'Warning');
    }
    if (due.at !== null) await start(cron, jobs, state, due.at, now);
    return nextLook(schedule, now);
  }

  async function start(cron: KubeObject, jobs: readonly KubeObject[], state: State, due: number, now: number) {
    const deadline: number | undefined = cron.spec?.startingDeadlineSeconds;
    if (deadline !== undefined && due + deadline * 1000 < now) {
      const at = new Date(due).toUTCString().replace('GMT', '+0000');
      tell(cron, 'MissSchedule', `Missed scheduled time to start a job: ${at}`, 'Warning');
      return;
    }
    // The name is the time it was due in minutes: a second attempt for the same time finds the first.
    const name = `${nameOf(cron)}-${Math.floor(due / 60_000)}`;
    if (state.active.some((one) => one.name === name)) return;
    const policy: string | undefined = cron.spec?.concurrencyPolicy;
    // Not started and not counted as such: the job is made up for when the one before it is over.
    if (policy === 'Forbid' && state.active.length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      tell(cron, 'JobAlreadyActive', message);
      return;
    }
    if (policy === 'Replace') {
      for (const job of jobs) {
        if (state.active.some(({ uid }) => uid === uidOf(job))) await remove(cron, job, state);
      }
    }
    const created = await create(cron, name, due);
    if (created === null) return;
    state.active.push({
      apiVersion: 'batch/v1',
      kind: 'Job',
      name,
      namespace: namespaceOf(created),
      uid: uidOf(created),
      ...(created.metadata.resourceVersion === undefined ? {} : { resourceVersion: created.metadata.resourceVersion }),
    });
    state.lastSchedule = timeText(due);
  }

  /** Null where another one has the name, or the namespace goes. */
  async function create(cron: KubeObject, name: string, due: number): Promise<KubeObject | null> {
    const template = cron.spec?.jobTemplate ?? {};
    try {
      const created = await client.create(
        JOBS,
        {
          apiVersion: 'batch/v1',
          kind: 'Job',
          metadata: {
            name,
            namespace: namespaceOf(cron),
            labels: { ...template.metadata?.labels },
            annotations: {
              ...template.metadata?.annotations,
              'batch.kubernetes.io/cronjob-scheduled-timestamp': zonedTimeText(due, cron.spec?.timeZone),
            },
            ownerReferences: [controllerReference(cron, 'batch/v1', 'CronJob')],
          },
          spec: structuredClone(template.spec ?? {}),
        },
        { namespace: namespaceOf(cron) },
      );
      caches.jobs.wrote(created);
      tell(cron, 'SuccessfulCreate', `Created job ${name}`);
      return created;
    } catch (error) {
      if (isAlreadyExists(error)) {
        const existing = await client.find(JOBS, name, { namespace: namespaceOf(cron) });
        return existing !== null && isControlledBy(existing, cron) ? existing : null;
      }
      if (isTerminating(error)) return null;
      tell(cron, 'FailedCreate', `Error creating job: ${error instanceof Error ? error.message : error}`, 'Warning');
      throw error;
    }
  }

  async function report(cron: KubeObject, state: State): Promise<void> {
    const current = caches.cronJobs.get(objectKey(cron));
    if (current === undefined || current.metadata.uid !== cron.metadata.uid) return;
    const { active: _active, ...rest } = current.status ?? {};
    const status = {
      ...rest,
      ...(state.active.length > 0 ? { active: state.active } : {}),
      ...(state.lastSchedule === undefined ? {} : { lastScheduleTime: state.lastSchedule }),
      ...(state.lastSuccess > 0 ? { lastSuccessfulTime: timeText(state.lastSuccess) } : {}),
    };
    if (!sameValue(status, current.status ?? {})) {
      await updateStatus(client, CRON_JOBS, caches.cronJobs, current, status);
    }
  }

  async function trimHistory(cron: KubeObject, jobs: readonly KubeObject[], state: State): Promise<void> {
    const limits = [
      ['Complete', cron.spec?.successfulJobsHistoryLimit],
      ['Failed', cron.spec?.failedJobsHistoryLimit],
    ] as const;
    for (const [kind, limit] of limits) {
      if (limit === undefined) continue;
      const ended = jobs.filter((job) => endedAs(job) === kind && !isDeleting(job)).sort(byStart);
      for (const job of ended.slice(0, Math.max(0, ended.length - limit))) await remove(cron, job, state);
    }
  }

  async function remove(cron: KubeObject, job: KubeObject, state: State): Promise<void> {
    try {
      await deleteObject(world, JOBS, caches.jobs, job);
    } catch (error) {
      tell(cron, 'FailedDelete', `Deleted job: ${error instanceof Error ? error.message : error}`, 'Warning');
      throw error;
    }
    forget(state, uidOf(job));
    tell(cron, 'SuccessfulDelete', `Deleted job ${nameOf(job)}`);
  }

  function tell(cron: KubeObject, reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    world.events.record(cron, { component: COMPONENT, type, reason, message });
  }

  const controller = runController(world, {
    name: COMPONENT,
    reconcile,
    watch: [
      {
        cache: caches.cronJobs,
        on: (cron, previous, deleted) => {
          if (deleted) return undefined;
          // Another schedule holds from its next time on: what it would have missed is nobody's to make up for.
          if (previous === undefined || !isRescheduled(cron, previous)) return objectKey(cron);
          const schedule = parseSchedule(cron.spec?.schedule, cron.spec?.timeZone);
          controller.enqueue(objectKey(cron), schedule === null ? undefined : nextLook(schedule, world.now()));
          return undefined;
        },
      },
      { cache: caches.jobs, on: (job, previous) => ownerKeys('CronJob', job, previous) },
    ],
  });
  return controller;
}

/** What a look at a CronJob finds and changes of its status. */
interface State {
  active: Active[];
  lastSchedule: string | undefined;
  /** ms; 0 for never. */
  lastSuccess: number;
}

interface Active {
  apiVersion: string;
  kind: string;
  name: string;
  namespace: string;
  uid: string;
  resourceVersion?: string;
}

function stateOf({ status }: KubeObject): State {
  return {
    active: [...((status?.active ?? []) as Active[])],
    lastSchedule: status?.lastScheduleTime,
    lastSuccess: parseTime(status?.lastSuccessfulTime) || 0,
  };
}

function forget(state: State, uid: string): void {
  state.active = state.active.filter((one) => one.uid !== uid);
}

/** A little after the next time, as clocks differ. */
function nextLook(schedule: Cron, now: number): number | undefined {
  const next = schedule.nextRun(new Date(now))?.getTime();
  return next === undefined ? undefined : Math.min(LONGEST_WAIT_MS, next - now + CLOCKS_DIFFER_MS);
}

function isRescheduled({ spec }: KubeObject, { spec: before }: KubeObject): boolean {
  return spec?.schedule !== before?.schedule || spec?.timeZone !== before?.timeZone;
}

/** Those that never started come last. */
function byStart(a: KubeObject, b: KubeObject): number {
  const start = (job: KubeObject) => parseTime(job.status?.startTime) || Number.MAX_SAFE_INTEGER;
  return start(a) - start(b) || (nameOf(a) < nameOf(b) ? -1 : 1);
}

function endedAs(job: KubeObject): 'Complete' | 'Failed' | undefined {
  for (const type of ['Complete', 'Failed'] as const) {
    if (findCondition(job.status?.conditions, type)?.status === 'True') return type;
  }
  return undefined;
}
