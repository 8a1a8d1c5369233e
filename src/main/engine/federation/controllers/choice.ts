/** Which policy a template belongs to, as things are: the rules of claims, releases and preemption in one place. Pure. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { PropagationPolicy } from '../api.ts';
import { choosePolicy, preemptor } from '../matching/policies.ts';
import { selectorsPriority } from '../matching/selectors.ts';
import { claimedBy, claimOf } from './claim.ts';

/** The policies there are, by `namespace/name` and by name. */
export interface PolicyLookup {
  policies: ReadonlyMap<string, PropagationPolicy>;
  clusterPolicies: ReadonlyMap<string, PropagationPolicy>;
}

/**
 * `new`: nothing claims it yet; `kept`: its policy still selects it; `preempted`: a stronger one takes it; `orphaned`: its
 * policy is gone, `policy` is the next one, if any; `waiting`: its policy is being deleted; `unselected`: its policy no
 * longer selects it and will let it go.
 */
export type PolicyChoice =
  | { how: 'new' | 'orphaned'; policy: PropagationPolicy | undefined }
  | { how: 'kept' | 'preempted'; policy: PropagationPolicy }
  | { how: 'waiting' | 'unselected'; policy: null };

export function policyChoice(template: KubeObject, lookup: PolicyLookup): PolicyChoice {
  const claim = claimedBy(template);
  if (claim === null) return { how: 'new', policy: findPolicy(template, lookup) };
  const policy = (claim.cluster ? lookup.clusterPolicies : lookup.policies).get(claim.key);
  const id = policy === undefined ? undefined : Object.values(claimOf(policy).labels)[0];
  if (policy === undefined || id !== claim.id) return { how: 'orphaned', policy: findPolicy(template, lookup) };
  if (policy.metadata.deletionTimestamp) return { how: 'waiting', policy: null };
  const stronger = preemptor(template, policy, [...lookup.policies.values(), ...lookup.clusterPolicies.values()]);
  if (stronger !== undefined) return { how: 'preempted', policy: stronger };
  // First come, first served: a template that no longer matches is let go by its policy, not taken by another.
  if (selectorsPriority(template, policy.spec.resourceSelectors ?? []) === 0)
    return { how: 'unselected', policy: null };
  return { how: 'kept', policy };
}

/** A policy of the namespace goes before every cluster-wide one. */
export function findPolicy(template: KubeObject, lookup: PolicyLookup): PropagationPolicy | undefined {
  const namespace = template.metadata.namespace;
  const local = [...lookup.policies.values()].filter((policy) => policy.metadata.namespace === namespace);
  const own = namespace === undefined ? undefined : choosePolicy(template, local);
  return own ?? choosePolicy(template, lookup.clusterPolicies.values());
}
