/** Taints that follow from a cluster's conditions. Pure. */
import { type ClusterObject, type ClusterTaintPolicy, type Condition, TAINTS, type Taint } from '../api.ts';
import { clusterMatches } from '../matching/clusters.ts';

/**
 * The taints of a member by its Ready condition; others stay. NoSchedule at once, NoExecute when it has not been ready
 * for `evictAfterMs` (null: never). A ready cluster loses both, whoever set them.
 */
export function taintsFor(
  ready: Condition | undefined,
  present: readonly Taint[],
  time: number,
  evictAfterMs: number | null,
): Taint[] {
  const key = ready?.status === 'True' ? null : ready?.status === 'Unknown' ? TAINTS.unreachable : TAINTS.notReady;
  const isOurs = (taint: Taint): boolean => taint.key === TAINTS.notReady || taint.key === TAINTS.unreachable;
  if (key === null) return present.filter((taint) => !isOurs(taint));
  const since = Date.parse(ready?.lastTransitionTime ?? '') || time;
  const lost = evictAfterMs !== null && time - since >= evictAfterMs;
  const kept = present.filter((taint) => !isOurs(taint) || taint.effect === 'NoExecute' || taint.key === key);
  const wanted: Taint[] = [
    { key, effect: 'NoSchedule' },
    ...(lost && !kept.some((taint) => isOurs(taint) && taint.effect === 'NoExecute')
      ? [{ key, effect: 'NoExecute' as const }]
      : []),
  ];
  const has = (taint: Taint): boolean => kept.some((one) => one.key === taint.key && one.effect === taint.effect);
  return [...kept, ...wanted.filter((taint) => !has(taint))];
}

/** What the ClusterTaintPolicies make of a cluster's taints: oldest policy first, adds before removes. */
export function taintsByPolicies(cluster: ClusterObject, policies: Iterable<ClusterTaintPolicy>): Taint[] {
  let taints = [...(cluster.spec.taints ?? [])];
  const age = (policy: ClusterTaintPolicy): string => policy.metadata.creationTimestamp ?? '';
  for (const policy of [...policies].sort((a, b) => (age(a) < age(b) ? -1 : age(a) > age(b) ? 1 : 0))) {
    if (policy.metadata.deletionTimestamp || !clusterMatches(cluster, policy.spec.targetClusters)) continue;
    const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
    const named = policy.spec.taints ?? [];
    if (meets(cluster, policy.spec.addOnConditions))
      taints = [...taints, ...named.filter((taint) => !taints.some((one) => same(one, taint)))];
    if (meets(cluster, policy.spec.removeOnConditions))
      taints = taints.filter((taint) => !named.some((one) => same(one, taint)));
  }
  return taints;
}

/** In the words of Karmada's events. */
export function taintsText(taints: readonly Taint[] = []): string {
  if (taints.length === 0) return 'cluster now does not have taints';
  const texts = taints.map(
    ({ key, value, effect }) => `{Key:${key},${value ? `Value:${value},` : ''}Effect:${effect}}`,
  );
  return `cluster now has taints([${texts.join(',')}])`;
}

/** All of them; an empty list is never met, and neither is a condition the cluster does not have. */
function meets(cluster: ClusterObject, matches: ClusterTaintPolicy['spec']['addOnConditions']): boolean {
  if (!matches?.length) return false;
  return matches.every(({ conditionType, operator, statusValues = [] }) => {
    const status = cluster.status?.conditions?.find(({ type }) => type === conditionType)?.status;
    if (status === undefined) return false;
    return statusValues.includes(status) === (operator === 'In');
  });
}
