/**
 * What the scheduler knows of the nodes, kept up to date: a node is counted again only when it or one of its pods has
 * changed, so that one decision does not cost a walk over all pods of the cluster.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { nameOf } from '../sim/objects.ts';
import type { Caches } from '../sim/world.ts';
import { type NodeState, nodeStates } from './fit.ts';

export class NodeStates {
  readonly #caches: Caches;
  readonly #states = new Map<string, NodeState>();
  readonly #changed = new Set<string>();
  readonly #stops: (() => void)[];

  constructor(caches: Caches) {
    this.#caches = caches;
    this.#stops = [
      caches.nodes.subscribe((node) => this.touch(nameOf(node))),
      caches.pods.subscribe((pod, previous) => {
        this.#touchNodeOf(pod);
        if (previous !== undefined) this.#touchNodeOf(previous);
      }),
    ];
  }

  /** The scheduler's own assignment, before the watch shows it. */
  touch(node: string): void {
    this.#changed.add(node);
  }

  /** In no particular order. */
  list(): NodeState[] {
    for (const name of this.#changed) {
      const node = this.#caches.nodes.get(name);
      const [state] = node === undefined ? [] : nodeStates([node], podsOnNode(this.#caches, name));
      if (state === undefined) this.#states.delete(name);
      else this.#states.set(name, state);
    }
    this.#changed.clear();
    return [...this.#states.values()];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #touchNodeOf(pod: KubeObject): void {
    const node: string | undefined = pod.spec?.nodeName;
    if (node !== undefined && node !== '') this.touch(node);
  }
}
