/** The machines behind the nodes of one simulated cluster: those of its profile, and those that joined since. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { joinedMachine, MACHINE_ANNOTATION } from '../profiles/joined.ts';
import type { ClusterProfile, NodeProfile } from '../profiles/profile.ts';
import type { Cache } from './cache.ts';

export interface Machines {
  /** Undefined for a node that is an object alone. */
  get(node: string): NodeProfile | undefined;
  list(): NodeProfile[];
}

export function createMachines(profile: ClusterProfile, nodes: Cache): Machines {
  const own = new Map(profile.nodes.map((node) => [node.name, node]));
  /** The machine of a node that is not in the profile. */
  const joined = (node: KubeObject | undefined): NodeProfile | null =>
    node === undefined || own.has(node.metadata.name ?? '') ? null : joinedMachine(profile, node);
  return {
    get: (node) => own.get(node) ?? joined(nodes.get(node)) ?? undefined,
    list: () => [
      ...profile.nodes,
      ...nodes
        .list()
        .filter(({ metadata }) => metadata.annotations?.[MACHINE_ANNOTATION] !== undefined)
        .flatMap((node) => joined(node) ?? []),
    ],
  };
}
