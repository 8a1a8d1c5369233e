/** What a scope means now: its name, and the API servers to inspect. */

import type { ClusterState } from '#shared/contract/clusters.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { Fleet } from '#shared/contract/fleets.ts';
import type { InspectionScope } from '#shared/contract/inspection.ts';
import type { Target } from '#shared/contract/views.ts';

export interface ScopeDeps {
  clusters: { get(id: string): { name: string; state: ClusterState } | undefined };
  fleets: { get(id: string): Fleet | undefined };
  federations: { list(): Federation[] };
}

export interface Scope {
  name: string;
  targets: { target: Target; name: string }[];
}

/** Undefined when there is no such scope (any more). */
export function scopeOf({ kind, id }: InspectionScope, deps: ScopeDeps): Scope | undefined {
  const cluster = (clusterId: string): Scope['targets'] => {
    const name = deps.clusters.get(clusterId)?.name;
    return name === undefined ? [] : [{ target: { kind: 'cluster', id: clusterId }, name }];
  };
  if (kind === 'cluster') {
    const [only] = cluster(id);
    return only === undefined ? undefined : { name: only.name, targets: [only] };
  }
  if (kind === 'fleet') {
    const fleet = deps.fleets.get(id);
    return fleet === undefined ? undefined : { name: fleet.name, targets: fleet.clusterIds.flatMap(cluster) };
  }
  const federation = deps.federations.list().find((one) => one.id === id);
  if (federation === undefined) return undefined;
  // The control plane too: what is distributed is mended there, not in the members.
  const plane = { target: { kind: 'federation' as const, id }, name: federation.name };
  return {
    name: federation.name,
    targets: [plane, ...federation.members.flatMap(({ clusterId }) => cluster(clusterId))],
  };
}
