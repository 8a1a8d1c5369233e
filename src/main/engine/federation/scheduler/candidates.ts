/** Clusters that passed the filters, with what ranking and division need to know of them, best first. */
import type { BindingSpec, ClusterLike, NamedAffinity } from '../api.ts';
import { clusterMatches } from '../matching/clusters.ts';
import { availableReplicas, UNLIMITED } from './estimate.ts';
import { overflowOf } from './filters.ts';

export interface Candidate {
  name: string;
  cluster: ClusterLike;
  /** 100 when it already runs the workload, else 0. */
  score: number;
  /** Further replicas that fit. */
  allocatable: number;
  /** `allocatable` and what it already runs. */
  available: number;
  /** 0 for the main affinity, i + 1 for the i-th overflow group. */
  overflowOrder: number;
}

const NO_TERM_MATCHES = 1000;

export function rankCandidates(
  clusters: readonly ClusterLike[],
  spec: BindingSpec,
  term: NamedAffinity | null,
): Candidate[] {
  const assigned = new Map((spec.clusters ?? []).map((target) => [target.name, target.replicas ?? 0]));
  const candidates = clusters.map((cluster): Candidate => {
    const name = cluster.metadata.name ?? '';
    const allocatable = estimate(cluster, spec);
    return {
      name,
      cluster,
      score: assigned.has(name) ? 100 : 0,
      allocatable,
      available: allocatable + (assigned.get(name) ?? 0),
      overflowOrder: orderOf(cluster, term),
    };
  });
  return candidates.sort(byRank);
}

/** Nothing to count without replicas. */
function estimate(cluster: ClusterLike, spec: BindingSpec): number {
  if ((spec.replicas ?? 0) === 0 && (spec.components?.length ?? 0) === 0) return UNLIMITED;
  const fit = availableReplicas(cluster, spec.replicaRequirements);
  return fit === UNLIMITED ? (spec.replicas ?? 0) : fit;
}

function orderOf(cluster: ClusterLike, term: NamedAffinity | null): number {
  if (term === null || clusterMatches(cluster, term)) return 0;
  const overflow = overflowOf(cluster, term);
  return overflow === null ? NO_TERM_MATCHES : overflow + 1;
}

export function byRank(a: Candidate, b: Candidate): number {
  return (
    a.overflowOrder - b.overflowOrder ||
    b.score - a.score ||
    b.available - a.available ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}
