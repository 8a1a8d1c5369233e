/** What checks read from pods and their workloads, container by container. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { seconds } from './hits.ts';
import type { World } from './world.ts';

export interface ContainerFact {
  name: string;
  role: 'init' | 'sidecar' | 'main' | 'ephemeral';
  spec: Json;
  /** Where it stands: `spec.containers[0]`, `status.containerStatuses[0]`. */
  path: string;
  statusPath: string;
  waiting: { reason: string; message: string } | null;
  running: Json | null;
  terminated: Json | null;
  last: Json | null;
  restarts: number;
  ready: boolean;
  /** The kubelet has told about it. */
  known: boolean;
}

const LISTS = [
  ['initContainers', 'initContainerStatuses'],
  ['containers', 'containerStatuses'],
  ['ephemeralContainers', 'ephemeralContainerStatuses'],
] as const;

/** All of them, in the order in which they start. */
export function containersOf(pod: KubeObject): ContainerFact[] {
  return LISTS.flatMap(([list, statuses]) => {
    const specs: Json[] = Array.isArray(pod.spec?.[list]) ? pod.spec[list] : [];
    const told: Json[] = Array.isArray(pod.status?.[statuses]) ? pod.status[statuses] : [];
    return specs.map((spec, index): ContainerFact => {
      const place = told.findIndex((status) => status?.name === spec?.name);
      const status = told[place] ?? {};
      const { waiting, running, terminated } = status.state ?? {};
      return {
        name: String(spec?.name ?? ''),
        role: roleOf(list, spec),
        spec: spec ?? {},
        path: `spec.${list}[${index}]`,
        statusPath: `status.${statuses}[${Math.max(place, 0)}]`,
        waiting: waiting === undefined ? null : { reason: waiting.reason ?? '', message: waiting.message ?? '' },
        running: running ?? null,
        terminated: terminated ?? null,
        last: status.lastState?.terminated ?? null,
        restarts: Number(status.restartCount ?? 0),
        ready: status.ready === true,
        known: place >= 0,
      };
    });
  });
}

function roleOf(list: (typeof LISTS)[number][0], spec: Json): ContainerFact['role'] {
  if (list === 'containers') return 'main';
  if (list === 'ephemeralContainers') return 'ephemeral';
  return spec?.restartPolicy === 'Always' ? 'sidecar' : 'init';
}

export interface ConditionFact {
  type: string;
  status: string;
  reason: string;
  message: string;
  since: string | null;
  heartbeat: string | null;
  path: string;
}

export function conditionsOf(object: KubeObject): ConditionFact[] {
  const list: Json[] = Array.isArray(object.status?.conditions) ? object.status.conditions : [];
  return list.map((condition, index) => ({
    type: String(condition?.type ?? ''),
    status: String(condition?.status ?? ''),
    reason: String(condition?.reason ?? ''),
    message: String(condition?.message ?? ''),
    since: condition?.lastTransitionTime ?? null,
    heartbeat: condition?.lastHeartbeatTime ?? null,
    path: `status.conditions[${index}]`,
  }));
}

export function condition(object: KubeObject, type: string): ConditionFact | undefined {
  return conditionsOf(object).find((one) => one.type === type);
}

export function isReady(pod: KubeObject): boolean {
  return condition(pod, 'Ready')?.status === 'True' && pod.metadata.deletionTimestamp === undefined;
}

export function isOver(pod: KubeObject): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export function ageOf(object: KubeObject, now: number): number {
  return seconds(object.metadata.creationTimestamp, now);
}

/** The object a person edits: Deployment rather than ReplicaSet; the pod itself when nobody owns it. */
export function workloadOf(world: World, pod: KubeObject): KubeObject {
  const owner = ownerOf(world, pod);
  if (owner === undefined) return pod;
  return ownerOf(world, owner) ?? owner;
}

function ownerOf(world: World, object: KubeObject): KubeObject | undefined {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller);
  return owner === undefined ? undefined : world.get(owner.kind, object.metadata.namespace ?? '', owner.name);
}

/** Pods of a workload, with those of its ReplicaSets; the ones of the newest set first. */
export function podsOf(world: World, workload: KubeObject): KubeObject[] {
  if (workload.kind === 'Pod') return [workload];
  if (workload.kind !== 'Deployment') return [...world.owned('Pod', workload)];
  const revision = (set: KubeObject): number =>
    Number(set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
  return [...world.owned('ReplicaSet', workload)]
    .sort((a, b) => revision(b) - revision(a))
    .flatMap((set) => world.owned('Pod', set));
}

export function matchesLabels(selector: unknown, labels: Readonly<Record<string, string>> | undefined): boolean {
  const wanted = Object.entries((selector ?? {}) as Record<string, string>);
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
}

/** metav1.LabelSelector; an empty one selects everything. */
export function selects(selector: Json, labels: Readonly<Record<string, string>> = {}): boolean {
  if (selector === undefined || selector === null) return false;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false;
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const has = Object.hasOwn(labels, key);
    if (operator === 'In' && !(has && values.includes(labels[key]))) return false;
    if (operator === 'NotIn' && has && values.includes(labels[key])) return false;
    if (operator === 'Exists' && !has) return false;
    if (operator === 'DoesNotExist' && has) return false;
  }
  return true;
}

/** Claims that the pod names or gets made for it. */
export function claimNames(pod: KubeObject): string[] {
  return (pod.spec?.volumes ?? []).flatMap((one: Json) => {
    if (one?.persistentVolumeClaim?.claimName) return [String(one.persistentVolumeClaim.claimName)];
    return one?.ephemeral === undefined ? [] : [`${pod.metadata.name}-${one.name}`];
  });
}

/** Workloads whose pod template is edited in place. */
export const WORKLOAD_RESOURCE: Readonly<Record<string, { group: string; version: string; resource: string }>> = {
  Deployment: { group: 'apps', version: 'v1', resource: 'deployments' },
  StatefulSet: { group: 'apps', version: 'v1', resource: 'statefulsets' },
  DaemonSet: { group: 'apps', version: 'v1', resource: 'daemonsets' },
};
