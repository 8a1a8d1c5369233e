/**
 * The propagation policies there are, found by what they may select: a template asks the few that name its kind, and its
 * name or none, not all of them. Pure.
 */
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import type { PropagationPolicy } from '../api.ts';

export class PolicyIndex {
  readonly #policies = new Map<string, PropagationPolicy>();
  /** Keys of policies by namespace, kind and name of what a selector means. */
  readonly #slots = new Map<string, Set<string>>();

  constructor(policies: Iterable<PropagationPolicy> = []) {
    for (const policy of policies) this.put(policy);
  }

  /** Takes the place of the one with the same key. */
  put(policy: PropagationPolicy): void {
    const key = objectKey(policy);
    this.drop(key);
    this.#policies.set(key, policy);
    for (const slot of slotsOf(policy)) {
      const keys = this.#slots.get(slot);
      if (keys === undefined) this.#slots.set(slot, new Set([key]));
      else keys.add(key);
    }
  }

  drop(key: string): void {
    const policy = this.#policies.get(key);
    if (policy === undefined) return;
    this.#policies.delete(key);
    for (const slot of slotsOf(policy)) {
      const keys = this.#slots.get(slot);
      keys?.delete(key);
      if (keys?.size === 0) this.#slots.delete(slot);
    }
  }

  /** @param key `namespace/name`, or `name` of a ClusterPropagationPolicy */
  get(key: string): PropagationPolicy | undefined {
    return this.#policies.get(key);
  }

  /** Policies of the object's namespace that may select it; their selectors still have to be asked. */
  local(object: KubeObject): PropagationPolicy[] {
    const { namespace } = object.metadata;
    return namespace === undefined ? [] : this.#in(namespace, object);
  }

  /** The same of the cluster-wide ones. */
  wide(object: KubeObject): PropagationPolicy[] {
    return this.#in('', object);
  }

  #in(namespace: string, { apiVersion, kind, metadata }: KubeObject): PropagationPolicy[] {
    const keys = ['', metadata.name ?? ''].flatMap((name) => [
      ...(this.#slots.get(slotOf(namespace, apiVersion, kind, name)) ?? []),
    ]);
    return [...new Set(keys)].flatMap((key) => this.#policies.get(key) ?? []);
  }
}

function slotsOf({ metadata, spec }: PropagationPolicy): string[] {
  return (spec.resourceSelectors ?? []).map(({ apiVersion, kind, name }) =>
    slotOf(metadata.namespace ?? '', apiVersion, kind, name ?? ''),
  );
}

/** Without a name: whatever it is called. None of the parts has a space in it. */
function slotOf(namespace: string, apiVersion: string, kind: string, name: string): string {
  return `${namespace} ${apiVersion} ${kind} ${name}`;
}
