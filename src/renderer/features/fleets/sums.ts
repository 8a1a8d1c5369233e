/** What several clusters come to together. Pure. */
import type { Cluster } from '#shared/contract/clusters.ts';

export interface Sums {
  clusters: number;
  running: number;
  nodes: number;
  readyNodes: number;
  cpuCores: number;
  memoryBytes: number;
  pods: number;
}

/** Capacity counts running clusters only: what cannot be reached cannot be used. */
export function sumOf(clusters: readonly Cluster[]): Sums {
  const sums: Sums = {
    clusters: clusters.length,
    running: 0,
    nodes: 0,
    readyNodes: 0,
    cpuCores: 0,
    memoryBytes: 0,
    pods: 0,
  };
  for (const cluster of clusters) {
    if (cluster.state !== 'running') continue;
    sums.running++;
    sums.nodes += cluster.nodes?.total ?? 0;
    sums.readyNodes += cluster.nodes?.ready ?? 0;
    sums.cpuCores += cluster.capacity?.cpuCores ?? 0;
    sums.memoryBytes += cluster.capacity?.memoryBytes ?? 0;
    sums.pods += cluster.capacity?.pods ?? 0;
  }
  return sums;
}
