/** Parts of objects that most kinds share. Everything is checked: objects come from clusters. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Level } from '../../ui/Status.tsx';

export interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
  since: string | null;
}

export function conditionsOf(object: KubeObject): Condition[] {
  const list: Json = object.status?.conditions;
  if (!Array.isArray(list)) return [];
  return list.map((condition: Json) => ({
    type: String(condition?.type ?? ''),
    status: String(condition?.status ?? ''),
    reason: String(condition?.reason ?? ''),
    message: String(condition?.message ?? ''),
    since: typeof condition?.lastTransitionTime === 'string' ? condition.lastTransitionTime : null,
  }));
}

/** Conditions where "True" is the bad news (Node and Deployment). Source: Kubernetes API reference. */
const bad = new Set([
  'MemoryPressure',
  'DiskPressure',
  'PIDPressure',
  'NetworkUnavailable',
  'ReplicaFailure',
  'Failed',
  'DisruptionTarget',
  'NamesConflict',
]);

export function conditionLevel({ type, status }: Pick<Condition, 'type' | 'status'>): Level {
  if (status === 'Unknown') return 'warning';
  return (status === 'True') === bad.has(type) ? 'error' : 'ok';
}

/** Kinds with a scale subresource that a person scales by hand, and those whose pods a rollout replaces. */
export function canScale(resource: { group: string; resource: string }): boolean {
  return resource.group === 'apps' && ['deployments', 'statefulsets', 'replicasets'].includes(resource.resource);
}

export function canRestart(resource: { group: string; resource: string }): boolean {
  return resource.group === 'apps' && ['deployments', 'statefulsets', 'daemonsets'].includes(resource.resource);
}

/** As `kubectl rollout restart`: an annotation on the pod template makes it a new revision. */
export function restarted(object: KubeObject, at: string): KubeObject {
  const copy = structuredClone(object);
  const template: Json = copy.spec.template;
  template.metadata = {
    ...template.metadata,
    annotations: { ...template.metadata?.annotations, 'kubectl.kubernetes.io/restartedAt': at },
  };
  return copy;
}
