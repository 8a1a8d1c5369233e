/** Objects of cases, as short as they can be told. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { BEHAVIOUR_ANNOTATION } from '../../kubelet/behaviour.ts';
import type { CaseEvent, CaseObject, CasePlace } from './types.ts';

export const LABELS = { app: 'app' };
/** Leaves the object to whoever wrote its status: see kubelet/behaviour.ts. */
export const STAGED = { [BEHAVIOUR_ANNOTATION]: 'staged' };
/** A scheduler that does not exist leaves the pod's conditions as they are. */
export const NO_SCHEDULER = 'case-scheduler';

export const warning = (reason: string, message: string, more: Partial<CaseEvent> = {}): CaseEvent => ({
  type: 'Warning',
  reason,
  message,
  ...more,
});

const CONTAINER = { name: 'app', image: 'nginx:1.29-alpine', ports: [{ containerPort: 80, name: 'http' }] };

/** An ordinary pod that the simulation runs, with its behaviour where that is not the ordinary one. */
export function pod(
  { namespace }: CasePlace,
  spec: Json = {},
  container: Json = {},
  name = 'app',
  behaviour?: string,
): CaseObject {
  return {
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        labels: { ...LABELS },
        ...(behaviour === undefined ? {} : { annotations: { [BEHAVIOUR_ANNOTATION]: behaviour } }),
      },
      spec: { containers: [{ ...CONTAINER, ...container }], ...spec },
    },
  };
}

/** A pod on a working node whose status is told here. */
export function stagedPod(
  place: CasePlace,
  status: Json,
  events: readonly CaseEvent[] = [],
  more: { spec?: Json; container?: Json; name?: string } = {},
): CaseObject {
  const { object } = pod(place, { nodeName: place.node, ...more.spec }, more.container, more.name);
  object.metadata.annotations = { ...STAGED };
  return { object, status: { startTime: place.ago(120), ...status }, events };
}

/** `Running` and ready, as kubelet tells it. */
export function running(place: CasePlace, container: Json = {}, ready = true): Json {
  return {
    phase: 'Running',
    podIP: '10.244.250.9',
    podIPs: [{ ip: '10.244.250.9' }],
    conditions: [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: place.ago(120) },
      { type: 'Initialized', status: 'True', lastTransitionTime: place.ago(110) },
      { type: 'ContainersReady', status: ready ? 'True' : 'False', lastTransitionTime: place.ago(100) },
      { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: place.ago(100) },
    ],
    containerStatuses: [status(place, { ready, state: { running: { startedAt: place.ago(100) } }, ...container })],
  };
}

function status(_place: CasePlace, change: Json): Json {
  return { name: 'app', image: CONTAINER.image, imageID: '', restartCount: 0, ready: false, started: false, ...change };
}

/** Pending, with the container waiting for the reason. */
export function waiting(place: CasePlace, reason: string, message = '', change: Json = {}): Json {
  return {
    phase: 'Pending',
    conditions: [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: place.ago(120) },
      { type: 'Ready', status: 'False', reason: 'ContainersNotReady', lastTransitionTime: place.ago(120) },
    ],
    containerStatuses: [
      status(place, { state: { waiting: { reason, ...(message === '' ? {} : { message }) } }, ...change }),
    ],
  };
}

/** In a crash loop after ending like this. */
export function crashed(
  place: CasePlace,
  ended: { exitCode: number; reason: string; message?: string },
  restarts = 6,
): Json {
  return {
    ...running(
      place,
      {
        ready: false,
        restartCount: restarts,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 2m40s restarting failed container=app' } },
        lastState: { terminated: { startedAt: place.ago(62), finishedAt: place.ago(60), ...ended } },
      },
      false,
    ),
  };
}

/** A pod no scheduler placed, with the scheduler's words. */
export function unscheduled(place: CasePlace, message: string, spec: Json = {}, container: Json = {}): CaseObject {
  const { object } = pod(place, { schedulerName: NO_SCHEDULER, ...spec }, container);
  return {
    object,
    status: {
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: place.ago(60) },
      ],
    },
    events: [warning('FailedScheduling', message, { component: 'default-scheduler' })],
  };
}

export function deployment(
  { namespace }: CasePlace,
  template: Json = {},
  container: Json = {},
  spec: Json = {},
): CaseObject {
  return {
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'app', namespace, labels: { ...LABELS } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { ...LABELS } },
        template: {
          metadata: { labels: { ...LABELS } },
          spec: { containers: [{ ...CONTAINER, ...container }], ...template },
        },
        ...spec,
      },
    },
  };
}

export function service({ namespace }: CasePlace, spec: Json = {}, name = 'web'): CaseObject {
  return {
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: { ...LABELS }, ports: [{ name: 'http', port: 80, targetPort: 80 }], ...spec },
    },
  };
}

export function object(apiVersion: string, kind: string, name: string, namespace: string, rest: Json = {}): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }) }, ...rest };
}

const HEALTHY: readonly [string, string][] = [
  ['MemoryPressure', 'False'],
  ['DiskPressure', 'False'],
  ['PIDPressure', 'False'],
  ['Ready', 'True'],
];

/** A node of the case itself: nobody's kubelet, so it stays as it is told here. */
export function node(
  place: CasePlace,
  conditions: Readonly<Record<string, Json>> = {},
  more: { spec?: Json; labels?: Record<string, string>; status?: Json; events?: readonly CaseEvent[] } = {},
): CaseObject {
  const told = new Map<string, Json>(HEALTHY.map(([type, is]) => [type, { status: is }]));
  for (const [type, condition] of Object.entries(conditions)) told.set(type, condition);
  return {
    object: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: place.caseNode,
        labels: { 'kubernetes.io/hostname': place.caseNode, ...more.labels },
        annotations: { ...STAGED },
      },
      spec: { taints: [{ key: 'demo.fleetdeck/case', effect: 'NoSchedule' }], ...more.spec },
    },
    status: {
      capacity: { cpu: '4', memory: '16Gi', pods: '110' },
      allocatable: { cpu: '3800m', memory: '14Gi', pods: '110' },
      nodeInfo: {
        kubeletVersion: '',
        containerRuntimeVersion: 'containerd://2.1.4',
        operatingSystem: 'linux',
        architecture: 'amd64',
        machineID: place.caseNode,
        systemUUID: place.caseNode,
        bootID: place.caseNode,
        kernelVersion: '6.8.0',
        osImage: 'Linux',
        kubeProxyVersion: '',
      },
      conditions: [...told].map(([type, condition]) => ({
        type,
        lastHeartbeatTime: place.ago(15),
        lastTransitionTime: place.ago(120),
        reason: 'Told',
        message: '',
        ...condition,
      })),
      ...more.status,
    },
    events: more.events ?? [],
  };
}
