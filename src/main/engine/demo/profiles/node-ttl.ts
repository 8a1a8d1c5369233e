/**
 * How long the kubelets of a cluster take a Secret or ConfigMap for known, by how many nodes it has. Pure. Source:
 * kube-controller-manager's ttl-controller.
 */

export const TTL_ANNOTATION = 'node.alpha.kubernetes.io/ttl';

/** Sizes of clusters overlap, so that one node more or less does not change all others each time. */
const STEPS: readonly { from: number; to: number; seconds: number }[] = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1000, seconds: 30 },
  { from: 900, to: 2000, seconds: 60 },
  { from: 1800, to: Number.POSITIVE_INFINITY, seconds: 300 },
];

/** The step that a cluster of so many nodes comes to from the one it was on. */
export function stepFor(nodes: number, before: number): number {
  let step = before;
  while (nodes > (STEPS[step]?.to ?? Number.POSITIVE_INFINITY)) step += 1;
  while (nodes < (STEPS[step]?.from ?? 0)) step -= 1;
  return step;
}

export function secondsOn(step: number): number {
  return STEPS[step]?.seconds ?? 0;
}
