/** Says in the status of a validating policy what its expressions get wrong about types. Source: kube-controller-manager. */
import { isNotFound } from '#engine/kube/index.ts';
import { typeWarnings } from '../admission/policies/type-check.ts';
import { applied } from '../apply/apply.ts';
import { type Core, SYSTEM_USER } from '../core.ts';
import type { Collection } from '../storage/collection.ts';
import { changeObject } from '../verbs/update.ts';
import { Debouncer } from './debouncer.ts';

const GROUP = 'admissionregistration.k8s.io';
const RESOURCE = 'validatingadmissionpolicies';
const MANAGER = 'validatingadmissionpolicy-status';

export class PolicyStatus {
  readonly #core: Core;
  readonly #policies: Collection;
  readonly #queue: Debouncer;

  constructor(core: Core) {
    this.#core = core;
    this.#policies = core.store.collection(`${GROUP}/${RESOURCE}`);
    this.#queue = new Debouncer((name) => this.#reconcile(name), core.onError);
  }

  start(): void {
    for (const name of this.#policies.items.keys()) this.#queue.add(name);
    this.#policies.watchers.add(({ type, key }) => {
      if (type !== 'DELETED') this.#queue.add(key);
    });
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  async #reconcile(name: string): Promise<void> {
    const policy = this.#policies.latest(name)?.object;
    if (policy === undefined) return;
    const { generation } = policy.metadata;
    if (policy.status?.observedGeneration === generation) return;
    const kind = this.#core.registry.find(GROUP, 'v1', RESOURCE)!;
    const expressionWarnings = typeWarnings(policy, this.#core.registry);
    const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings };
    const { apiVersion, kind: kindName } = policy;
    // What was found out about another generation is found out again.
    const status = { observedGeneration: generation, typeChecking };
    const config = { apiVersion, kind: kindName, metadata: { name }, status };
    const options = { dryRun: false, fieldManager: MANAGER, force: true };
    try {
      await changeObject({
        core: this.#core,
        kind,
        namespace: '',
        name,
        subresource: 'status',
        user: SYSTEM_USER,
        options,
        recordManager: false,
        next: (old) => applied(kind, old, config, options, 'status'),
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
