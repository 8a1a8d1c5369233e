/** CronJob to Jobs: when the schedule is due, with the concurrency policy, suspension, deadline and history limits. */
import { Cron } from 'croner';
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

const COMPONENT = 'cronjob-controller';
/** Longer waits than a timer can hold are cut; the next look finds the same answer. */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;

export function runCronJobs(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;

  async function reconcile(key: string): Promise<number | undefined> {
    const cron = caches.cronJobs.get(key);
    if (cron === undefined || isDeleting(cron)) return undefined;
    const jobs = caches.jobs
      .list()
      .filter((job) => namespaceOf(job) === namespaceOf(cron) && isControlledBy(job, cron));
    await trimHistory(cron, jobs);
    const schedule = parseSchedule(cron.spec?.schedule, cron.spec?.timeZone);
    if (schedule === null) {
      tell(cron, 'UnparseableSchedule', `unparseable schedule: ${JSON.stringify(cron.spec?.schedule)}`, 'Warning');
      return undefined;
    }
    const now = world.now();
    const since = parseTime(cron.status?.lastScheduleTime ?? cron.metadata.creationTimestamp);
    const due = cron.spec?.suspend === true ? null : lastTime(schedule, since, now);
    const started = due === null ? null : await start(cron, jobs, due, now);
    await report(cron, jobs, started, started === null ? null : due);
    const next = schedule.nextRun(new Date(now))?.getTime();
    return next === undefined ? undefined : Math.min(LONGEST_WAIT_MS, next - now + 20);
  }

  /** The job made for the time due, or null when the policy says no. */
  async function start(cron: KubeObject, jobs: KubeObject[], due: number, now: number): Promise<KubeObject | null> {
    const deadline: number | undefined = cron.spec?.startingDeadlineSeconds;
    if (deadline !== undefined && due + deadline * 1000 < now) {
      tell(cron, 'MissSchedule', `Missed scheduled time to start a job: ${new Date(due).toUTCString()}`, 'Warning');
      return null;
    }
    const active = jobs.filter((job) => isListed(cron, job) && endedAs(job) === undefined);
    if (active.length > 0 && cron.spec?.concurrencyPolicy === 'Forbid') {
      tell(
        cron,
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
      );
      return null;
    }
    if (cron.spec?.concurrencyPolicy === 'Replace') {
      for (const job of active) {
        await deleteObject(world, JOBS, caches.jobs, job);
        tell(cron, 'SuccessfulDelete', `Deleted job ${nameOf(job)}`);
      }
    }
    const template = cron.spec?.jobTemplate ?? {};
    // The name is the time it was due in minutes: a second attempt for the same time finds the first.
    const name = `${nameOf(cron)}-${Math.floor(due / 60_000)}`;
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
        const existing = caches.jobs.get(`${namespaceOf(cron)}/${name}`);
        return existing !== undefined && isControlledBy(existing, cron) ? existing : null;
      }
      if (isTerminating(error)) return null;
      tell(cron, 'FailedCreate', `Error creating job: ${error instanceof Error ? error.message : error}`, 'Warning');
      throw error;
    }
  }

  async function report(cron: KubeObject, jobs: KubeObject[], started: KubeObject | null, due: number | null) {
    const current = caches.cronJobs.get(objectKey(cron));
    if (current === undefined || current.metadata.uid !== cron.metadata.uid) return;
    // A job that somebody made from the template is nobody the schedule waits for.
    const replaced = started !== null && cron.spec?.concurrencyPolicy === 'Replace';
    const listed = replaced
      ? []
      : jobs.filter((job) => isListed(current, job) && job.metadata.uid !== started?.metadata.uid);
    const active = [...listed, ...(started === null ? [] : [started])].filter((job) => endedAs(job) === undefined);
    for (const job of jobs) {
      if (job.metadata.uid === started?.metadata.uid || isListed(current, job) || endedAs(job) !== undefined) continue;
      tell(cron, 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${nameOf(job)}`, 'Warning');
    }
    for (const { name, uid } of (current.status?.active ?? []) as { name: string; uid: string }[]) {
      if (!jobs.some((job) => job.metadata.uid === uid)) tell(cron, 'MissingJob', `Active job went missing: ${name}`);
    }
    const finished = jobs
      .filter((job) => endedAs(job) === 'Complete')
      .map((job) => parseTime(job.status?.completionTime))
      .filter((time) => !Number.isNaN(time));
    const lastSuccess = finished.length === 0 ? undefined : timeText(Math.max(...finished));
    const { active: _active, ...rest } = current.status ?? {};
    const status = {
      ...rest,
      ...(active.length > 0
        ? {
            active: active.map((job) => ({
              apiVersion: 'batch/v1',
              kind: 'Job',
              name: nameOf(job),
              namespace: namespaceOf(job),
              uid: uidOf(job),
              ...(job.metadata.resourceVersion === undefined ? {} : { resourceVersion: job.metadata.resourceVersion }),
            })),
          }
        : {}),
      // Not when the policy said no: the job is made up for when the one before it is over.
      ...(due === null ? {} : { lastScheduleTime: timeText(due) }),
      ...(lastSuccess === undefined ? {} : { lastSuccessfulTime: lastSuccess }),
    };
    if (sameActive(status, current.status)) return;
    await updateStatus(client, CRON_JOBS, caches.cronJobs, current, status);
    for (const job of jobs) {
      const ended = endedAs(job);
      if (isListed(current, job) && ended !== undefined) {
        tell(cron, 'SawCompletedJob', `Saw completed job: ${nameOf(job)}, condition: ${ended}`);
      }
    }
  }

  async function trimHistory(cron: KubeObject, jobs: KubeObject[]): Promise<void> {
    const limits = [
      ['Complete', cron.spec?.successfulJobsHistoryLimit ?? 3],
      ['Failed', cron.spec?.failedJobsHistoryLimit ?? 1],
    ] as const;
    for (const [kind, limit] of limits) {
      const ended = jobs
        .filter((job) => endedAs(job) === kind && !isDeleting(job))
        .sort((a, b) => parseTime(a.metadata.creationTimestamp) - parseTime(b.metadata.creationTimestamp));
      for (const job of ended.slice(0, Math.max(0, ended.length - limit))) {
        await deleteObject(world, JOBS, caches.jobs, job);
        tell(cron, 'SuccessfulDelete', `Deleted job ${nameOf(job)}`);
      }
    }
  }

  function tell(cron: KubeObject, reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    world.events.record(cron, { component: COMPONENT, type, reason, message });
  }

  return runController(world, {
    name: COMPONENT,
    reconcile,
    watch: [
      { cache: caches.cronJobs, on: (cron, _previous, deleted) => (deleted ? undefined : objectKey(cron)) },
      { cache: caches.jobs, on: (job, previous) => ownerKeys('CronJob', job, previous) },
    ],
  });
}

/** Resource versions of the active jobs change all the time and mean nothing here. */
function sameActive(a: KubeObject['status'], b: KubeObject['status']): boolean {
  const plain = (status: KubeObject['status']) => ({
    ...status,
    active: (status?.active ?? []).map((entry: { uid?: string }) => entry.uid),
  });
  return sameValue(plain(a), plain(b));
}

function isListed(cron: KubeObject, job: KubeObject): boolean {
  return (cron.status?.active ?? []).some((entry: { uid?: string }) => entry.uid === job.metadata.uid);
}

/** RFC 3339 in the zone, which is UTC unless the CronJob names another. */
export function zonedTimeText(ms: number, timeZone: string | undefined): string {
  if (timeZone === undefined) return timeText(ms);
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(ms);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const offset = name.slice('GMT'.length);
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  const ahead = (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  return ahead === 0 ? timeText(ms) : `${timeText(ms + ahead).slice(0, -1)}${offset}`;
}

function endedAs(job: KubeObject): 'Complete' | 'Failed' | undefined {
  for (const type of ['Complete', 'Failed'] as const) {
    if (findCondition(job.status?.conditions, type)?.status === 'True') return type;
  }
  return undefined;
}

/** Null when the text is no schedule. Five fields, UTC unless the CronJob names a zone. */
export function parseSchedule(text: unknown, timeZone?: string): Cron | null {
  try {
    return new Cron(String(text), { mode: '5-part', paused: true, timezone: timeZone ?? 'UTC' });
  } catch {
    return null;
  }
}

/** Latest time in (after, now]; null when none fell due. */
export function lastTime(schedule: Cron, after: number, now: number): number | null {
  const [latest] = schedule.previousRuns(1, new Date(now + 1000));
  if (latest === undefined) return null;
  const time = latest.getTime();
  return time > after && time <= now ? time : null;
}
