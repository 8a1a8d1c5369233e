/** PodStatus of a run, as kubelet generates it. Pure. Source: API reference PodStatus; KEP-3085 (sandbox condition). */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type Condition, findCondition, setCondition, timeText } from '../sim/objects.ts';
import { couldStartOver, STARTS_OVER_SINCE, startsOver } from './restart-all.ts';
import type { ContainerRun, PodRun, Terminated } from './run-state.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface StatusOrigin {
  ip: string;
  /** Minor version of the kubelet, whose fields are written. */
  minor: number;
}

/** Fields of a status that older kubelets do not know, by the minor version that brought them. */
const SINCE = { volumeMounts: 31, resources: 33, observedGeneration: 34 } as const;

/** `phase`: where it is not its containers that decide. */
export function podStatus(pod: KubeObject, run: PodRun, node: StatusOrigin, now: number, phase = phaseOf(run)): Json {
  const inits = run.containers.filter((container) => container.role === 'init' || container.role === 'sidecar');
  const ephemeral = run.containers.filter((container) => container.role === 'ephemeral');
  const mains = run.containers.filter((container) => container.role === 'main');
  const hasAddress = run.ip !== null;
  return {
    ...pod.status,
    ...observed(pod, node.minor),
    phase,
    conditions: conditionsOf(pod, run, phase, node.minor, now),
    hostIP: node.ip,
    hostIPs: [{ ip: node.ip }],
    startTime: timeText(run.startedAt),
    ...(hasAddress ? { podIP: run.ip, podIPs: [{ ip: run.ip }] } : {}),
    ...(inits.length > 0
      ? { initContainerStatuses: inits.map((container) => containerStatus(container, node.minor, now)) }
      : {}),
    containerStatuses: mains.map((container) => containerStatus(container, node.minor, now)),
    ...(ephemeral.length > 0
      ? {
          ephemeralContainerStatuses: ephemeral.map((container) => ({
            ...containerStatus(container, node.minor, now),
            ready: false,
          })),
        }
      : {}),
  };
}

