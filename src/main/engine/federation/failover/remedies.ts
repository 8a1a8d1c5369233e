/** Which actions the Remedies ask for in a cluster. Pure. Source: Karmada API reference, remedy.karmada.io. */
import type { ClusterObject, Remedy } from '../api.ts';

/** Sorted, each once. One match of a remedy is enough; one without matches always applies. */
export function remedyActions(cluster: ClusterObject, remedies: Iterable<Remedy>): string[] {
  const actions = new Set<string>();
  for (const { metadata, spec } of remedies) {
    if (metadata.deletionTimestamp) continue;
    const names = spec.clusterAffinity?.clusterNames;
    if (spec.clusterAffinity != null && !names?.includes(cluster.metadata.name ?? '')) continue;
    const matches = spec.decisionMatches;
    if (matches != null && !matches.some((match) => meets(cluster, match))) continue;
    for (const action of spec.actions ?? []) actions.add(action);
  }
  return [...actions].sort();
}

function meets(
  { status }: ClusterObject,
  { clusterConditionMatch: match }: NonNullable<Remedy['spec']['decisionMatches']>[number],
): boolean {
  if (match == null) return false;
  const condition = status?.conditions?.find(({ type }) => type === match.conditionType);
  if (condition === undefined) return false;
  return (condition.status === match.conditionStatus) === (match.operator === 'Equal');
}
