/** Jobs and CronJobs: pods that are deleted, deadlines, quotas, schedules. */
import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf } from '../sim/objects.ts';
import { CRON_JOBS, EVENTS, JOBS, PODS } from '../sim/refs.ts';
import { batch, ready, simulated, until } from './test-support.ts';

const { client, look, space } = await simulated('jobs');

test('a pod of a Job that somebody deletes is a failure which stays counted, and no pod is left behind', async () => {
  const { create, get, remove, pods, list } = await space('jobs');
  await create(JOBS, 'batch/v1', 'Job', 'long', batch('sleep 3600'));
  const [pod] = await until(() => ready(pods(), 1));
  expect(pod?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
  await remove(PODS, nameOf(pod as KubeObject));
  await until(async () => ((await get(JOBS, 'long')).status?.failed === 1 ? await ready(pods(), 1) : undefined));
  await remove(JOBS, 'long', 'Background');
  await until(async () => (await list(PODS)).length === 0);
});

test('a Job that gives up is Failed once its last pod has gone, and says before that it will be', async () => {
  const { create, get, patch, pods, told } = await space('late');
  await create(JOBS, 'batch/v1', 'Job', 'late', batch('sleep 3600'));
  const [pod] = await until(() => ready(pods(), 1));
  await look(pod, true);
  await patch(JOBS, 'late', { spec: { activeDeadlineSeconds: 1 } });
  const types = async () =>
    ((await get(JOBS, 'late')).status?.conditions ?? []).map(({ type }: { type: string }) => type);
  await until(async () => (await types()).includes('FailureTarget'));
  expect(await types()).not.toContain('Failed');
  await look(pod, false);
  await until(async () => (await types()).includes('Failed'));
  const [message] = await until(async () => {
    const messages = await told('DeadlineExceeded');
    return messages.length > 0 ? messages : undefined;
  });
  expect(message).toBe('Job was active longer than specified deadline');
  expect((await get(JOBS, 'late')).status).toMatchObject({ failed: 1, terminating: 0, uncountedTerminatedPods: {} });
});

test('what a quota refuses a Job is asked for ever more rarely', async () => {
  const { create, list } = await space('scarce');
  const quotas = { group: '', version: 'v1', resource: 'resourcequotas' };
  await create(quotas, 'v1', 'ResourceQuota', 'none', { hard: { pods: '0' } });
  await create(JOBS, 'batch/v1', 'Job', 'refused', batch('exit 0'));
  // Names of events end with the time in nanoseconds.
  const times = async () =>
    (await list(EVENTS))
      .filter(({ reason }) => reason === 'FailedCreate')
      .map((event) => Number(BigInt(`0x${nameOf(event).split('.').at(-1)}`) / 1_000_000n))
      .sort((a, b) => a - b);
  const found = await until(async () => {
    const seen = await times();
    return seen.length >= 7 ? seen : undefined;
  });
  // Six pauses that double from half of 50 ms on make 1.5 s at least; from client-go's 5 ms on they make 0.3 s at most.
  expect(found[6]! - found[0]!).toBeGreaterThan(700);
});

test('a schedule that forbids a second job makes up for it, and does not wait for jobs that somebody made', async () => {
  const { create, get, list, remove, told } = await space('scheduled');
  const jobTemplate = { spec: batch('sleep 3600') };
  const spec = { schedule: '* * * * *', concurrencyPolicy: 'Forbid', suspend: true, jobTemplate };
  const cron = await create(CRON_JOBS, 'batch/v1', 'CronJob', 'often', spec);
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'often', uid: cron.metadata.uid, controller: true };
  const manual = { name: 'manual', ownerReferences: [owner] };
  await client.create(
    JOBS,
    { apiVersion: 'batch/v1', kind: 'Job', metadata: manual, spec: jobTemplate.spec } as KubeObject,
    { namespace: 'scheduled' },
  );
  await until(async () => (await told('UnexpectedJob')).length > 0);
  expect((await get(CRON_JOBS, 'often')).status?.active).toBeUndefined();
  // Two hours late: due at once, and once only.
  const lastScheduleTime = new Date(Date.now() - 7_200_000).toISOString().replace(/\.\d+Z/, 'Z');
  const late = { ...(await get(CRON_JOBS, 'often')), status: { lastScheduleTime } };
  await client.update(CRON_JOBS, late, { namespace: 'scheduled', subresource: 'status' });
  await client.patch(CRON_JOBS, 'often', 'merge', { spec: { suspend: false } }, { namespace: 'scheduled' });
  const ours = async () => (await list(JOBS)).filter((job) => nameOf(job) !== 'manual');
  const [first] = await until(async () => {
    const jobs = await ours();
    return jobs.length === 1 ? jobs : undefined;
  });
  await until(async () => (await get(CRON_JOBS, 'often')).status?.lastScheduleTime !== lastScheduleTime);
  await remove(JOBS, nameOf(first as KubeObject), 'Background');
  await until(async () => (await told('MissingJob')).length > 0);
  await remove(CRON_JOBS, 'often', 'Background');
});

