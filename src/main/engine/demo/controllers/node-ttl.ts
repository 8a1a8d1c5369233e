/**
 * How long a kubelet may take a Secret or ConfigMap for known, as an annotation of every node: the more nodes there are the
 * longer. Source: kube-controller-manager's ttl-controller.
 */
import { isNotFound } from '#engine/kube/index.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { secondsOn, stepFor, TTL_ANNOTATION } from '../profiles/node-ttl.ts';
import { runController } from '../sim/controller.ts';
import { isDeleting, nameOf } from '../sim/objects.ts';
import { NODES } from '../sim/refs.ts';
import type { Controller, World } from '../sim/world.ts';

export function runNodeTtl(world: World): Controller {
  const { caches } = world;
  let step = 0;

  async function reconcile(key: string): Promise<undefined> {
    step = stepFor(caches.nodes.size, step);
    const node = caches.nodes.get(key);
    if (node === undefined || isDeleting(node)) return;
    const wanted = String(secondsOn(step));
    if (node.metadata.annotations?.[TTL_ANNOTATION] === wanted) return;
    const change = { metadata: { annotations: { [TTL_ANNOTATION]: wanted } } };
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
