/**
 * Life cycle of namespaces: the ones every cluster has, what each new one contains, and emptying before the end.
 * Source: Kubernetes documentation, "Namespaces"; controllers namespace and serviceaccount.
 */
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type Core, collectionOf, SYSTEM_USER, timestamp } from '../core.ts';
import { cloneJson } from '../json.ts';
import type { StoreEvent } from '../storage/types.ts';
import type { KindDefinition } from '../types.ts';
import { createObject } from '../verbs/create.ts';
import { deleteObject } from '../verbs/delete.ts';
import { PLAIN_DELETE } from '../verbs/delete-options.ts';
import { changeObject } from '../verbs/update.ts';
import { Debouncer } from './debouncer.ts';
import { staleGroups } from './service-availability.ts';

export const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const FINALIZER = 'kubernetes';
const LOOK_AGAIN_MS = 500;

/** Objects of one kind that a namespace still holds, and who holds them. */
interface Remaining {
  kind: KindDefinition;
  count: number;
  finalizers: string[];
}

export class NamespaceController {
  readonly #core: Core;
  readonly #queue: Debouncer;

  constructor(core: Core) {
    this.#core = core;
    this.#queue = new Debouncer((name) => this.#reconcile(name), core.onError);
  }

  async start(): Promise<void> {
    const namespaces = this.#core.store.collection('/namespaces');
    namespaces.watchers.add((event) => this.#queue.add(event.key));
    this.#core.store.collection('/serviceaccounts').watchers.add((event) => this.#onAccount(event));
    const kind = this.#core.registry.find('', 'v1', 'namespaces')!;
    await Promise.all(
      SYSTEM_NAMESPACES.filter((name) => namespaces.latest(name) === undefined).map((name) =>
        this.#create(kind, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, 'kube-apiserver'),
      ),
    );
    for (const name of namespaces.items.keys()) this.#queue.add(name);
    await this.#queue.idle();
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  /** A default account that somebody deleted comes back. */
  #onAccount(event: StoreEvent): void {
    if (event.type !== 'DELETED') return;
    const { namespace, name } = event.current.object.metadata;
    if (namespace !== undefined && name === 'default') this.#queue.add(namespace);
  }

  async #reconcile(name: string): Promise<void> {
    const stored = this.#core.store.collection('/namespaces').latest(name);
    if (stored === undefined) return;
    if (stored.object.metadata.deletionTimestamp === undefined) await this.#fill(name);
    else await this.#empty(name, stored.object);
  }

