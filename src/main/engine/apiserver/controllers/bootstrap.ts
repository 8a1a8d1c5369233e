/**
 * Keeps the objects that the server makes for itself: they come back when they are deleted or changed, unless they say that
 * a person has taken them over. APIServices of custom resources come and go with their definitions. Source: kube-apiserver's
 * controllers cluster_authentication_trust, priority-and-fairness-config-producer and crd-autoregistration.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { customServices, MANAGED } from '../bootstrap/api-services.ts';
import { withOwners } from '../bootstrap/owners.ts';
import { type Core, collectionOf, keyOf, timestamp } from '../core.ts';
import { cloneJson, equalJson } from '../json.ts';
import { loadObjects } from '../load.ts';
import type { Collection } from '../storage/collection.ts';
import { Debouncer } from './debouncer.ts';

const TAKEN_OVER = 'apf.kubernetes.io/autoupdate-spec';
const DEFINITIONS = 'definitions';

export class BootstrapKeeper {
  readonly #core: Core;
  readonly #queue: Debouncer;
  /** By collection and key. */
  readonly #kept = new Map<string, KubeObject>();
  readonly #watched = new Set<Collection>();

  constructor(core: Core, objects: readonly KubeObject[]) {
    this.#core = core;
    this.#queue = new Debouncer((name) => this.#reconcile(name), core.onError);
    for (const object of objects) this.#keep(object);
  }

  /** Resolves when everything that was missing is there. */
  async start(): Promise<void> {
    await loadObjects(
      this.#core,
      [...this.#kept.values()].map((object) => cloneJson(object)),
    );
    for (const name of this.#kept.keys()) if (this.#isChanged(name)) this.#queue.add(name);
    const definitions = this.#core.store.collection('apiextensions.k8s.io/customresourcedefinitions');
    definitions.watchers.add(() => this.#queue.add(DEFINITIONS));
    if (definitions.items.size > 0) this.#queue.add(DEFINITIONS);
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  #keep(object: KubeObject): void {
    const kind = this.#core.registry.findKind(object.apiVersion, object.kind)!;
    const collection = collectionOf(this.#core, kind);
    const key = keyOf(kind, object.metadata.namespace ?? '', object.metadata.name ?? '');
    this.#kept.set(`${collection.id} ${key}`, object);
    if (this.#watched.has(collection)) return;
    this.#watched.add(collection);
    collection.watchers.add(({ key: changed }) => {
      const name = `${collection.id} ${changed}`;
      if (this.#isChanged(name)) this.#queue.add(name);
    });
  }

  #isChanged(name: string): boolean {
    const wanted = this.#kept.get(name);
    if (wanted === undefined) return false;
    const stored = this.#stored(name);
    if (stored === undefined) return true;
    if (stored.metadata.annotations?.[TAKEN_OVER] === 'false') return false;
    return !equalJson(contentOf(stored), contentOf(wanted));
  }

  #stored(name: string): KubeObject | undefined {
    const [id = '', key = ''] = name.split(' ');
    return this.#core.store.collection(id).latest(key)?.object;
  }

  async #reconcile(name: string): Promise<void> {
    if (name === DEFINITIONS) return await this.#register();
    if (!this.#isChanged(name)) return;
    const wanted = this.#kept.get(name)!;
    const stored = this.#stored(name);
    if (stored === undefined) await loadObjects(this.#core, [cloneJson(wanted)]);
    else {
      const [id = '', key = ''] = name.split(' ');
      const { metadata: _metadata, ...rest } = cloneJson(wanted);
      await this.#core.store.put(this.#core.store.collection(id), key, { ...cloneJson(stored), ...rest });
    }
  }

  /** One APIService for each version that definitions serve. */
  async #register(): Promise<void> {
    const { store } = this.#core;
    const definitions = store.collection('apiextensions.k8s.io/customresourcedefinitions');
    const services = store.collection('apiregistration.k8s.io/apiservices');
    const objects = [...definitions.items.values()].map(({ object }) => object);
    const now = timestamp(this.#core.now());
    const wanted = customServices(objects, now).map((service) => withOwners(service, now));
    const names = new Set(wanted.map(({ metadata }) => metadata.name));
    await loadObjects(this.#core, wanted);
    for (const [key, { object }] of [...services.items])
      if (object.metadata.labels?.[MANAGED] === 'true' && !names.has(key))
        await store.remove(services, key, cloneJson(object));
  }
}

/** What the server says about itself, without what only tells when. */
function contentOf({ data, spec, status }: KubeObject): unknown {
  return { data, spec, known: (status?.conditions ?? []).length > 0 };
}
