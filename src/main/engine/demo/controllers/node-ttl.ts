/**
 * How long a kubelet may take a Secret or ConfigMap for known, as an annotation of every node: the more nodes there are the
 * longer. Source: kube-controller-manager's ttl-controller.
 */
import { isNotFound } from '#engine/kube/index.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { isDeleting, nameOf } from '../sim/objects.ts';
import { NODES } from '../sim/refs.ts';
import type { Controller, World } from '../sim/world.ts';

const ANNOTATION = 'node.alpha.kubernetes.io/ttl';

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

export function runNodeTtl(world: World): Controller {
  const { caches } = world;
  let step = 0;

  async function reconcile(key: string): Promise<undefined> {
    step = stepFor(caches.nodes.size, step);
    const node = caches.nodes.get(key);
    if (node === undefined || isDeleting(node)) return;
    const wanted = String(secondsOn(step));
    if (node.metadata.annotations?.[ANNOTATION] === wanted) return;
    const change = { metadata: { annotations: { [ANNOTATION]: wanted } } };
    try {
      caches.nodes.wrote(await world.clients.manager.patch(NODES, nameOf(node), 'merge', change));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  return runController(world, {
    name: 'node-ttl',
    reconcile,
    // Each heartbeat brings the others to it.
    watch: [{ cache: caches.nodes, on: (node, _previous, deleted) => (deleted ? undefined : objectKey(node)) }],
  });
}
