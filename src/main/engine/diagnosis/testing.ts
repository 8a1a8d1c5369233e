/** For tests: small objects, and what a diagnosis says of them. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { judge } from './diagnose.ts';
import { createWorld, type WorldInput } from './world.ts';

export const NOW = Date.parse('2026-06-01T12:00:00Z');
export const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString().replace('.000Z', 'Z');

export function thing(apiVersion: string, kind: string, name: string, rest: Json = {}, namespace = 'shop'): KubeObject {
  const { metadata, ...fields } = rest;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === '' ? {} : { namespace }),
      uid: `uid-${kind}-${name}`,
      creationTimestamp: ago(3600),
      ...metadata,
    },
    ...fields,
  };
}

const CONDITIONS = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'];

/** A pod that runs and is ready, but for what is changed. */
export function pod(
  change: { metadata?: Json; spec?: Json; status?: Json; container?: Json; state?: Json } = {},
): KubeObject {
  const { metadata, spec, status, container, state } = change;
  const name = metadata?.name ?? 'web-1';
  return thing('v1', 'Pod', name, {
    metadata: { labels: { app: 'web' }, ...metadata },
    spec: {
      nodeName: 'n1',
      containers: [
        { name: 'app', image: 'registry.example/web:1', ports: [{ containerPort: 8080, name: 'http' }], ...container },
      ],
      ...spec,
    },
    status: {
      phase: 'Running',
      conditions: CONDITIONS.map((type) => ({ type, status: 'True', lastTransitionTime: ago(3000) })),
      containerStatuses: [
        { name: 'app', ready: true, restartCount: 0, state: { running: { startedAt: ago(3000) } }, ...state },
      ],
      ...status,
    },
  });
}

export const UNREADY = {
  conditions: [
    { type: 'PodScheduled', status: 'True', lastTransitionTime: ago(600) },
    { type: 'Ready', status: 'False', lastTransitionTime: ago(600) },
  ],
};

/** The container waits for the reason. */
export function waiting(reason: string, message = '', change: Parameters<typeof pod>[0] = {}): KubeObject {
  return pod({
    ...change,
    status: { phase: 'Pending', ...UNREADY, ...change.status },
    state: { ready: false, state: { waiting: { reason, message } }, ...change.state },
  });
}

/** The container ended like this and is started again and again. */
export function crashed(terminated: Json, change: Parameters<typeof pod>[0] = {}): KubeObject {
  return pod({
    ...change,
    status: { ...UNREADY, ...change.status },
    state: {
      ready: false,
      restartCount: 6,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
      lastState: { terminated: { startedAt: ago(62), finishedAt: ago(60), ...terminated } },
    },
  });
}

/** A pod no node would take, with the scheduler's words. */
export function unscheduled(message: string, spec: Json = {}, metadata: Json = {}): KubeObject {
  return pod({
    metadata,
    spec: { nodeName: undefined, ...spec },
    status: {
      phase: 'Pending',
      containerStatuses: [],
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: ago(600) },
      ],
    },
  });
}

export function node(
  name = 'n1',
  change: { metadata?: Json; spec?: Json; status?: Json; conditions?: Record<string, Json> } = {},
): KubeObject {
  const { metadata, spec, status, conditions } = change;
  const told: Record<string, Json> = {
    MemoryPressure: { status: 'False' },
    DiskPressure: { status: 'False' },
    PIDPressure: { status: 'False' },
    Ready: { status: 'True' },
    ...conditions,
  };
  return thing(
    'v1',
    'Node',
    name,
    {
      metadata: { labels: { 'kubernetes.io/os': 'linux' }, ...metadata },
      spec: spec ?? {},
      status: {
        capacity: { cpu: '4', memory: '8Gi', pods: '110' },
        allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
        nodeInfo: { kubeletVersion: 'v1.36.0', architecture: 'amd64', machineID: name },
        conditions: Object.entries(told).map(([type, one]) => ({
          type,
          reason: '',
          message: '',
          lastHeartbeatTime: ago(10),
          lastTransitionTime: ago(900),
          ...one,
        })),
        ...status,
      },
    },
    '',
  );
}

export function service(spec: Json = {}, name = 'web', status: Json = {}): KubeObject {
  return thing('v1', 'Service', name, {
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.0.0.9',
      selector: { app: 'web' },
      ports: [{ port: 80, targetPort: 8080 }],
      ...spec,
    },
    status,
  });
}

export function slice(of: string, ready = 1, notReady = 0, nodeName = 'n1'): KubeObject {
  const endpoint = (is: boolean) => ({ addresses: ['10.1.0.1'], conditions: { ready: is }, nodeName });
  return thing('discovery.k8s.io/v1', 'EndpointSlice', `${of}-x`, {
    metadata: { labels: { 'kubernetes.io/service-name': of } },
    endpoints: [
      ...Array.from({ length: ready }, () => endpoint(true)),
      ...Array.from({ length: notReady }, () => endpoint(false)),
    ],
  });
}

export function told(about: KubeObject, reason: string, message: string, more: Json = {}): KubeObject {
  const { name, namespace, uid } = about.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${reason}.${message.length}`, namespace: namespace ?? 'default' },
    involvedObject: {
      kind: about.kind,
      name,
      namespace,
      ...(about.kind === 'Node' ? {} : { uid }),
      ...(more.container === undefined ? {} : { fieldPath: `spec.containers{${more.container}}` }),
    },
    type: 'Warning',
    reason,
    message,
    count: 1,
    firstTimestamp: ago(300),
    lastTimestamp: ago(30),
    source: { component: 'kubelet' },
    ...more,
  };
}

export function workload(kind: string, spec: Json = {}, status: Json = {}): KubeObject {
  const labels = { app: 'web' };
  return thing('apps/v1', kind, 'web', {
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'web:1' }] } },
      ...spec,
    },
    status,
  });
}

export function report(target: KubeObject, others: readonly KubeObject[] = [], more: Partial<WorldInput> = {}) {
  const world = createWorld({ cluster: 'test', now: NOW, version: 'v1.36.0', objects: [target, ...others], ...more });
  return judge(target, world);
}

/** Causes, the most likely first. */
export function causes(
  target: KubeObject,
  others: readonly KubeObject[] = [],
  more: Partial<WorldInput> = {},
): string[] {
  return report(target, others, more).findings.map(({ cause }) => cause);
}

/** The chain that leads to the first cause: `S-NOEP < S-READY < P-READY`. */
export function chain(target: KubeObject, others: readonly KubeObject[] = [], more: Partial<WorldInput> = {}): string {
  return (report(target, others, more).findings[0]?.chain ?? []).map(({ cause }) => cause).join(' < ');
}
