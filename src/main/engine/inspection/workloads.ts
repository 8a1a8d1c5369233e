/** Workloads as rules see them: the pod template of the object that a person edits, and the places of its containers. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

/** Which object something is about. */
export interface Subject {
  namespace: string;
  kind: string;
  name: string;
}

export interface PodSubject {
  /** The object a person edits: the Deployment, not its ReplicaSets and Pods. */
  object: KubeObject;
  spec: Json;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Where `spec` lies in the object: `spec.template.spec`. */
  path: string;
}

export interface ContainerPlace {
  container: Json;
  name: string;
  path: string;
  /** Runs to its end before the others start. A sidecar (restartPolicy Always) is no such one. */
  init: boolean;
}

const TEMPLATE: Record<string, string[]> = {
  'apps/Deployment': ['spec', 'template'],
  'apps/StatefulSet': ['spec', 'template'],
  'apps/DaemonSet': ['spec', 'template'],
  'apps/ReplicaSet': ['spec', 'template'],
  'batch/Job': ['spec', 'template'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
  '/ReplicationController': ['spec', 'template'],
  '/Pod': [],
};

export const WORKLOAD_KINDS: readonly string[] = Object.keys(TEMPLATE).map((key) => key.slice(key.indexOf('/') + 1));

function groupKind({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): string {
  const slash = apiVersion.indexOf('/');
  return `${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`;
}

/** Null for what runs no pods, or has no pod spec. */
export function podOf(object: KubeObject): PodSubject | null {
  const steps = TEMPLATE[groupKind(object)];
  if (steps === undefined) return null;
  const template = steps.reduce((value: Json, step) => value?.[step], object as Json);
  if (template?.spec === undefined || template.spec === null) return null;
  return {
    object,
    spec: template.spec,
    labels: template.metadata?.labels ?? {},
    annotations: template.metadata?.annotations ?? {},
    path: [...steps, 'spec'].join('.'),
  };
}

/** Ends by itself: probes would only disturb it. */
export function isBatch({ object }: PodSubject): boolean {
  if (object.kind === 'Job' || object.kind === 'CronJob') return true;
  return object.metadata.ownerReferences?.some(({ kind }) => kind === 'Job') ?? false;
}

/** Containers that keep running: the regular ones, and sidecars among the init containers. */
export function runningContainers(pod: PodSubject): ContainerPlace[] {
  return allContainers(pod).filter(({ init }) => !init);
}

/** Init containers too. Ephemeral ones are a person's debugging, not the workload's. */
export function allContainers({ spec, path }: PodSubject): ContainerPlace[] {
  const place = (field: string, sidecars: boolean) => (container: Json, index: number) => ({
    container: container ?? {},
    name: String(container?.name ?? index),
    path: `${path}.${field}[${index}]`,
    init: sidecars && container?.restartPolicy !== 'Always',
  });
  return [
    ...list(spec.initContainers).map(place('initContainers', true)),
    ...list(spec.containers).map(place('containers', false)),
  ];
}

/** Volumes of a pod spec. */
export function volumesOf(spec: Json): Json[] {
  return list(spec.volumes);
}

function list(value: Json): Json[] {
  return Array.isArray(value) ? value : [];
}

export interface ImageReference {
  tag: string;
  digest: string;
}

/** `host:5000/app:1.2@sha256:...`: a colon after the last slash begins the tag. */
export function imageReference(image: unknown): ImageReference | null {
  if (typeof image !== 'string' || image === '') return null;
  const [reference = '', digest = ''] = image.split('@');
  const last = reference.slice(reference.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  return { tag: colon < 0 ? '' : last.slice(colon + 1), digest };
}

/** The manual's three, and others with which a container takes over its node. */
export const HIGH_RISK_CAPABILITIES: ReadonlySet<string> = new Set([
  ...['NET_ADMIN', 'SYS_ADMIN', 'ALL'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_PTRACE', 'SYS_BOOT', 'MAC_OVERRIDE', 'MAC_ADMIN', 'PERFMON', 'BPF'],
]);

/** Capabilities that a container adds, upper case without `CAP_`. */
export function addedCapabilities(container: Json): string[] {
  return list(container.securityContext?.capabilities?.add).map((name) =>
    String(name).toUpperCase().replace(/^CAP_/, ''),
  );
}

interface Expression {
  key: string;
  operator: string;
  values?: readonly string[];
}

/** LabelSelector (API reference, meta/v1): every label and every expression; an empty one selects everything. */
export function selectorMatches(selector: Json, labels: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries((selector?.matchLabels ?? {}) as Record<string, string>);
  const expressions = (selector?.matchExpressions ?? []) as Expression[];
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    expressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      if (operator === 'In') return value !== undefined && values.includes(value);
      return value === undefined || !values.includes(value);
    })
  );
}

/** Copies that a workload wants: 1 where nothing says otherwise. */
export function replicasOf({ spec }: KubeObject): number {
  return typeof spec?.replicas === 'number' ? spec.replicas : 1;
}

/** `app=web, tier=front` */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}
