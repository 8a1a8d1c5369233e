/** Which policy a template belongs to, as things are: the rules of claims, releases and preemption in one place. Pure. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { PropagationPolicy } from '../api.ts';
import { choosePolicy, preemptor } from '../matching/policies.ts';
import type { PolicyIndex } from '../matching/policy-index.ts';
import { selectorsPriority } from '../matching/selectors.ts';
import { claimedBy, claimOf } from './claim.ts';

/**
 * `new`: nothing claims it yet; `kept`: its policy still selects it; `preempted`: a stronger one takes it; `orphaned`: its
 * policy is gone, `policy` is the next one, if any; `waiting`: its policy is being deleted; `unselected`: its policy no
 * longer selects it and will let it go.
 */
export type PolicyChoice =
  | { how: 'new' | 'orphaned'; policy: PropagationPolicy | undefined }
  | { how: 'kept' | 'preempted'; policy: PropagationPolicy }
  | { how: 'waiting' | 'unselected'; policy: null };

export function policyChoice(template: KubeObject, policies: PolicyIndex): PolicyChoice {
  const claim = claimedBy(template);
  if (claim === null) return { how: 'new', policy: findPolicy(template, policies) };
  const policy = policies.get(claim.key);
  const id = policy === undefined ? undefined : Object.values(claimOf(policy).labels)[0];
  if (policy === undefined || id !== claim.id) return { how: 'orphaned', policy: findPolicy(template, policies) };
  if (policy.metadata.deletionTimestamp) return { how: 'waiting', policy: null };
  const stronger = preemptor(template, policy, [...policies.local(template), ...policies.wide(template)]);
  if (stronger !== undefined) return { how: 'preempted', policy: stronger };
  // First come, first served: a template that no longer matches is let go by its policy, not taken by another.
  if (selectorsPriority(template, policy.spec.resourceSelectors ?? []) === 0)
    return { how: 'unselected', policy: null };
  return { how: 'kept', policy };
}

/** A policy of the namespace goes before every cluster-wide one. */
export function findPolicy(template: KubeObject, policies: PolicyIndex): PropagationPolicy | undefined {
  return choosePolicy(template, policies.local(template)) ?? choosePolicy(template, policies.wide(template));
}
