/** What the default admission chain adds to every new pod without looking at other objects. */
import type { KubeObject } from '#shared/kubernetes/types.ts';

const SECONDS = 300;
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Pods stay for five minutes on nodes that stopped answering, unless they say otherwise. */
export function addDefaultTolerations(pod: KubeObject): void {
  const given = pod.spec.tolerations ?? [];
  for (const key of TAINTS) {
    const known = given.some(
      (each: { key?: string; effect?: string }) =>
        (each.key === key || !each.key) && (each.effect === 'NoExecute' || !each.effect),
    );
    if (known) continue;
    pod.spec.tolerations ??= [];
    pod.spec.tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS });
  }
}

/** Pods of no class have priority 0; classes are looked up elsewhere. */
export function addDefaultPriority(pod: KubeObject): void {
  if (pod.spec.priorityClassName) return;
  pod.spec.priority ??= 0;
  pod.spec.preemptionPolicy ??= 'PreemptLowerPriority';
}
