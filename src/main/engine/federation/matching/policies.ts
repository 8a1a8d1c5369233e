/** Choice of the one propagation policy that claims a template. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { PropagationPolicy } from '../api.ts';
import { selectorsPriority } from './selectors.ts';

/**
 * Among the policies that select the object: higher explicit priority, then the more precise selector, then the smaller
 * name. Policies under deletion do not count. For a PropagationPolicy the caller passes those of the object's namespace.
 */
export function choosePolicy(object: KubeObject, policies: Iterable<PropagationPolicy>): PropagationPolicy | undefined {
  let best: { policy: PropagationPolicy; priority: number; implicit: number } | undefined;
  for (const policy of policies) {
    if (policy.metadata.deletionTimestamp) continue;
    const implicit = selectorsPriority(object, policy.spec.resourceSelectors ?? []);
    if (implicit === 0) continue;
    const candidate = { policy, priority: policy.spec.priority ?? 0, implicit };
    if (best === undefined || beats(candidate, best)) best = candidate;
  }
  return best?.policy;
}

/**
 * The policy that takes an object away from the one that claims it: only with `preemption: Always` and a selector that
 * names the object. A PropagationPolicy goes before every ClusterPropagationPolicy; among equals the priority has to be
 * strictly higher. Undefined when the claim stands.
 */
export function preemptor(
  object: KubeObject,
  claiming: PropagationPolicy,
  policies: Iterable<PropagationPolicy>,
): PropagationPolicy | undefined {
  const isWide = ({ metadata }: PropagationPolicy): boolean => metadata.namespace === undefined;
  const mayTake = (policy: PropagationPolicy): boolean => {
    if (policy.spec.preemption !== 'Always' || policy.metadata.uid === claiming.metadata.uid) return false;
    if (!isWide(policy) && policy.metadata.namespace !== object.metadata.namespace) return false;
    if (selectorsPriority(object, policy.spec.resourceSelectors ?? []) !== 3) return false;
    if (isWide(policy) !== isWide(claiming)) return isWide(claiming);
    return (policy.spec.priority ?? 0) > (claiming.spec.priority ?? 0);
  };
  const able = [...policies].filter(mayTake);
  return (
    choosePolicy(
      object,
      able.filter((policy) => !isWide(policy)),
    ) ?? choosePolicy(object, able)
  );
}

type Ranked = { policy: PropagationPolicy; priority: number; implicit: number };

function beats(a: Ranked, b: Ranked): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.implicit !== b.implicit) return a.implicit > b.implicit;
  return (a.policy.metadata.name ?? '') < (b.policy.metadata.name ?? '');
}
