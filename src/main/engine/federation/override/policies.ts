/** Applies every override policy that concerns an object in a cluster: cluster-wide ones first, so that the namespace's own win. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ClusterLike, OverridePolicy, OverrideRule, Overriders } from '../api.ts';
import { clusterMatches } from '../matching/clusters.ts';
import { selectorsPriority } from '../matching/selectors.ts';
import { applyOverriders } from './overriders.ts';

export interface AppliedOverride {
  policyName: string;
  overriders: Overriders;
}
export interface OverrideResult {
  object: KubeObject;
  /** One entry per rule that applied, in the order of application. */
  cluster: AppliedOverride[];
  namespaced: AppliedOverride[];
}

export class OverrideError extends Error {
  override readonly name = 'OverrideError';
  readonly policy: OverridePolicy;

  constructor(policy: OverridePolicy, cause: unknown) {
    super(`override policy ${policy.metadata.name}: ${(cause as Error).message}`);
    this.policy = policy;
  }
}

/** The object as the cluster shall get it. Throws OverrideError when any overrider fails; nothing is applied then. */
export function applyOverridePolicies(
  object: KubeObject,
  cluster: ClusterLike,
  policies: Iterable<OverridePolicy>,
): OverrideResult {
  const all = [...policies];
  const wide = all.filter((policy) => !policy.metadata.namespace);
  const local = all.filter(
    (policy) => policy.metadata.namespace && policy.metadata.namespace === object.metadata.namespace,
  );
  const first = applySet(object, cluster, wide);
  const second = applySet(first.object, cluster, local);
  return { object: second.object, cluster: first.applied, namespaced: second.applied };
}

/** Whether the policy has anything to say about the object in some cluster. */
export function overridesObject(policy: OverridePolicy, object: KubeObject): boolean {
  return matchPriority(policy, object) > 0;
}

function matchPriority(policy: OverridePolicy, object: KubeObject): number {
  const selectors = policy.spec.resourceSelectors ?? [];
  return selectors.length === 0 ? 1 : selectorsPriority(object, selectors);
}

function applySet(
  object: KubeObject,
  cluster: ClusterLike,
  policies: readonly OverridePolicy[],
): { object: KubeObject; applied: AppliedOverride[] } {
  const ranked = policies
    .map((policy) => ({ policy, name: policy.metadata.name ?? '', priority: matchPriority(policy, object) }))
    .filter(({ priority }) => priority > 0)
    .sort((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1));
  const applied: AppliedOverride[] = [];
  let result = object;
  for (const { policy, name } of ranked) {
    for (const rule of rulesOf(policy)) {
      if (!clusterMatches(cluster, rule.targetCluster)) continue;
      const overriders = rule.overriders ?? {};
      try {
        result = applyOverriders(result, overriders);
      } catch (error) {
        throw new OverrideError(policy, error);
      }
      applied.push({ policyName: name, overriders });
    }
  }
  return { object: result, applied };
}

/** The deprecated single pair counts as one rule when there is no list. */
function rulesOf(policy: OverridePolicy): OverrideRule[] {
  const { overrideRules, targetCluster, overriders } = policy.spec;
  if (overrideRules?.length) return overrideRules;
  return overriders === undefined ? [] : [{ targetCluster: targetCluster ?? null, overriders }];
}

/** Value of the annotations that record what was applied: sorted by policy name; undefined when nothing was. */
export function appliedAnnotation(applied: readonly AppliedOverride[]): string | undefined {
  if (applied.length === 0) return undefined;
  const sorted = [...applied].sort((a, b) => (a.policyName < b.policyName ? -1 : a.policyName > b.policyName ? 1 : 0));
  return JSON.stringify(sorted);
}
