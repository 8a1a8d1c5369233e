/** Requests and room of clusters while supposed decisions are taken one after the other. */
import type { ClusterLoad } from '#shared/contract/federation-what-if.ts';
import type { BindingSpec, ClusterObject, Quantities, TargetCluster } from '../api.ts';
import { formatMilli, milliValue } from '../quantity.ts';
import type { ClusterState } from './world.ts';

const RESOURCES = ['cpu', 'memory', 'pods'] as const;
type Resource = (typeof RESOURCES)[number];

export interface Loads {
  /** The clusters as the next decision has to see them. */
  clusters: ReadonlyMap<string, ClusterObject>;
  /** A workload goes from one placement to another: what it requests goes with it. */
  move(spec: BindingSpec, before: readonly TargetCluster[], after: readonly TargetCluster[]): void;
  report(before: ReadonlyMap<string, ClusterObject>, states: ReadonlyMap<string, ClusterState>): ClusterLoad[];
}

export function createLoads(start: ReadonlyMap<string, ClusterObject>): Loads {
  const clusters = new Map(start);
  const owned = new Set<string>();
  const replicas = new Map<string, { before: number; after: number }>();

  function count(targets: readonly TargetCluster[], which: 'before' | 'after'): void {
    for (const { name, replicas: number = 0 } of targets) {
      const entry = replicas.get(name) ?? { before: 0, after: 0 };
      entry[which] += number;
      replicas.set(name, entry);
    }
  }

  function add(name: string, change: number, request: Quantities): void {
    const present = clusters.get(name);
    if (present?.status?.resourceSummary === undefined || change === 0) return;
    // Only what changes is copied: most clusters of a large federation stay as they are.
    const cluster = owned.has(name) ? present : structuredClone(present);
    owned.add(name);
    clusters.set(name, cluster);
    const summary = cluster.status?.resourceSummary ?? {};
    const allocated = { ...summary.allocated };
    for (const [resource, quantity] of Object.entries({ ...request, pods: 1 }))
      allocated[resource] = formatMilli(Math.max(0, milliValue(allocated[resource]) + change * milliValue(quantity)));
    summary.allocated = allocated;
  }

  return {
    clusters,
    move(spec, before, after) {
      count(before, 'before');
      count(after, 'after');
      const request = spec.replicaRequirements?.resourceRequest ?? {};
      const held = new Map(before.map((target) => [target.name, target.replicas ?? 0]));
      const given = new Map(after.map((target) => [target.name, target.replicas ?? 0]));
      for (const name of new Set([...held.keys(), ...given.keys()]))
        add(name, (given.get(name) ?? 0) - (held.get(name) ?? 0), request);
    },
    report(before, states) {
      const names = [...new Set([...before.keys(), ...clusters.keys()])].sort();
      return names.map((name) => {
        const state = states.get(name) ?? 'same';
        const [was, is] = [before.get(name), clusters.get(name)];
        const load = {
          allocatable: figures(is ?? was, 'allocatable'),
          before: was === undefined ? NOTHING : requested(was),
          after: is === undefined || state === 'lost' ? NOTHING : requested(is),
        };
        const counted = replicas.get(name) ?? { before: 0, after: 0 };
        return {
          name,
          state,
          ...load,
          replicasBefore: counted.before,
          replicasAfter: counted.after,
          suffices: RESOURCES.every((resource) => load.after[resource] <= load.allocatable[resource]),
        };
      });
    },
  };
}

const NOTHING: Record<Resource, number> = { cpu: 0, memory: 0, pods: 0 };

function figures(cluster: ClusterObject | undefined, field: 'allocatable' | 'allocated' | 'allocating') {
  const quantities = cluster?.status?.resourceSummary?.[field];
  return {
    cpu: milliValue(quantities?.cpu) / 1000,
    memory: milliValue(quantities?.memory) / 1000,
    pods: milliValue(quantities?.pods) / 1000,
  };
}

function requested(cluster: ClusterObject): Record<Resource, number> {
  const [bound, waiting] = [figures(cluster, 'allocated'), figures(cluster, 'allocating')];
  return {
    cpu: bound.cpu + waiting.cpu,
    memory: bound.memory + waiting.memory,
    pods: bound.pods + waiting.pods,
  };
}
