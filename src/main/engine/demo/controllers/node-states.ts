/**
 * What the scheduler knows of the nodes, kept up to date: a node is counted again only when it or one of its pods has
 * changed, so that one decision does not cost a walk over all pods of the cluster.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { nameOf, sameValue } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
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
      caches.nodes.subscribe((node, previous, deleted) => {
        if (deleted || roomChanged(node, previous)) this.touch(nameOf(node));
      }),
      caches.pods.subscribe((pod, previous, deleted) => {
        if (!deleted && previous !== undefined && takesTheSame(pod, previous)) return;
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

/** Heartbeats change nodes all the time; only what scheduling looks at matters. */
export function roomChanged(node: KubeObject, previous: KubeObject | undefined): boolean {
  if (previous === undefined) return true;
  return !(
    sameValue(node.spec, previous.spec) &&
    sameValue(node.metadata.labels, previous.metadata.labels) &&
    sameValue(node.status?.allocatable, previous.status?.allocatable)
  );
}

/** Whether a pod means the same to scheduling as before: most changes are of its status. */
function takesTheSame(pod: KubeObject, previous: KubeObject): boolean {
  return (
    pod.metadata.uid === previous.metadata.uid &&
    pod.metadata.deletionTimestamp === previous.metadata.deletionTimestamp &&
    isFinished(pod) === isFinished(previous) &&
    pod.metadata.generation === previous.metadata.generation &&
    pod.spec?.nodeName === previous.spec?.nodeName &&
    sameValue(pod.metadata.labels, previous.metadata.labels)
  );
}
