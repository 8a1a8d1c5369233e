/** Which clusters an affinity means. Source: Karmada API reference, ClusterAffinity. */
import type { ClusterAffinity, ClusterLike } from '../api.ts';
import { matchesLabels, matchesRequirement } from './labels.ts';

/** An absent or empty affinity means every cluster; the given conditions are ANDed, exclusion comes first. */
export function clusterMatches(cluster: ClusterLike, affinity: ClusterAffinity | null | undefined): boolean {
  if (affinity === null || affinity === undefined) return true;
  const name = cluster.metadata.name ?? '';
  if (affinity.exclude?.includes(name)) return false;
  if (affinity.labelSelector && !matchesLabels(affinity.labelSelector, cluster.metadata.labels)) return false;
  for (const expression of affinity.fieldSelector?.matchExpressions ?? []) {
    if (!fieldMatches(cluster, expression)) return false;
  }
  return !affinity.clusterNames?.length || affinity.clusterNames.includes(name);
}

function fieldMatches(cluster: ClusterLike, expression: { key: string; operator: string; values?: string[] }): boolean {
  if (expression.key === 'zone') {
    const hit = zonesOf(cluster).some((zone) => expression.values?.includes(zone));
    if (expression.operator === 'In') return hit;
    return expression.operator === 'NotIn' && !hit;
  }
  const spec = cluster.spec ?? {};
  const value = expression.key === 'provider' ? spec.provider : expression.key === 'region' ? spec.region : undefined;
  return matchesRequirement(value === '' ? undefined : value, expression);
}

/** Zones of a cluster; the deprecated single field counts when the list is empty. */
export function zonesOf(cluster: ClusterLike): string[] {
  const { zones, zone } = cluster.spec ?? {};
  if (zones?.length) return zones;
  return zone ? [zone] : [];
}
