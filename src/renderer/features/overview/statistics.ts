/** Figures of several clusters together, and their rates. Pure. */
import type { Amounts, ClusterFigures, ClusterStatistics } from '#shared/contract/statistics.ts';

/** An amount, and what may be used of it in those clusters that it is known of. */
export interface Part extends Amounts {
  allocatable: Amounts;
  /** How many clusters it is known of. */
  known: number;
}

export interface Combined {
  /** Clusters whose figures are known. */
  clusters: number;
  nodes: { total: number; ready: number };
  capacity: Amounts;
  allocatable: Amounts;
  possiblePods: number;
  pods: number | null;
  requested: Part | null;
  used: Part | null;
}

/** Null when nothing is known of any of them. */
export function combine(statistics: readonly ClusterStatistics[], ids?: ReadonlySet<string>): Combined | null {
  const known = statistics.flatMap(({ clusterId, figures }) =>
    figures !== null && (ids === undefined || ids.has(clusterId)) ? [figures] : [],
  );
  if (known.length === 0) return null;
  const counted = known.flatMap(({ pods }) => pods ?? []);
  return {
    clusters: known.length,
    nodes: {
      total: known.reduce((sum, { nodes }) => sum + nodes.total, 0),
      ready: known.reduce((sum, { nodes }) => sum + nodes.ready, 0),
    },
    capacity: sumOf(known.map(({ capacity }) => capacity)),
    allocatable: sumOf(known.map(({ allocatable }) => allocatable)),
    possiblePods: known.reduce((sum, { allocatable }) => sum + allocatable.pods, 0),
    pods: counted.length === 0 ? null : counted.reduce((sum, pods) => sum + pods, 0),
    requested: partOf(known, 'requested'),
    used: partOf(known, 'used'),
  };
}

/** Of what may be used, between 0 and more than 1: requests of a node that went away are still there. Null: not known. */
export function rateOf(combined: Combined | null, part: 'requested' | 'used', what: keyof Amounts): number | null {
  const amounts = combined?.[part];
  if (amounts == null || amounts.allocatable[what] <= 0) return null;
  return amounts[what] / amounts.allocatable[what];
}

function partOf(figures: readonly ClusterFigures[], part: 'requested' | 'used'): Part | null {
  const known = figures.flatMap((one) => (one[part] === null ? [] : [{ amounts: one[part], of: one.allocatable }]));
  if (known.length === 0) return null;
  return {
    ...sumOf(known.map(({ amounts }) => amounts)),
    allocatable: sumOf(known.map(({ of }) => of)),
    known: known.length,
  };
}

function sumOf(amounts: readonly Amounts[]): Amounts {
  return {
    cpuCores: amounts.reduce((sum, { cpuCores }) => sum + cpuCores, 0),
    memoryBytes: amounts.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
  };
}
