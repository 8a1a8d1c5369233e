/** Keeps the rules of aggregated ClusterRoles. Source: Kubernetes documentation, "Aggregated ClusterRoles". */
import { isNotFound } from '#engine/kube/index.ts';
import { applied } from '../apply/apply.ts';
import { type Core, SYSTEM_USER } from '../core.ts';
import { equalJson } from '../json.ts';
import { matchesLabelSelector } from '../selectors/structured.ts';
import type { Collection } from '../storage/collection.ts';
import { changeObject } from '../verbs/update.ts';
import { Debouncer } from './debouncer.ts';

export class RoleAggregation {
  readonly #core: Core;
  readonly #roles: Collection;
  readonly #queue: Debouncer;

  constructor(core: Core) {
    this.#core = core;
    this.#roles = core.store.collection('rbac.authorization.k8s.io/clusterroles');
    this.#queue = new Debouncer((name) => this.#reconcile(name), core.onError);
  }

  async start(): Promise<void> {
    this.#addAll();
    this.#roles.watchers.add(() => this.#addAll());
    await this.#queue.idle();
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  /** Any role may be a source of any other. There are few. */
  #addAll(): void {
    for (const { object } of this.#roles.items.values())
      if (object.aggregationRule !== undefined) this.#queue.add(object.metadata.name ?? '');
  }

  async #reconcile(name: string): Promise<void> {
    const role = this.#roles.latest(name)?.object;
    if (role?.aggregationRule === undefined) return;
    const rules: unknown[] = [];
    // Stored rules have their fields in one order: the same rule is the same text.
    const known = new Set<string>();
    for (const selector of role.aggregationRule.clusterRoleSelectors ?? [])
      for (const key of this.#roles.keys()) {
        const source = this.#roles.items.get(key)!.object;
        if (key === name || !matchesLabelSelector(selector, source.metadata.labels)) continue;
        for (const rule of source.rules ?? []) {
          const text = JSON.stringify(rule);
          if (!known.has(text)) rules.push(rule);
          known.add(text);
        }
      }
    if (equalJson(rules, role.rules ?? [])) return;
    try {
      const kind = this.#core.registry.find('rbac.authorization.k8s.io', 'v1', 'clusterroles')!;
      const config = { apiVersion: role.apiVersion, kind: role.kind, metadata: { name }, rules };
      const options = { dryRun: false, fieldManager: 'clusterrole-aggregation-controller', force: true };
      await changeObject({
        core: this.#core,
        kind,
        namespace: '',
        name,
        subresource: '',
        user: SYSTEM_USER,
        options,
        recordManager: false,
        next: (old) => applied(kind, old, config, options, ''),
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
