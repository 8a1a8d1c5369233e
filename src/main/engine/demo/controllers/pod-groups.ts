/**
 * Pods that are placed together or not at all, as the plugin of the scheduler's own project (kubernetes-sigs/scheduler-plugins,
 * "coscheduling", with labels) does it: fewer than the group needs are not looked at. Pure.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isDeleting } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';

const NAME = 'pod-group.scheduling.sigs.k8s.io/name';
const LEAST = 'pod-group.scheduling.sigs.k8s.io/min-available';

/** Labels of a pod of the group. */
export function groupOf(name: string, least: number): Record<string, string> {
  return { [NAME]: name, [LEAST]: String(least) };
}

export function isOfGroup({ metadata }: KubeObject): boolean {
  return metadata.labels?.[NAME] !== undefined;
}

/** In the plugin's words; null: the group is whole, or the pod is of none. `around`: pods of its namespace. */
export function groupRefusal(pod: KubeObject, around: readonly KubeObject[]): string | null {
  const { [NAME]: name, [LEAST]: least } = pod.metadata.labels ?? {};
  if (name === undefined) return null;
  const there = around.filter(
    (other) => other.metadata.labels?.[NAME] === name && !isDeleting(other) && !isFinished(other),
  );
  return there.length < Number(least ?? 1) ? 'less than minAvailable' : null;
}
