/** Static weights in a policy: read for a form, written back without touching anything else of the object. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

export interface Weight {
  cluster: string;
  weight: number;
}

/** Null when the policy does not divide by static weights per named cluster: then a form would hide what it says. */
export function readWeights(policy: KubeObject): Weight[] | null {
  const scheduling = policy.spec?.placement?.replicaScheduling;
  const list: Json = scheduling?.weightPreference?.staticWeightList;
  if (scheduling?.replicaSchedulingType !== 'Divided' || !Array.isArray(list) || list.length === 0) return null;
  const weights: Weight[] = [];
  for (const rule of list) {
    const names: unknown = rule?.targetCluster?.clusterNames;
    if (!Array.isArray(names) || names.length !== 1 || Object.keys(rule.targetCluster).length !== 1) return null;
    weights.push({ cluster: String(names[0]), weight: Number(rule.weight) });
  }
  return weights;
}

/** A weight of zero leaves its cluster out of the list, which is how Karmada expresses it. */
export function withWeights(policy: KubeObject, weights: readonly Weight[]): KubeObject {
  const copy = structuredClone(policy);
  copy.spec.placement.replicaScheduling.weightPreference.staticWeightList = weights
    .filter(({ weight }) => weight > 0)
    .map(({ cluster, weight }) => ({ targetCluster: { clusterNames: [cluster] }, weight }));
  return copy;
}

/** Clusters the policy names, so that one left out by weight zero can be given a weight again. */
export function namedClusters(policy: KubeObject): string[] {
  const names: unknown = policy.spec?.placement?.clusterAffinity?.clusterNames;
  return Array.isArray(names) ? names.map(String) : [];
}

/** In one line, for a person and to be compared. */
export function weightsText(weights: readonly Weight[]): string {
  return weights.map(({ cluster, weight }) => `${cluster} ${weight}`).join(', ');
}
