/**
 * What workloads ask of a FederatedResourceQuota: replicas placed times what each of them requests, over all clusters.
 * Pure. Source: Karmada API reference, policy.karmada.io FederatedResourceQuota, and facts of its enforcement.
 */
import type { BindingSpec, FederatedResourceQuota, Quantities } from '../api.ts';
import { addQuantities, milliValue, multiplyQuantity } from '../quantity.ts';

/** What a placed workload takes of each resource. */
export function usageOf({ clusters = [], components = [], replicaRequirements }: BindingSpec): Quantities {
  const usage: Quantities = {};
  const add = (request: Quantities | undefined, times: number): void => {
    for (const [resource, quantity] of Object.entries(request ?? {})) {
      if (times <= 0) continue;
      const more = multiplyQuantity(quantity, times);
      usage[resource] = usage[resource] === undefined ? more : addQuantities(usage[resource], more);
    }
  };
  if (components.length > 0)
    for (const component of components)
      add(component.replicaRequirements?.resourceRequest, component.replicas * clusters.length);
  else
    add(
      replicaRequirements?.resourceRequest,
      clusters.reduce((sum, { replicas = 0 }) => sum + replicas, 0),
    );
  return usage;
}

/** Sum over several workloads of the resources that the quota names; what nobody asks for is left out. */
export function totalUsage(overall: Quantities, specs: Iterable<BindingSpec>): Quantities {
  const total: Quantities = {};
  for (const spec of specs) {
    const usage = usageOf(spec);
    for (const resource of Object.keys(overall)) {
      const more = usage[resource];
      if (more !== undefined) total[resource] = addQuantities(more, total[resource] ?? '0');
    }
  }
  return total;
}

/** Whether a change of the binding can change what it takes. */
export function changesUsage(before: BindingSpec | null, after: BindingSpec): boolean {
  const amounts = (spec: BindingSpec): string => JSON.stringify(Object.entries(usageOf(spec)).sort());
  return amounts(before ?? { resource: after.resource }) !== amounts(after);
}

/** In the words of the API: which resource of which quota would be exceeded; null when none. */
export function exceededText(quota: FederatedResourceQuota, requested: Quantities): string | null {
  const { namespace, name } = quota.metadata;
  for (const [resource, limit] of Object.entries(quota.spec.overall ?? {})) {
    const sum = requested[resource] ?? '0';
    if (milliValue(sum) > milliValue(limit))
      return `FederatedResourceQuota(${namespace}/${name}) exceeded for resource ${resource}: requested sum ${sum}, limit ${limit}`;
  }
  return null;
}

/** Of two uses of the same resources: whether the second asks for more of any. */
export function growsIn(quota: FederatedResourceQuota, before: Quantities, after: Quantities): boolean {
  return Object.keys(quota.spec.overall ?? {}).some(
    (resource) => milliValue(after[resource]) > milliValue(before[resource]),
  );
}
