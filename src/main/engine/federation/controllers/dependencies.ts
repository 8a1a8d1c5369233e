/**
 * Sends what a workload needs (ConfigMaps, Secrets, ServiceAccounts, claims) wherever the workload goes: each dependency
 * gets an attached binding that names the workloads requiring it. A dependency that does not exist yet is waited for.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { createWorkQueue, isAlreadyExists } from '../../kube/index.ts';
import { type Binding, type BindingSpec, FINALIZERS, KEYS, type TargetCluster } from '../api.ts';
import { isDirect } from '../failover/evict.ts';
import type { Dependency } from '../interpreter/index.ts';
import { equalJson } from '../json.ts';
import { matchesLabels } from '../matching/labels.ts';
import { dependedByHash } from '../naming.ts';
import { bindingKeyOf, emptyBinding } from './binding-build.ts';
import { bindingId, bindingRef, policyIdOf } from './cache.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { createRelation } from './relation.ts';
import type { Templates } from './templates.ts';
import { mutate, setFinalizer, splitKey } from './write.ts';

export interface DependenciesController extends Controller {
  /** The kind is read differently from now on. */
  review(apiVersion: string, kind: string): void;
}

export function startDependencies(context: FederationContext, templates: Templates): DependenciesController {
  const { client, cache, log } = context;
  const events = context.events('dependencies-distributor');
  /** Which bindings wait for or use an object: `kind namespace/name` to binding keys. */
  const wantedBy = createRelation();
  /** Which attached bindings name a binding as requiring them. */
  const attachedOf = createRelation();

  async function reconcile(key: string): Promise<undefined> {
    const binding = cache.binding(key);
    if (binding === undefined) {
      // Gone without having let go: by force, or before what it required was seen here.
      wantedBy.set(key, []);
      await detachOthers(key, new Set());
      return;
    }
    const active = binding.spec.propagateDeps === true && !binding.metadata.deletionTimestamp;
    const { apiVersion, kind, namespace, name } = binding.spec.resource;
    const template = templates.get(apiVersion, kind, namespace, name);
    const found = active && template !== undefined ? (context.interpreter.getDependencies(template) ?? []) : [];
    if (active && template === undefined) return;
    remember(key, found);
    if (active) await record(key, found);
    const clusters = active ? whereItRuns(binding.spec) : [];
    const attachedKeys = new Set<string>();
    if (clusters.length > 0) {
      for (const dependency of found)
        for (const object of resolve(dependency)) {
          const attached = bindingKeyOf(object);
          if (attached === key) continue;
          attachedKeys.add(attached);
          await attach(object, attached, key, binding, clusters);
        }
    }
    await detachOthers(key, attachedKeys);
    const done = binding.metadata.deletionTimestamp || !active;
    if (done && binding.metadata.finalizers?.includes(FINALIZERS.dependencies)) await finish(key);
  }

  function remember(key: string, found: readonly Dependency[]): void {
    wantedBy.set(
      key,
      found.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name ?? '*'}`),
    );
  }

  /** The list is written for people and tools to see, `null` when there is nothing. */
  async function record(key: string, found: readonly Dependency[]): Promise<void> {
    const text = JSON.stringify(found.length === 0 ? null : found);
    await mutate<Binding>(client, bindingRef(key), splitKey(key), (live) => {
      if (live.metadata.deletionTimestamp) return false;
      live.metadata.annotations = { ...live.metadata.annotations, [KEYS.dependencies]: text };
      setFinalizer(live, FINALIZERS.dependencies, true);
      return true;
    });
  }

  function resolve(dependency: Dependency): KubeObject[] {
    const { apiVersion, kind, namespace, name, labelSelector } = dependency;
    if (name !== undefined) {
      const object = templates.get(apiVersion, kind, namespace, name);
      return object === undefined || object.metadata.deletionTimestamp ? [] : [object];
    }
    if (labelSelector === undefined) return [];
    return [...templates.all({ apiVersion, kind })].filter(
      (object) => object.metadata.namespace === namespace && matchesLabels(labelSelector, object.metadata.labels),
    );
  }

  async function attach(
    object: KubeObject,
    attachedKey: string,
    key: string,
    binding: Binding,
    clusters: readonly TargetCluster[],
  ): Promise<void> {
    const { namespace, name } = splitKey(key);
    const label = KEYS.dependedBy + dependedByHash(namespace, name);
    const requirement = { ...(namespace ? { namespace } : {}), name, clusters: clusters.map((c) => ({ ...c })) };
    const require = (live: Binding): void => {
      live.metadata.labels = { ...live.metadata.labels, [label]: bindingId(binding) ?? '' };
      const others = (live.spec.requiredBy ?? []).filter((entry) => !isEntryOf(entry, key));
      live.spec.requiredBy = [...others, requirement].sort((a, b) => (a.name < b.name ? -1 : 1));
      const { conflictResolution = 'Abort', preserveResourcesOnDeletion } = binding.spec;
      const disagree =
        live.spec.conflictResolution !== undefined && live.spec.conflictResolution !== conflictResolution;
      const text = 'Dependency policy conflict detected: ConflictResolution conflicted (Overwrite vs Abort).';
      if (disagree) events.warning(live, 'DependencyPolicyConflict', text);
      if (conflictResolution === 'Overwrite' || live.spec.conflictResolution === undefined)
        live.spec.conflictResolution = conflictResolution;
      if (preserveResourcesOnDeletion) live.spec.preserveResourcesOnDeletion = true;
    };
    if (cache.binding(attachedKey) === undefined) {
      const fresh = emptyBinding(object, context.interpreter);
      require(fresh);
      try {
        await client.create(bindingRef(attachedKey), fresh, { namespace: object.metadata.namespace });
        return;
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
    await mutate<Binding>(client, bindingRef(attachedKey), splitKey(attachedKey), require);
  }

  /**
   * Takes this binding's requirement away from what it no longer needs. What nobody needs any more goes in that same
   * write: a crash, or a failure, between two of them would leave it behind with nothing that tells why it is there.
   */
  async function detachOthers(key: string, keep: ReadonlySet<string>): Promise<void> {
    const { namespace, name } = splitKey(key);
    for (const attachedKey of attachedOf.sources(key)) {
      if (keep.has(attachedKey)) continue;
      await mutate<Binding>(client, bindingRef(attachedKey), splitKey(attachedKey), (live) => {
        const others = (live.spec.requiredBy ?? []).filter((entry) => !isEntryOf(entry, key));
        if (others.length === live.spec.requiredBy?.length) return false;
        if (others.length === 0 && policyIdOf(live) === undefined && !live.spec.clusters?.length) return 'remove';
        live.spec.requiredBy = others;
        if (live.metadata.labels) delete live.metadata.labels[KEYS.dependedBy + dependedByHash(namespace, name)];
        return true;
      });
    }
  }

  async function finish(key: string): Promise<void> {
    await mutate(client, bindingRef(key), splitKey(key), (live) => setFinalizer(live, FINALIZERS.dependencies, false));
  }

  const queue = createWorkQueue({
    name: 'dependencies',
    concurrency: 4,
    reconcile,
    onError: (key, error) => log.debug('dependencies not followed yet', { key, error: errorText(error) }),
  });
  /** A requirement is as good as the binding it names: one whose binding is gone is taken away. */
  const follow = (attachedKey: string, { spec }: Binding): void => {
    const required = (spec.requiredBy ?? []).map(keyOfEntry);
    attachedOf.set(attachedKey, required);
    for (const key of required) if (cache.binding(key) === undefined) queue.add(key);
  };
  for (const informer of [cache.bindings, cache.clusterBindings]) {
    informer.subscribe({
      onAdd: (binding, key) => {
        follow(key, binding);
        if (concerns(binding)) queue.add(key);
      },
      onUpdate: (binding, previous, key) => {
        follow(key, binding);
        if (!concerns(binding) && !concerns(previous)) return;
        if (!equalJson(relevant(binding), relevant(previous))) queue.add(key);
      },
      onDelete: (binding, key) => {
        attachedOf.set(key, []);
        if (concerns(binding)) queue.add(key);
        // One that was wanted again while it was on its way out has to be made anew.
        const { kind, namespace, name } = binding.spec.resource;
        for (const each of [name, '*'])
          for (const wanting of wantedBy.sources(`${kind} ${namespace}/${each}`)) queue.add(wanting);
      },
    });
  }
  templates.subscribe(({ object }) => {
    for (const name of [object.metadata.name, '*'])
      for (const key of wantedBy.sources(`${object.kind} ${object.metadata.namespace}/${name}`)) queue.add(key);
    // The template itself may need other things now.
    const own = bindingKeyOf(object);
    const binding = cache.binding(own);
    if (binding !== undefined && concerns(binding)) queue.add(own);
  });
  return {
    review(apiVersion, kind) {
      for (const [key, binding] of cache.allBindings())
        if (binding.spec.resource.kind === kind && binding.spec.resource.apiVersion === apiVersion) queue.add(key);
    },
    stop: () => queue.stop(),
  };
}

/**
 * The chosen clusters, and those that are being left: a copy there runs until another has taken over, and starts its pods
 * anew as long as it does. (Karmada takes away at once what it refers to.)
 */
export function whereItRuns({
  clusters = [],
  gracefulEvictionTasks = [],
}: Pick<BindingSpec, 'clusters' | 'gracefulEvictionTasks'>): TargetCluster[] {
  const chosen = new Set(clusters.map(({ name }) => name));
  const left = gracefulEvictionTasks.filter((task) => !isDirect(task) && !chosen.has(task.fromCluster));
  return [...clusters, ...left.map(({ fromCluster }) => ({ name: fromCluster }))];
}

function concerns(binding: Binding): boolean {
  return binding.spec.propagateDeps === true || (binding.metadata.finalizers ?? []).includes(FINALIZERS.dependencies);
}

function relevant({ metadata, spec }: Binding): unknown {
  return {
    clusters: whereItRuns(spec),
    propagateDeps: spec.propagateDeps ?? false,
    conflictResolution: spec.conflictResolution ?? null,
    finalizers: metadata.finalizers ?? [],
    deleted: metadata.deletionTimestamp ?? null,
  };
}

function keyOfEntry(entry: { namespace?: string; name: string }): string {
  return entry.namespace ? `${entry.namespace}/${entry.name}` : entry.name;
}

function isEntryOf(entry: { namespace?: string; name: string }, key: string): boolean {
  return keyOfEntry(entry) === key;
}
