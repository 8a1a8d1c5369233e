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

type Ranked = { policy: PropagationPolicy; priority: number; implicit: number };

function beats(a: Ranked, b: Ranked): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.implicit !== b.implicit) return a.implicit > b.implicit;
  return (a.policy.metadata.name ?? '') < (b.policy.metadata.name ?? '');
}