/** Source: kubelet's getPhase. */
export function phaseOf(run: PodRun): Phase {
  const inits = run.containers.filter((container) => container.role === 'init');
  if (inits.some((init) => init.step === 'finished' && init.terminated?.exitCode !== 0)) return 'Failed';
  const mains = run.containers.filter((container) => container.role === 'main');
  // What starts over has been further.
  if (!initialized(run) && !mains.some(({ startedAt }) => startedAt > 0)) return 'Pending';
  if (neverStarted(mains)) return 'Pending';
  const ended = mains.every((container) => container.step === 'finished');
  // Sidecars are ended after the others, and the pod with the last of them.
  if (!ended || run.containers.some(({ role, step }) => role === 'sidecar' && step === 'running')) return 'Running';
  return mains.every((container) => container.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
}

function neverStarted(mains: readonly ContainerRun[]): boolean {
  return mains.some(
    (container) => container.waiting !== null && container.last === null && container.terminated === null,
  );
}

export function initialized(run: PodRun): boolean {
  return run.containers.every((container) => {
    if (container.role === 'main' || container.role === 'ephemeral') return true;
    if (container.role === 'sidecar') return container.startedAt > 0;
    return container.terminated?.exitCode === 0;
  });
}

export function containerReady(container: ContainerRun, now: number): boolean {
  if (container.role === 'init') return container.terminated?.exitCode === 0;
  return container.step === 'running' && container.readyAt <= now;
}

/** Of which generation of the pod a status or a condition speaks. */
export function observed(pod: KubeObject, minor: number): { observedGeneration?: number } {
  return minor < SINCE.observedGeneration ? {} : { observedGeneration: pod.metadata.generation ?? 1 };
}

function conditionsOf(pod: KubeObject, run: PodRun, phase: Phase, minor: number, now: number): Condition[] {
  const common = { lastProbeTime: null, ...observed(pod, minor) };
  const mains = run.containers.filter((container) => container.role === 'main' || container.role === 'sidecar');
  const waitingInits = run.containers.filter(
    (container) =>
      (container.role === 'init' && container.terminated?.exitCode !== 0) ||
      (container.role === 'sidecar' && container.startedAt === 0),
  );
  const unready = mains.filter((container) => !containerReady(container, now));
  const unreadyMessage = `containers with unready status: [${unready.map((container) => container.spec.name).join(' ')}]`;
  const finished = phase === 'Succeeded' || phase === 'Failed';
  let notReady: Partial<Condition> | null = null;
  if (phase === 'Succeeded') notReady = { reason: 'PodCompleted' };
  else if (phase === 'Failed') notReady = { reason: 'PodFailed' };
  else if (unready.length > 0) notReady = { reason: 'ContainersNotReady', message: unreadyMessage };

  const gates: string[] = (pod.spec?.readinessGates ?? []).map((gate: Json) => gate.conditionType);
  const closed = gates.flatMap((gate) => {
    const status = findCondition(pod.status?.conditions, gate)?.status;
    if (status === 'True') return [];
    return status === undefined
      ? `corresponding condition of pod readiness gate "${gate}" does not exist.`
      : `the status of pod readiness gate "${gate}" is not "True", but ${status}`;
  });
  let conditions: Condition[] = pod.status?.conditions ?? [];
  const set = (type: string, status: boolean, why: Partial<Condition> = {}) => {
    conditions = setCondition(conditions, { type, status: status ? 'True' : 'False', ...common, ...why }, now);
  };
  set('PodReadyToStartContainers', run.ip !== null && !finished);
  const starts = minor >= STARTS_OVER_SINCE;
  const again = starts && findCondition(pod.status?.conditions, 'Initialized')?.status === 'True';
  if (waitingInits.length > 0 && !again) {
    set('Initialized', false, {
      reason: 'ContainersNotInitialized',
      message: `containers with incomplete status: [${waitingInits.map((container) => container.spec.name).join(' ')}]`,
    });
  } else set('Initialized', true, phase === 'Succeeded' ? { reason: 'PodCompleted' } : {});
  if (notReady === null && closed.length > 0) {
    set('Ready', false, {
      reason: 'ReadinessGatesNotReady',
      message: closed.join(', '),
    });
  } else set('Ready', notReady === null, notReady ?? {});
  set('ContainersReady', notReady === null, notReady ?? {});
  set('PodScheduled', true);
  if (starts && couldStartOver(pod)) {
    const over = run.containers.some((container) => startsOver(container, minor));
    const why = over
      ? { reason: 'RestartAllContainersStarted', message: 'container exited with restart policy rule' }
      : finished && notReady?.reason !== undefined
        ? { reason: notReady.reason }
        : {};
    set('AllContainersRestarting', over && !finished, why);
  }
  return withResize(conditions, run, minor);
}

/** A resize that waits for room, dated by its reason. */
function withResize(conditions: Condition[], { resize }: PodRun, minor: number): Condition[] {
  const others = conditions.filter(({ type }) => type !== 'PodResizePending');
  if (resize === null) return others.length === conditions.length ? conditions : others;
  const { reason, message, generation, since } = resize;
  const at = timeText(since);
  return [
    ...others,
    {
      type: 'PodResizePending',
      status: 'True',
      ...(minor < SINCE.observedGeneration ? {} : { observedGeneration: generation }),
      lastProbeTime: at,
      lastTransitionTime: at,
      reason,
      message,
    },
  ];
}

function containerStatus(container: ContainerRun, minor: number, now: number): Json {
  const created = container.containerId !== '';
  const mounts: Json[] = container.spec.volumeMounts ?? [];
  const { claims: _claims, ...resources }: Json = container.spec.resources ?? {};
  const ready = containerReady(container, now);
  return {
    name: container.spec.name,
    state: stateOf(container),
    lastState: container.last === null ? {} : { terminated: terminatedState(container.last) },
    ready,
    restartCount: container.restarts,
    image: container.imageId === '' ? (container.spec.image ?? '') : container.image,
    imageID: container.imageId,
    ...(created ? { containerID: container.containerId } : {}),
    started: container.step === 'running' && container.started,
    ...(minor >= SINCE.resources && created
      ? { resources, ...(resources.requests === undefined ? {} : { allocatedResources: resources.requests }) }
      : {}),
    ...(minor >= SINCE.volumeMounts && mounts.length > 0 ? { volumeMounts: mounts.map(mountStatus) } : {}),
  };
}

/** Recursively read-only mounts are what no simulated runtime offers. */
function mountStatus({ name, mountPath, readOnly }: Json): Json {
  return { name, mountPath, ...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' } : {}) };
}

function stateOf(container: ContainerRun): Json {
  if (container.step === 'running') return { running: { startedAt: timeText(container.startedAt) } };
  if (container.terminated !== null) return { terminated: terminatedState(container.terminated) };
  const { reason, message } = container.waiting ?? { reason: 'ContainerCreating' };
  return { waiting: { reason, ...(message === undefined ? {} : { message }) } };
}

function terminatedState(ended: Terminated): Json {
  return {
    exitCode: ended.exitCode,
    reason: ended.reason,
    ...(ended.message === undefined ? {} : { message: ended.message }),
    ...(Number.isNaN(ended.startedAt) ? {} : { startedAt: timeText(ended.startedAt) }),
    ...(Number.isNaN(ended.finishedAt) ? {} : { finishedAt: timeText(ended.finishedAt) }),
    containerID: ended.containerId,
  };
}
