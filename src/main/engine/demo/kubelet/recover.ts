/** Rebuilds the run of a pod from its status, after the process that ran it has ended. No I/O. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { parseTime } from '../sim/objects.ts';
import { backOffMs } from './back-off.ts';
import { resumeProbes } from './probing.ts';
import { newRun, plan } from './run.ts';
import type { ContainerRun, PodRun, RunEnvironment, Terminated } from './run-state.ts';

/** The run of a pod that was started before this process: what ran keeps running. */
export function recoverRun(pod: KubeObject, now: number, env: RunEnvironment): PodRun {
  const run = newRun(pod, now, env);
  const started = parseTime(pod.status?.startTime);
  if (!Number.isNaN(started)) run.startedAt = started;
  const address: string | undefined = pod.status?.podIP;
  if (address === undefined || address === '') return run;
  run.ip = address;
  run.sandboxDue = Number.POSITIVE_INFINITY;
  const statuses: Json[] = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.ephemeralContainerStatuses ?? []),
  ];
  for (const container of run.containers) {
    const status = statuses.find((candidate) => candidate.name === container.spec.name);
    if (status !== undefined) recoverContainer(container, status, now, env);
  }
  // What has been mounted was there.
  for (const image of run.images)
    if (run.containers.some(({ spec, containerId }) => containerId !== '' && mounts(spec, image.spec.name)))
      image.step = 'finished';
  return run;
}

function mounts({ volumeMounts }: Json, volume: string): boolean {
  return ((volumeMounts ?? []) as Json[]).some(({ name }) => name === volume);
}

function recoverContainer(container: ContainerRun, status: Json, now: number, env: RunEnvironment): void {
  container.restarts = status.restartCount ?? 0;
  container.crashes = container.restarts;
  container.imageId = status.imageID ?? '';
  container.containerId = status.containerID ?? '';
  container.last = readTerminated(status.lastState?.terminated);
  if (container.imageId !== '') env.images.add(container.image);
  const terminated = readTerminated(status.state?.terminated);
  if (status.state?.running !== undefined) {
    container.startedAt = parseTime(status.state.running.startedAt) || now;
    container.waiting = null;
    container.step = 'running';
    plan(container, env);
    if (status.ready === true) container.readyAt = container.startedAt;
    if (status.started === true) resumeProbes(container, now);
    container.exitAt = Math.max(container.exitAt, now);
  } else if (terminated !== null) {
    container.waiting = null;
    container.terminated = terminated;
    container.startedAt = terminated.startedAt;
    container.step = 'exited';
    container.due = now + env.random.between(500, 1500) * env.pace;
  } else if (container.restarts > 0 || container.last !== null) {
    container.step = 'backOff';
    container.waiting = { reason: 'CrashLoopBackOff', message: status.state?.waiting?.message };
    container.due = now + backOffMs(container.crashes, env.pace);
  }
}

function readTerminated(state: Json): Terminated | null {
  if (state === undefined || state === null) return null;
  return {
    startedAt: parseTime(state.startedAt) || 0,
    finishedAt: parseTime(state.finishedAt) || 0,
    exitCode: state.exitCode ?? 0,
    reason: state.reason ?? '',
    containerId: state.containerID ?? '',
    ...(state.message === undefined ? {} : { message: state.message }),
  };
}
