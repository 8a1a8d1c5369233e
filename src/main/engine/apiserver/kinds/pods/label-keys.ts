/**
 * `matchLabelKeys` and `mismatchLabelKeys`: a new pod's own labels narrow the selectors of its affinity terms and spread
 * constraints. Schedulers see the selectors alone. Source: KEP-3633, KEP-3243.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

const RULES = ['podAffinity', 'podAntiAffinity'] as const;

/** In place; `pod` is new. */
export function mergeLabelKeys({ spec, metadata }: KubeObject): void {
  const labels = metadata.labels ?? {};
  for (const constraint of (spec?.topologySpreadConstraints ?? []) as Json[]) narrow(constraint, labels);
  for (const rule of RULES) {
    const affinity = spec?.affinity?.[rule];
    for (const term of (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) as Json[]) narrow(term, labels);
    for (const weighted of (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) as Json[])
      narrow(weighted?.podAffinityTerm, labels);
  }
}

function narrow(term: Json, labels: Readonly<Record<string, string>>): void {
  if (!term?.labelSelector) return;
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  const add = (keys: readonly string[], operator: 'In' | 'NotIn') => {
    for (const key of keys) {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      if (value === undefined) continue;
      labelSelector.matchExpressions ??= [];
      labelSelector.matchExpressions.push({ key, operator, values: [value] });
    }
  };
  add(matchLabelKeys, 'In');
  add(mismatchLabelKeys, 'NotIn');
}
