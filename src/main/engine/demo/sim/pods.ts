/** What controllers ask of a pod: is it active, ready, available; which one goes first. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type Condition, findCondition, isDeleting, parseTime } from './objects.ts';

export function podCondition(pod: KubeObject, type: string): Condition | undefined {
  return findCondition(pod.status?.conditions, type);
}

/** Neither finished nor on its way out. */
export function isActive(pod: KubeObject): boolean {
  return !isFinished(pod) && !isDeleting(pod);
}

export function isFinished(pod: KubeObject): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** On its way out and not over yet. */
export function isTerminating(pod: KubeObject): boolean {
  return isDeleting(pod) && !isFinished(pod);
}

export function isReady(pod: KubeObject): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Milliseconds until the pod has been ready for `minReadySeconds`; 0 when it has, null when it is not ready. */
export function availableIn(pod: KubeObject, minReadySeconds: number, now: number): number | null {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return null;
  const since = parseTime(ready.lastTransitionTime);
  if (minReadySeconds <= 0 || Number.isNaN(since)) return 0;
  return Math.max(0, since + minReadySeconds * 1000 - now);
}

export function isAvailable(pod: KubeObject, minReadySeconds: number, now: number): boolean {
  return availableIn(pod, minReadySeconds, now) === 0;
}

export function restartsOf(pod: KubeObject): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status: Json) => status.restartCount ?? 0));
}

/**
 * Order in which surplus pods are deleted: unassigned, pending, not ready, cheaper by annotation, doubled up on their
 * node, ready for a shorter time, restarted more often, younger. Source: k8s.io/kubernetes ActivePodsWithRanks.
 */
export function deletionOrder(pods: readonly KubeObject[], related: readonly KubeObject[] = pods): KubeObject[] {
  const perNode = new Map<string, number>();
  for (const pod of related) {
    const node: string = pod.spec?.nodeName ?? '';
    if (node !== '') perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const phases: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };
  const keys = (pod: KubeObject): number[] => {
    const readySince = parseTime(podCondition(pod, 'Ready')?.lastTransitionTime);
    const created = parseTime(pod.metadata.creationTimestamp);
    return [
      pod.spec?.nodeName ? 1 : 0,
      phases[pod.status?.phase ?? 'Pending'] ?? 0,
      isReady(pod) ? 1 : 0,
      Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0,
      -(perNode.get(pod.spec?.nodeName ?? '') ?? 0),
      isReady(pod) && !Number.isNaN(readySince) ? -readySince : 0,
      -restartsOf(pod),
      Number.isNaN(created) ? 0 : -created,
    ];
  };
  return pods
    .map((pod) => ({ pod, keys: keys(pod) }))
    .sort((a, b) => compare(a.keys, b.keys) || (a.pod.metadata.name ?? '').localeCompare(b.pod.metadata.name ?? ''))
    .map(({ pod }) => pod);
}

function compare(a: number[], b: number[]): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What a condition says of the pod it was made for: KEP-5067, on by default since 1.34. */
export function observedOf(pod: KubeObject, minor: number): { observedGeneration?: number } {
  return minor < 34 ? {} : { observedGeneration: pod.metadata.generation ?? 1 };
}
