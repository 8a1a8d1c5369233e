/**
 * FederatedResourceQuotas as the admission of bindings asks for them: synchronously, in the turn of the write, so that
 * no two writes are both let through by a sum that holds for one of them only.
 */
import { objectKey } from '#shared/kubernetes/types.ts';
import type { Informer } from '../../kube/index.ts';
import type { Binding, BindingSpec, FederatedResourceQuota } from '../api.ts';
import { changesUsage, exceededText, growsIn, totalUsage } from './usage.ts';

export interface QuotaBook {
  /**
   * Why the binding may not be written so, or null; then it counts at once.
   * @param old as it is stored now; null for a new one
   */
  charge(binding: Binding, old: Binding | null): string | null;
  /** Every quota there is now. */
  all(): FederatedResourceQuota[];
  /** What is used of a quota now. */
  used(quota: FederatedResourceQuota): ReturnType<typeof totalUsage>;
}

export function createQuotaBook(
  quotas: Informer<FederatedResourceQuota>,
  bindings: Pick<Informer<Binding>, 'items' | 'subscribe'>,
): QuotaBook {
  /** Written, and not yet seen by the watch. */
  const ahead = new Map<string, BindingSpec>();
  bindings.subscribe({
    onAdd: (_, key) => void ahead.delete(key),
    onUpdate: (_, __, key) => void ahead.delete(key),
    onDelete: (_, key) => void ahead.delete(key),
  });

  function* specsIn(namespace: string | undefined, instead?: [string, BindingSpec]): Iterable<BindingSpec> {
    const prefix = `${namespace}/`;
    const seen = new Set<string>();
    for (const [key, binding] of bindings.items) {
      if (!key.startsWith(prefix)) continue;
      seen.add(key);
      yield key === instead?.[0] ? instead[1] : (ahead.get(key) ?? binding.spec);
    }
    for (const [key, spec] of ahead) if (key.startsWith(prefix) && !seen.has(key) && key !== instead?.[0]) yield spec;
    if (instead !== undefined && !seen.has(instead[0])) yield instead[1];
  }

  return {
    charge(binding, old) {
      if (!changesUsage(old?.spec ?? null, binding.spec)) return null;
      const { namespace } = binding.metadata;
      const key = objectKey(binding);
      for (const quota of quotas.items.values()) {
        if (quota.metadata.namespace !== namespace || quota.metadata.deletionTimestamp) continue;
        const { overall = {} } = quota.spec;
        const before = totalUsage(overall, specsIn(namespace));
        const after = totalUsage(overall, specsIn(namespace, [key, binding.spec]));
        // What takes less is always welcome, also when a quota was set below what runs.
        const text = growsIn(quota, before, after) ? exceededText(quota, after) : null;
        if (text !== null) return text;
      }
      ahead.set(key, structuredClone(binding.spec));
      return null;
    },
    all: () => [...quotas.items.values()],
    used: (quota) => totalUsage(quota.spec.overall ?? {}, specsIn(quota.metadata.namespace)),
  };
}
