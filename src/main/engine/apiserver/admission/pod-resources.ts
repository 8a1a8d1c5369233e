/**
 * What a pod asks for in all: containers side by side, init containers one after the other, sidecars beside both, and the
 * overhead of its runtime. Source: Kubernetes documentation, "Init Containers", resource sharing; KEP-753, KEP-688.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { addQuantities, compareQuantities } from '../kinds/validation/quantity.ts';

/** Quantities by resource name, canonical text. */
export type ResourceAmounts = Record<string, string>;

export function podResources(spec: Json, which: 'requests' | 'limits'): ResourceAmounts {
  const total: ResourceAmounts = {};
  for (const container of spec?.containers ?? []) add(total, container.resources?.[which]);
  const sidecars: ResourceAmounts = {};
  const highest: ResourceAmounts = {};
  for (const container of spec?.initContainers ?? []) {
    const own = container.resources?.[which];
    if (container.restartPolicy === 'Always') {
      add(total, own);
      add(sidecars, own);
      raise(highest, sidecars);
    } else raise(highest, sum(sidecars, own));
  }
  raise(total, highest);
  // What is said for the pod as a whole goes before what its containers add up to.
  for (const [name, amount] of Object.entries(spec?.resources?.[which] ?? {})) total[name] = String(amount);
  for (const [name, amount] of Object.entries((spec?.overhead ?? {}) as ResourceAmounts))
    if (which === 'requests' || total[name] !== undefined) total[name] = addQuantities(total[name], amount);
  return total;
}

function add(total: ResourceAmounts, amounts: ResourceAmounts | null | undefined): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) total[name] = addQuantities(total[name], amount);
}

function sum(a: ResourceAmounts, b: ResourceAmounts | null | undefined): ResourceAmounts {
  const total = { ...a };
  add(total, b);
  return total;
}

function raise(total: ResourceAmounts, amounts: ResourceAmounts): void {
  for (const [name, amount] of Object.entries(amounts))
    if (total[name] === undefined || compareQuantities(total[name], amount) < 0) total[name] = amount;
}
