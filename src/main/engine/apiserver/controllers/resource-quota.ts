/**
 * Keeps status of ResourceQuotas: what is allowed (spec.hard) and what is used. Admission charges a quota at the moment of
 * a write; this controller counts again when something goes, ends or the quota changes.
 * Source: Kubernetes documentation, "Resource Quotas".
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ResourceAmounts } from '../admission/pod-resources.ts';
import { inScope, isTerminating } from '../admission/quota/scopes.ts';
import { collectionFor, combine, mask, usageOf } from '../admission/quota/usage.ts';
import type { Core } from '../core.ts';
import { cloneJson, equalJson } from '../json.ts';
import { canonicalQuantity } from '../kinds/validation/quantity.ts';
import type { Collection } from '../storage/collection.ts';
import type { StoreEvent } from '../storage/types.ts';
import { Debouncer } from './debouncer.ts';

export class ResourceQuotaController {
  readonly #core: Core;
  readonly #quotas: Collection;
  readonly #queue: Debouncer;
  #stopWatching: () => void = () => undefined;

  constructor(core: Core) {
    this.#core = core;
    this.#quotas = core.store.collection('/resourcequotas');
    this.#queue = new Debouncer((key) => this.#reconcile(key), core.onError);
  }

  start(): void {
    for (const key of this.#quotas.items.keys()) this.#queue.add(key);
    this.#stopWatching = this.#core.store.observe((collection, event) => this.#onEvent(collection, event));
  }

  stop(): Promise<void> {
    this.#stopWatching();
    return this.#queue.stop();
  }

  #onEvent(collection: Collection, { type, key, previous, current }: StoreEvent): void {
    if (collection === this.#quotas) {
      if (type !== 'DELETED' && changesLimits(previous?.object, current.object)) this.#queue.add(key);
      if (type !== 'DELETED') return;
    }
    const slash = key.indexOf('/');
    if (slash < 0) return;
    const namespace = key.slice(0, slash);
    // What is added has been charged when it was admitted.
    if (type === 'ADDED') return;
    const concerned = this.#quotas.keys(`${namespace}/`);
    if (concerned.length === 0) return;
    if (type === 'MODIFIED' && !countsLess(collection.id, previous?.object, current.object)) return;
    for (const quota of concerned) this.#queue.add(quota);
  }

  async #reconcile(key: string): Promise<void> {
    const quota = this.#quotas.latest(key)?.object;
    if (quota === undefined || quota.metadata.deletionTimestamp !== undefined) return;
    const hard = Object.fromEntries(
      Object.entries((quota.spec?.hard ?? {}) as ResourceAmounts).map(([name, amount]) => [
        name,
        canonicalQuantity(amount),
      ]),
    );
    const status = { hard, used: this.#used(quota, Object.keys(hard)) };
    if (equalJson(status, quota.status)) return;
    // Counted and written in one turn: nothing can be admitted in between.
    await this.#core.store.put(this.#quotas, key, { ...cloneJson(quota), status });
  }

  #used(quota: KubeObject, names: readonly string[]): ResourceAmounts {
    const byCollection = new Map<string, string[]>();
    let used: ResourceAmounts = {};
    for (const name of names) {
      const id = collectionFor(name);
      if (id === null) continue;
      used[name] = '0';
      byCollection.set(id, [...(byCollection.get(id) ?? []), name]);
    }
    for (const [id, counted] of byCollection) {
      const [group = '', resource = ''] = splitId(id);
      for (const object of latestIn(this.#core.store.collection(id), `${quota.metadata.namespace ?? ''}/`))
        if (inScope(quota, group === '' ? resource : '', object))
          used = combine(used, mask(usageOf({ group, resource }, object), counted));
    }
    return used;
  }
}

function splitId(id: string): [string, string] {
  const slash = id.lastIndexOf('/');
  return [id.slice(0, slash), id.slice(slash + 1)];
}

/** Everything of a namespace as writers see it, durable or not. */
function* latestIn(collection: Collection, prefix: string): Generator<KubeObject> {
  for (const key of collection.keys(prefix)) {
    const stored = collection.latest(key);
    if (stored !== undefined) yield stored.object;
  }
  for (const [key, { type, current }] of collection.pending)
    if (type !== 'DELETED' && key.startsWith(prefix) && !collection.items.has(key)) yield current.object;
}

/** Charges of admission are right as they are; counting again after each would cost more than the write. */
function changesLimits(before: KubeObject | undefined, after: KubeObject): boolean {
  if (before === undefined) return true;
  return !equalJson(before.spec, after.spec) || !equalJson(before.status?.hard, after.status?.hard);
}

function countsLess(id: string, before: KubeObject | undefined, after: KubeObject): boolean {
  if (before === undefined) return false;
  const [group, resource] = splitId(id);
  if (group !== '' || !['pods', 'services', 'persistentvolumeclaims'].includes(resource)) return false;
  // Pods change often, and what they count for seldom.
  if (resource === 'pods' && before.status?.phase === after.status?.phase && before.spec === after.spec) return false;
  // Of a quota with a scope it may be no longer one.
  if (resource === 'pods' && isTerminating(before) !== isTerminating(after)) return true;
  return !equalJson(usageOf({ group, resource }, before), usageOf({ group, resource }, after));
}