  async #fill(namespace: string): Promise<void> {
    const accounts = this.#core.registry.find('', 'v1', 'serviceaccounts')!;
    if (collectionOf(this.#core, accounts).latest(`${namespace}/default`) !== undefined) return;
    await this.#create(accounts, namespace, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default' },
    });
  }

  async #create(
    kind: KindDefinition,
    namespace: string,
    object: KubeObject,
    fieldManager = 'kube-controller-manager',
  ): Promise<void> {
    try {
      await createObject(this.#core, kind, namespace, object, { dryRun: false, fieldManager }, SYSTEM_USER);
    } catch (error) {
      // The namespace went away meanwhile, or somebody else was faster: both are fine.
      if (!isAlreadyExists(error) && !isNotFound(error) && (error as { status?: number }).status !== 403) throw error;
    }
  }

  /** Deletes everything inside, pods before all else; when nothing is left takes the finalizer off, which ends the namespace. */
  async #empty(name: string, namespace: KubeObject): Promise<void> {
    const core = this.#core;
    const pods = core.registry.find('', 'v1', 'pods');
    // What pods live on (secrets, policies, claims) stays until they are gone. The conditions say nothing of it meanwhile,
    // as those of the real controller do not since 1.33 (KEP-5080).
    if (pods !== undefined && (await this.#clear(pods, name)) !== null) {
      await this.#report(name, [], staleGroups(core));
      this.#queue.addAfter(name, LOOK_AGAIN_MS);
      return;
    }
    const left: Remaining[] = [];
    const seen = new Set<string>();
    for (const kind of core.registry.all()) {
      if (!kind.namespaced || !kind.verbs.includes('delete')) continue;
      const { id } = collectionOf(core, kind);
      if (seen.has(id)) continue;
      seen.add(id);
      const rest = await this.#clear(kind, name);
      if (rest !== null) left.push(rest);
    }
    const collection = core.store.collection('/namespaces');
    const stored = collection.latest(name);
    if (stored === undefined || stored.object.metadata.uid !== namespace.metadata.uid) return;
    // What cannot be listed may hold something: the namespace waits for it.
    const stale = staleGroups(core);
    if (left.length > 0 || stale.length > 0) {
      await this.#report(name, left, stale);
      // Contents that somebody still holds are looked at again; there is no event for all of them.
      this.#queue.addAfter(name, LOOK_AGAIN_MS);
      return;
    }
    const next = cloneJson(stored.object);
    const finalizers = ((next.spec?.finalizers ?? []) as string[]).filter((each) => each !== FINALIZER);
    next.spec = { ...next.spec, finalizers };
    if (finalizers.length === 0) delete next.spec.finalizers;
    if (finalizers.length === 0 && (next.metadata.finalizers ?? []).length === 0)
      await core.store.remove(collection, name, next);
    else if (finalizers.length !== ((stored.object.spec?.finalizers ?? []) as string[]).length)
      await core.store.put(collection, name, next);
  }

  /** Deletes the objects of a kind; what is still there afterwards, or null. */
  async #clear(kind: KindDefinition, namespace: string): Promise<Remaining | null> {
    const core = this.#core;
    const collection = collectionOf(core, kind);
    const background = { ...PLAIN_DELETE, propagation: 'Background' } as const;
    await Promise.all(
      collection.keys(`${namespace}/`).map(async (key) => {
        try {
          await deleteObject(core, kind, namespace, key.slice(namespace.length + 1), background, SYSTEM_USER);
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      }),
    );
    const rest = collection.keys(`${namespace}/`);
    if (rest.length === 0) return null;
    const finalizers = rest.flatMap((key) => collection.items.get(key)?.object.metadata.finalizers ?? []);
    return { kind, count: rest.length, finalizers };
  }

  /** Conditions that say what keeps the namespace from ending. */
  async #report(name: string, left: readonly Remaining[], stale: readonly string[]): Promise<void> {
    const contents = left
      .map(({ kind, count }) => `${kind.resource}.${kind.group} has ${count} resource instances`)
      .sort();
    const counts = new Map<string, number>();
    for (const finalizer of left.flatMap((each) => each.finalizers))
      counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
    const held = [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort();
    const wanted = [
      stale.length > 0
        ? condition(
            'NamespaceDeletionDiscoveryFailure',
            'True',
            'DiscoveryFailed',
            `Discovery failed for some groups, ${stale.length} failing: unable to retrieve the complete list of server APIs: ${stale.map((group) => `${group}: stale GroupVersion discovery: ${group}`).join(', ')}`,
          )
        : condition(
            'NamespaceDeletionDiscoveryFailure',
            'False',
            'ResourcesDiscovered',
            'All resources successfully discovered',
          ),
      condition(
        'NamespaceDeletionGroupVersionParsingFailure',
        'False',
        'ParsedGroupVersions',
        'All legacy kube types successfully parsed',
      ),
      condition(
        'NamespaceDeletionContentFailure',
        'False',
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
      ),
      left.length > 0
        ? condition(
            'NamespaceContentRemaining',
            'True',
            'SomeResourcesRemain',
            `Some resources are remaining: ${contents.join(', ')}`,
          )
        : condition('NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'),
      held.length > 0
        ? condition(
            'NamespaceFinalizersRemaining',
            'True',
            'SomeFinalizersRemain',
            `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
          )
        : condition(
            'NamespaceFinalizersRemaining',
            'False',
            'ContentHasNoFinalizers',
            'All content-preserving finalizers finished',
          ),
    ];
    try {
      await changeObject({
        core: this.#core,
        kind: this.#core.registry.find('', 'v1', 'namespaces')!,
        namespace: '',
        name,
        subresource: 'status',
        user: SYSTEM_USER,
        options: { dryRun: false, fieldManager: 'kube-controller-manager' },
        next: (old) => {
          const before = (old.status?.conditions ?? []) as Record<string, string>[];
          const conditions = wanted.map(
            (each) =>
              before.find(
                ({ type, status, reason, message }) =>
                  type === each.type && status === each.status && reason === each.reason && message === each.message,
              ) ?? each,
          );
          return { ...cloneJson(old), status: { ...old.status, phase: 'Terminating', conditions } };
        },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function condition(type: string, status: string, reason: string, message: string): Record<string, string> {
  return { type, status, lastTransitionTime: timestamp(), reason, message };
}
