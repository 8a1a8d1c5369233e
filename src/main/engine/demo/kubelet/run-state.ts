/** What the simulated container runtime knows of a pod and its containers, and how that begins. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Random } from '../sim/random.ts';
import type { Rejection } from './admission.ts';
import { type Behaviour, behaviourOf } from './behaviour.ts';
import { parseImage } from './images.ts';
import type { ProbeAnswer, ProbeStates } from './probing.ts';
import type { ResizePending } from './resize.ts';

/** A time that does not come by itself. */
export const NEVER = Number.POSITIVE_INFINITY;
const DEFAULT_GRACE_S = 30;

export interface Terminated {
  startedAt: number;
  finishedAt: number;
  exitCode: number;
  reason: string;
  containerId: string;
  message?: string;
}

/** The end of one container of a pod that goes on: a probe has failed, or its specification has changed. */
export interface Ending {
  graceSeconds: number;
  /** It is made anew from what is wanted now, whatever its policy. */
  anew: boolean;
  /** Somebody sees to it. */
  begun: boolean;
  /** How it ended; null until then. */
  exitCode: number | null;
}

export interface ContainerRun {
  spec: Json;
  role: 'init' | 'sidecar' | 'main' | 'ephemeral';
  /** What happens when `due` has come. */
  step:
    | 'idle'
    | 'pulling'
    | 'pullFailed'
    | 'pullBackOff'
    | 'starting'
    | 'hooked'
    | 'running'
    | 'exited'
    | 'backOff'
    | 'finished';
  due: number;
  waiting: { reason: string; message?: string } | null;
  startedAt: number;
  exitAt: number;
  /** It has been told to end, while its pod stays. */
  ending: Ending | null;
  /** From when on it counts as ready; NEVER until its readiness probe says so. */
  readyAt: number;
  behaviour: Behaviour;
  last: Terminated | null;
  /** The state itself when it is terminated now. */
  terminated: Terminated | null;
  restarts: number;
  /** Ends in a row without a long run between: what the back-off grows with. */
  crashes: number;
  pulls: number;
  pullStartedAt: number;
  image: string;
  imageId: string;
  containerId: string;
  /** By kind, those that its specification has. */
  probes: ProbeStates;
  /** Its startup probe has succeeded, or there is none. */
  started: boolean;
  /** Its hook at the start: under way, or how it ended. */
  startHook: 'running' | 'done' | 'failed' | null;
}

export interface PodRun {
  uid: string;
  startedAt: number;
  sandboxDue: number;
  /** How often its volumes could not be mounted, and when that is tried again. */
  mountTries: number;
  mountDue: number;
  ip: string | null;
  containers: ContainerRun[];
  /** Images that are mounted, each as the first half of a container: it is pulled, and then `finished`. */
  images: ContainerRun[];
  /** What keeps a resize that was asked for waiting. */
  resize: ResizePending | null;
  /** It is to go, and has been asked about as such. */
  leaving: boolean;
  /** The behaviour annotation the containers follow now. */
  wish: string;
}

export interface RunEnvironment {
  pace: number;
  /** Minor version of the kubelet. */
  minor: number;
  random: Random;
  /** Images on the pod's node; pulling adds to it. */
  images: Set<string>;
  /** The behaviour annotation that holds for the pod; absent: the pod's own. */
  wish?: string;
  /** What probes have found, by `answerKey`; absent: every probe succeeds. */
  answers?: Map<string, ProbeAnswer>;
  /** Why the node has no room for what the pod asks for now; absent: it always has. */
  refusesResize?(): Rejection | null;
  /** Why a container cannot be given its variables, by its name. */
  broken?: ReadonlyMap<string, string>;
  allocateAddress(): string;
}

export interface RunEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** Empty for what concerns the pod as a whole. */
  container: string;
  role: ContainerRun['role'];
}

/** How long the containers of a pod have to end. */
export function graceOf(pod: KubeObject): number {
  return pod.spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S;
}

/** What is said of a container that ended with that code. */
export function endReason(exitCode: number): 'Completed' | 'Error' {
  return exitCode === 0 ? 'Completed' : 'Error';
}

export function newContainer(pod: KubeObject, spec: Json, role: ContainerRun['role'], wish: string): ContainerRun {
  return {
    spec,
    role,
    step: 'idle',
    due: NEVER,
    waiting: {
      reason: role === 'main' && (pod.spec?.initContainers?.length ?? 0) > 0 ? 'PodInitializing' : 'ContainerCreating',
    },
    startedAt: 0,
    exitAt: NEVER,
    ending: null,
    readyAt: NEVER,
    behaviour: behaviourOf(pod, spec, wish),
    last: null,
    terminated: null,
    restarts: 0,
    crashes: 0,
    pulls: 0,
    pullStartedAt: 0,
    image: parseImage(spec.image ?? '')?.full ?? spec.image ?? '',
    imageId: '',
    containerId: '',
    probes: {},
    started: false,
    startHook: null,
  };
}

/** What has to be pulled for the pod's volumes. */
export function imageVolumesOf(pod: KubeObject, wish: string): ContainerRun[] {
  return (pod.spec?.volumes ?? []).flatMap(({ name, image }: Json) =>
    image?.reference === undefined
      ? []
      : [newContainer(pod, { name, image: image.reference, imagePullPolicy: image.pullPolicy }, 'main', wish)],
  );
}

/** Every container of the pod, before anything has been done for it. `wish`: the behaviour annotation that holds. */
export function containersOf(pod: KubeObject, wish: string): ContainerRun[] {
  return [
    ...(pod.spec?.initContainers ?? []).map((spec: Json) => {
      const role = spec.restartPolicy === 'Always' ? 'sidecar' : 'init';
      const run = newContainer(pod, spec, role, wish);
      run.waiting = { reason: 'PodInitializing' };
      // An init container ends by itself, whatever its image would do as a server.
      if (role === 'init' && !Number.isFinite(run.behaviour.runsFor)) run.behaviour = { ...run.behaviour, runsFor: 1 };
      if (role === 'sidecar') run.behaviour = { ...run.behaviour, runsFor: NEVER };
      return run;
    }),
    ...(pod.spec?.containers ?? []).map((spec: Json) => newContainer(pod, spec, 'main', wish)),
    ...(pod.spec?.ephemeralContainers ?? []).map((spec: Json) => newContainer(pod, spec, 'ephemeral', wish)),
  ];
}
