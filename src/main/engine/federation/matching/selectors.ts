/** Which objects a policy's selectors mean, and how precisely. Source: Karmada API reference, ResourceSelector. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ResourceSelector } from '../api.ts';
import { matchesLabels } from './labels.ts';

/** 0 no match, 1 all of the kind, 2 by label, 3 by name: the implicit priority among policies. */
export type MatchPriority = 0 | 1 | 2 | 3;

export function selectorPriority(object: KubeObject, selector: ResourceSelector): MatchPriority {
  if (selector.apiVersion !== object.apiVersion || selector.kind !== object.kind) return 0;
  if (selector.namespace && selector.namespace !== (object.metadata.namespace ?? '')) return 0;
  if (selector.name) return selector.name === object.metadata.name ? 3 : 0;
  if (!selector.labelSelector) return 1;
  return matchesLabels(selector.labelSelector, object.metadata.labels) ? 2 : 0;
}

/** The most precise of the selectors that match. */
export function selectorsPriority(object: KubeObject, selectors: readonly ResourceSelector[]): MatchPriority {
  let best: MatchPriority = 0;
  for (const selector of selectors) {
    const priority = selectorPriority(object, selector);
    if (priority > best) best = priority;
  }
  return best;
}
