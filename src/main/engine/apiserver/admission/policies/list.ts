/** The policies and bindings there are, compiled, read again only after a change. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Collection } from '../../storage/collection.ts';
import type { ObjectStore } from '../../storage/store.ts';

export interface PolicyWithBindings<Policy> {
  policy: Policy;
  bindings: readonly KubeObject[];
}

/** Policies that have a binding, by name; each with its bindings, by name. */
export class PolicyList<Policy> {
  readonly #policies: Collection;
  readonly #bindings: Collection;
  readonly #compile: (object: KubeObject) => Policy;
  /** What was compiled of which revision. */
  readonly #compiled = new Map<string, { revision: number; policy: Policy }>();
  #known: readonly PolicyWithBindings<Policy>[] | null = null;

  constructor(store: ObjectStore, resource: string, compile: (object: KubeObject) => Policy) {
    this.#policies = store.collection(`admissionregistration.k8s.io/${resource.replace(/y$/, 'ies')}`);
    this.#bindings = store.collection(`admissionregistration.k8s.io/${resource}bindings`);
    this.#compile = compile;
    for (const collection of [this.#policies, this.#bindings])
      collection.watchers.add(() => {
        this.#known = null;
      });
  }

  get isEmpty(): boolean {
    return this.#policies.items.size === 0 || this.#bindings.items.size === 0;
  }

  all(): readonly PolicyWithBindings<Policy>[] {
    this.#known ??= this.#read();
    return this.#known;
  }

  #read(): PolicyWithBindings<Policy>[] {
    const bindings = this.#bindings.keys().map((key) => this.#bindings.items.get(key)!.object);
    const found: PolicyWithBindings<Policy>[] = [];
    for (const key of this.#policies.keys()) {
      const bound = bindings.filter((binding) => binding.spec?.policyName === key);
      if (bound.length === 0) continue;
      const { revision, object } = this.#policies.items.get(key)!;
      let compiled = this.#compiled.get(key);
      if (compiled?.revision !== revision) {
        compiled = { revision, policy: this.#compile(object) };
        this.#compiled.set(key, compiled);
      }
      found.push({ policy: compiled.policy, bindings: bound });
    }
    for (const key of this.#compiled.keys()) if (!this.#policies.items.has(key)) this.#compiled.delete(key);
    return found;
  }
}
