/** Everything the controllers look at in the federation's own API server, kept up to date by watches. */
import { type KubeObject, objectKey, type ResourceRef } from '#shared/kubernetes/types.ts';
import { createInformer, type Informer, type KubeClient } from '../../kube/index.ts';
import {
  type Binding,
  CLUSTER_OVERRIDE_POLICIES,
  CLUSTER_PROPAGATION_POLICIES,
  CLUSTER_RESOURCE_BINDINGS,
  CLUSTERS,
  type ClusterObject,
  KEYS,
  NAMESPACES,
  OVERRIDE_POLICIES,
  type OverridePolicy,
  PROPAGATION_POLICIES,
  type PropagationPolicy,
  RESOURCE_BINDINGS,
  WORKS,
  type Work,
} from '../api.ts';
import { PolicyIndex } from '../matching/policy-index.ts';

export interface FederationCache {
  clusters: Informer<ClusterObject>;
  policies: Informer<PropagationPolicy>;
  clusterPolicies: Informer<PropagationPolicy>;
  overrides: Informer<OverridePolicy>;
  clusterOverrides: Informer<OverridePolicy>;
  bindings: Informer<Binding>;
  clusterBindings: Informer<Binding>;
  works: Informer<Work>;
  namespaces: Informer;
  /** Both kinds of propagation policies. */
  policyIndex: PolicyIndex;
  /** A binding of either kind: `namespace/name` is a ResourceBinding, `name` a ClusterResourceBinding. */
  binding(key: string): Binding | undefined;
  allBindings(): Iterable<[string, Binding]>;
  worksOfBinding(id: string): Work[];
  bindingsOfPolicy(id: string): [string, Binding][];
  /** Override policies that can concern an object of the namespace ('' for cluster-scoped ones). */
  overridesFor(namespace: string): OverridePolicy[];
  synced: Promise<void>;
  stop(): void;
}

export function bindingRef(key: string): ResourceRef {
  return key.includes('/') ? RESOURCE_BINDINGS : CLUSTER_RESOURCE_BINDINGS;
}

/** Id that ties Works to their binding. */
export function bindingId(binding: Binding): string | undefined {
  return binding.metadata.labels?.[KEYS.rbId] ?? binding.metadata.labels?.[KEYS.crbId];
}

export function policyIdOf(object: KubeObject): string | undefined {
  return object.metadata.labels?.[KEYS.ppId] ?? object.metadata.labels?.[KEYS.cppId];
}

export function createCache(client: KubeClient): FederationCache {
  const informers: Informer<never>[] = [];
  function watch<T extends KubeObject>(resource: ResourceRef): Informer<T> {
    const informer = createInformer<T>({ client, resource });
    informers.push(informer as unknown as Informer<never>);
    return informer;
  }
  const cache = {
    clusters: watch<ClusterObject>(CLUSTERS),
    policies: watch<PropagationPolicy>(PROPAGATION_POLICIES),
    clusterPolicies: watch<PropagationPolicy>(CLUSTER_PROPAGATION_POLICIES),
    overrides: watch<OverridePolicy>(OVERRIDE_POLICIES),
    clusterOverrides: watch<OverridePolicy>(CLUSTER_OVERRIDE_POLICIES),
    bindings: watch<Binding>(RESOURCE_BINDINGS),
    clusterBindings: watch<Binding>(CLUSTER_RESOURCE_BINDINGS),
    works: watch<Work>(WORKS),
    namespaces: watch<KubeObject>(NAMESPACES),
  };
  const worksById = indexBy(
    cache.works,
    (work) => work.metadata.labels?.[KEYS.rbId] ?? work.metadata.labels?.[KEYS.crbId],
  );
  const bindingsByPolicy = indexBy(cache.bindings, policyIdOf);
  const clusterBindingsByPolicy = indexBy(cache.clusterBindings, policyIdOf);
  const policyIndex = new PolicyIndex();
  const put = (policy: PropagationPolicy): void => policyIndex.put(policy);
  for (const informer of [cache.policies, cache.clusterPolicies])
    informer.subscribe({ onAdd: put, onUpdate: put, onDelete: (_, key) => policyIndex.drop(key) });
  return {
    ...cache,
    policyIndex,
    binding: (key) => (key.includes('/') ? cache.bindings.get(key) : cache.clusterBindings.get(key)),
    *allBindings() {
      yield* cache.bindings.items;
      yield* cache.clusterBindings.items;
    },
    worksOfBinding: worksById,
    bindingsOfPolicy: (id) =>
      [...bindingsByPolicy(id), ...clusterBindingsByPolicy(id)].map((binding) => [objectKey(binding), binding]),
    overridesFor(namespace) {
      const local = namespace === '' ? [] : [...cache.overrides.items.values()];
      return [
        ...cache.clusterOverrides.items.values(),
        ...local.filter((policy) => policy.metadata.namespace === namespace),
      ];
    },
    synced: Promise.all(informers.map((informer) => informer.synced)).then(() => undefined),
    stop: () => {
      for (const informer of informers) informer.stop();
    },
  };
}

/** Lookup of an informer's items by a value they carry; follows the informer. */
export function indexBy<T extends KubeObject>(
  informer: Informer<T>,
  keyedBy: (object: T) => string | undefined,
): (value: string) => T[] {
  const keys = new Map<string, Set<string>>();
  const put = (object: T, key: string): void => {
    const value = keyedBy(object);
    if (value === undefined) return;
    const set = keys.get(value);
    if (set === undefined) keys.set(value, new Set([key]));
    else set.add(key);
  };
  const drop = (object: T, key: string): void => {
    const value = keyedBy(object);
    if (value === undefined) return;
    const set = keys.get(value);
    set?.delete(key);
    if (set?.size === 0) keys.delete(value);
  };
  informer.subscribe({
    onAdd: put,
    onUpdate: (object, previous, key) => {
      drop(previous, key);
      put(object, key);
    },
    onDelete: drop,
  });
  return (value) =>
    [...(keys.get(value) ?? [])].map((key) => informer.get(key)).filter((object): object is T => object !== undefined);
}
