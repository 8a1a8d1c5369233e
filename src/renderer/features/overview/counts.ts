/** Counting clusters by a property, for bars and links. Pure. */
import type { Cluster } from '#shared/contract/clusters.ts';

export interface Count {
  value: string;
  count: number;
}

/** Most first, then by name; what is empty counts as ''. */
export function countBy(clusters: readonly Cluster[], property: (cluster: Cluster) => string): Count[] {
  const counts = new Map<string, number>();
  for (const cluster of clusters) {
    const value = property(cluster);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value, 'en', { numeric: true }));
}

/** `v1.31.9-aliyun.1` as `1.31`: what matters when one asks how old a fleet is. */
export function minorVersion(version: string | null): string {
  const match = /^v?(\d+)\.(\d+)/.exec(version ?? '');
  return match === null ? '' : `${match[1]}.${match[2]}`;
}
