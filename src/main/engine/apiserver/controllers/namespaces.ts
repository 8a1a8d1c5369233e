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
/** How long the namespace controller of a cluster waits after every change of a namespace that is to go. */
export const NAMESPACE_DELAY_MS = 5000;
/** How long it thinks those who hold something need, in seconds. */
const FINALIZER_ESTIMATE = 15;

/** Objects of one kind that a namespace still holds, and who holds them. */
interface Remaining {
  kind: KindDefinition;
  count: number;
  finalizers: string[];
}

export class NamespaceController {
  readonly #core: Core;
  readonly #queue: Debouncer;
  readonly #delayMs: number;

  /** `delayMs`: how long a namespace that is to go is left alone after it changed. */
  constructor(core: Core, delayMs: number) {
    this.#core = core;
    this.#delayMs = delayMs;
    this.#queue = new Debouncer((name) => this.#reconcile(name), core.onError);
  }

  async start(): Promise<void> {
    const namespaces = this.#core.store.collection('/namespaces');
    namespaces.watchers.add((event) => this.#enqueue(event.key));
    this.#core.store.collection('/serviceaccounts').watchers.add((event) => this.#onAccount(event));
    const kind = this.#core.registry.find('', 'v1', 'namespaces')!;
    await Promise.all(
      SYSTEM_NAMESPACES.filter((name) => namespaces.latest(name) === undefined).map((name) =>
        this.#create(kind, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, 'kube-apiserver'),
      ),
    );
    for (const name of namespaces.items.keys()) this.#enqueue(name);
    await this.#queue.idle();
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  #enqueue(name: string): void {
    if (this.#delayMs > 0 && this.#isGoing(name)) this.#queue.addAfter(name, this.#delayMs);
    else this.#queue.add(name);
  }

  #isGoing(name: string): boolean {
    const stored = this.#core.store.collection('/namespaces').latest(name);
    return stored?.object.metadata.deletionTimestamp !== undefined;
  }

  /** A default account that somebody deleted comes back. */
  #onAccount(event: StoreEvent): void {
    if (event.type !== 'DELETED') return;
    const { namespace, name } = event.current.object.metadata;
    if (namespace !== undefined && name === 'default' && !this.#isGoing(namespace)) this.#queue.add(namespace);
  }

  /** Contents that somebody still holds are looked at again after half of the time they may need: not all tell their end. */
  #lookAgain(name: string, seconds: number): void {
    const waits = this.#delayMs > 0 && seconds > 0;
    this.#queue.addAfter(name, waits ? (Math.floor(seconds / 2) + 1) * 1000 : LOOK_AGAIN_MS);
  }

  /** How long pods may take that still run, in seconds; 0 once that time is over. */
  #graceOf(namespace: KubeObject): number {
    const pods = this.#core.store.collection('/pods');
    const seconds = pods.keys(`${namespace.metadata.name}/`).map((key) => {
      const { spec, status } = pods.items.get(key)?.object ?? {};
      return ['Succeeded', 'Failed'].includes(status?.phase) ? 0 : (spec?.terminationGracePeriodSeconds ?? 0);
    });
    const longest = Math.max(0, ...seconds);
    const passed = (this.#core.now() - Date.parse(namespace.metadata.deletionTimestamp ?? '')) / 1000;
    return passed >= longest ? 0 : longest;
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
    const grace = this.#graceOf(namespace);
    const running = pods === undefined ? null : await this.#clear(pods, name);
    if (running !== null) {
      await this.#report(name, [], staleGroups(core));
      this.#lookAgain(name, Math.max(grace, running.finalizers.length > 0 ? FINALIZER_ESTIMATE : 0));
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
    await this.#report(name, left, stale);
    if (left.length > 0 || stale.length > 0) {
      this.#lookAgain(name, left.some(({ finalizers }) => finalizers.length > 0) ? FINALIZER_ESTIMATE : 0);
      return;
    }
    const emptied = collection.latest(name);
    if (emptied === undefined) return;
    const next = cloneJson(emptied.object);
    const finalizers = ((next.spec?.finalizers ?? []) as string[]).filter((each) => each !== FINALIZER);
    next.spec = { ...next.spec, finalizers };
    if (finalizers.length === 0) delete next.spec.finalizers;
    if (finalizers.length === 0 && (next.metadata.finalizers ?? []).length === 0)
      await core.store.remove(collection, name, next);
    else if (finalizers.length !== ((emptied.object.spec?.finalizers ?? []) as string[]).length)
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