test('a schedule that replaces takes the running job away first, tells so, and keeps as much history as it may', async () => {
  const { create, get, list, told } = await space('replacing');
  const inside = { namespace: 'replacing' };
  const jobTemplate = {
    metadata: { annotations: { note: 'kept' }, labels: { from: 'template' } },
    spec: batch('sleep 3600'),
  };
  const spec = { schedule: '* * * * *', timeZone: 'Asia/Shanghai', concurrencyPolicy: 'Replace', suspend: true };
  await create(CRON_JOBS, 'batch/v1', 'CronJob', 'often', { ...spec, successfulJobsHistoryLimit: 1, jobTemplate });
  /** Late by so many minutes: due at once. */
  const late = async (minutes: number) => {
    const lastScheduleTime = new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z/, 'Z');
    const { status, ...cron } = await get(CRON_JOBS, 'often');
    const next = { ...cron, status: { ...status, lastScheduleTime } } as KubeObject;
    await client.update(CRON_JOBS, next, { ...inside, subresource: 'status' });
    await client.patch(CRON_JOBS, 'often', 'merge', { spec: { suspend: false } }, inside);
    await until(async () => (await get(CRON_JOBS, 'often')).status?.lastScheduleTime !== lastScheduleTime);
    await client.patch(CRON_JOBS, 'often', 'merge', { spec: { suspend: true } }, inside);
  };
  // The name of a job is its minute: one that ran in the current one is not made again.
  const old = await create(JOBS, 'batch/v1', 'Job', 'often-1', batch('sleep 3600'));
  const { metadata: cron } = await get(CRON_JOBS, 'often');
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'often', uid: cron.uid, controller: true };
  await client.patch(JOBS, 'often-1', 'merge', { metadata: { ownerReferences: [owner] } }, inside);
  const active = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'often-1', ...inside, uid: old.metadata.uid }];
  await client.patch(CRON_JOBS, 'often', 'merge', { status: { active } }, { ...inside, subresource: 'status' });
  await late(10_000);
  await until(async () => (await told('SuccessfulDelete')).includes('Deleted job often-1'));
  await until(async () => (await told('TooManyMissedTimes')).length > 0);
  const [job] = (await list(JOBS)).filter((one) => nameOf(one) !== 'often-1');
  expect(job?.metadata.labels).toMatchObject({ from: 'template' });
  const at = job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'];
  expect(job?.metadata.annotations?.['note']).toBe('kept');
  expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\+08:00$/);
  expect(nameOf(job as KubeObject)).toBe(`often-${Date.parse(at ?? '') / 60_000}`);
  expect((await get(CRON_JOBS, 'often')).status?.active).toEqual([
    expect.objectContaining({ name: nameOf(job as KubeObject), uid: job?.metadata.uid }),
  ]);
  expect(await told('TooManyMissedTimes')).toContain(
    'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
  );
  // Of those that ended, the oldest go.
  for (const name of ['done-1', 'done-2', 'done-3']) {
    const metadata = { name, ownerReferences: [owner] };
    await client.create(
      JOBS,
      { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: batch('exit 0') } as KubeObject,
      inside,
    );
    await until(async () => (await get(JOBS, name)) === null || (await get(JOBS, name)).status?.succeeded === 1);
  }
  await until(async () => {
    const left = (await list(JOBS)).map(nameOf).filter((name) => name.startsWith('done'));
    return left.length === 1;
  });
  await until(async () => (await told('SuccessfulDelete')).includes('Deleted job done-1'));
});
