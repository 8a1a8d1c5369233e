/** Keeps one Work per target cluster of each binding, and none elsewhere. */
import { objectKey } from '#shared/kubernetes/types.ts';
import { createWorkQueue, isAlreadyExists } from '../../kube/index.ts';
import { type Binding, FINALIZERS, type TargetCluster, WORKS, type Work } from '../api.ts';
import { isDirect } from '../failover/evict.ts';
import { equalJson } from '../json.ts';
import { clusterOfExecutionNamespace, executionNamespace } from '../naming.ts';
import { OverrideError } from '../override/policies.ts';
import { bindingKeyOf } from './binding-build.ts';
import { bindingId, bindingRef, policyIdOf } from './cache.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import type { Templates } from './templates.ts';
import { buildWork } from './work-build.ts';
import { mutate, remove, setFinalizer } from './write.ts';

const OVERRIDE_RETRY_MS = 30_000;
const PURGE_RETRY_MS = 5_000;

export interface WorksController extends Controller {
  enqueue(bindingKey: string): void;
}

export function startWorks(context: FederationContext, templates: Templates): WorksController {
  const { client, cache, interpreter, log } = context;

  async function reconcile(key: string): Promise<number | undefined> {
    const binding = cache.binding(key);
    if (binding === undefined) return undefined;
    const id = bindingId(binding);
    if (id === undefined) return undefined;
    if (binding.metadata.deletionTimestamp) {
      await finish(key, binding, id);
      return undefined;
    }
    const { apiVersion, kind, namespace, name } = binding.spec.resource;
    const template = templates.get(apiVersion, kind, namespace, name);
    if (template === undefined) return undefined;
    const present = new Map(cache.worksOfBinding(id).map((work) => [work.metadata.namespace, work]));
    const targets = targetsOf(binding);
    const purging = purgedClusters(binding).some((name) => present.has(executionNamespace(name)));
    let again: number | undefined;
    // At once: the store takes them in one transaction, where each by itself would wait for the disk.
    const written = await Promise.allSettled(
      [...targets.values()].map(async (target) => {
        const cluster = cache.clusters.get(target.name);
        if (cluster === undefined || cluster.metadata.deletionTimestamp) return;
        const work = present.get(executionNamespace(target.name));
        if (purging && work === undefined) {
          // The policy wants the old copy gone before there is a new one.
          again ??= PURGE_RETRY_MS;
          return;
        }
        try {
          const overrides = cache.overridesFor(namespace ?? '');
          await write(buildWork({ binding, template, target, cluster, overrides, interpreter }, work), work);
        } catch (error) {
          if (!(error instanceof OverrideError)) throw error;
          // What is wrong with one cluster's overrides must not hold up the others.
          const events = context.events(namespace ? 'binding-controller' : 'cluster-resource-binding-controller');
          for (const object of [binding, template]) events.warning(object, 'SyncWorkFailed', error.message);
          const wide = error.policy.metadata.namespace === undefined ? 'cluster ' : '';
          const text = `Apply ${wide}override policy(${objectKey(error.policy)}) for cluster(${target.name}) failed.`;
          context.events('override-manager').warning(template, 'ApplyOverridePolicyFailed', text);
          again ??= OVERRIDE_RETRY_MS;
        }
      }),
    );
    for (const outcome of written) if (outcome.status === 'rejected') throw outcome.reason;
    const kept = keptClusters(binding, targets);
    for (const [workNamespace, work] of present) {
      const cluster = clusterOfExecutionNamespace(workNamespace ?? '') ?? '';
      if (!kept.has(cluster) && !work.metadata.deletionTimestamp) await removeWork(work);
    }
    return again;
  }

  async function write(wanted: Work, present: Work | undefined): Promise<void> {
    const { namespace, name = '' } = wanted.metadata;
    if (present === undefined) {
      try {
        await client.create(WORKS, wanted, { namespace });
        return;
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
    if (present !== undefined && sameWork(present, wanted)) return;
    await mutate<Work>(client, WORKS, { namespace, name }, (live) => {
      if (live.metadata.deletionTimestamp) throw new Error(`work ${namespace}/${name} is still being removed`);
      live.metadata.labels = { ...live.metadata.labels, ...wanted.metadata.labels };
      live.metadata.annotations = wanted.metadata.annotations;
      live.spec = wanted.spec;
      setFinalizer(live, FINALIZERS.execution, true);
    });
  }

  async function finish(key: string, binding: Binding, id: string): Promise<void> {
    const works = cache.worksOfBinding(id);
    for (const work of works) if (!work.metadata.deletionTimestamp) await removeWork(work);
    if (works.length > 0) return;
    const { namespace, name = '' } = binding.metadata;
    const finalizer = namespace ? FINALIZERS.binding : FINALIZERS.clusterBinding;
    await mutate(client, bindingRef(key), { namespace, name }, (live) => setFinalizer(live, finalizer, false));
  }

  const removeWork = ({ metadata: { namespace, name = '', uid } }: Work): Promise<void> =>
    remove(client, WORKS, { namespace, name, uid });

  const queue = createWorkQueue({
    name: 'works',
    concurrency: 16,
    reconcile,
    onError: (key, error) => log.debug('works not written yet', { key, error: errorText(error) }),
  });
  for (const informer of [cache.bindings, cache.clusterBindings]) {
    informer.subscribe({
      onAdd: (_, key) => queue.add(key),
      onUpdate: (binding, previous, key) => {
        if (!equalJson(relevant(binding), relevant(previous))) queue.add(key);
      },
    });
  }
  // What follows another workload has no policy that would bring its changes here.
  templates.subscribe(({ object }) => {
    const key = bindingKeyOf(object);
    const binding = cache.binding(key);
    if (binding?.spec.requiredBy?.length && policyIdOf(binding) === undefined) queue.add(key);
  });
  const bindingKeys = new Map<string, string>();
  const remember = (binding: Binding): void => {
    const id = bindingId(binding);
    if (id !== undefined) bindingKeys.set(id, objectKey(binding));
  };
  for (const informer of [cache.bindings, cache.clusterBindings]) {
    informer.subscribe({
      onAdd: remember,
      onUpdate: remember,
      onDelete: (binding) => bindingKeys.delete(bindingId(binding) ?? ''),
    });
  }
  const enqueueOwner = (work: Work): void => {
    const key = bindingKeys.get(bindingId(work as unknown as Binding) ?? '');
    if (key !== undefined) queue.add(key);
  };
  cache.works.subscribe({
    onUpdate: (work, previous) => {
      if (work.metadata.generation !== previous.metadata.generation) enqueueOwner(work);
    },
    onDelete: enqueueOwner,
  });
  cache.clusters.subscribe({
    // A cluster's labels or region decide which overrides it gets.
    onUpdate: (cluster, previous) => {
      if (cluster.metadata.generation === previous.metadata.generation) return;
      for (const [key, binding] of cache.allBindings())
        if (targetsOf(binding).has(cluster.metadata.name ?? '')) queue.add(key);
    },
  });
  return { enqueue: (key) => queue.add(key), stop: () => queue.stop() };
}

/** Clusters that shall run it: scheduled ones and those of the workloads that depend on it. */
export function targetsOf({ spec }: Binding): Map<string, TargetCluster> {
  const targets = new Map((spec.clusters ?? []).map((target) => [target.name, target]));
  for (const { clusters = [] } of spec.requiredBy ?? [])
    for (const { name } of clusters) if (!targets.has(name)) targets.set(name, { name });
  return targets;
}

/** Clusters whose Work stays: targets, and those being evicted gracefully. */
function keptClusters({ spec }: Binding, targets: ReadonlyMap<string, TargetCluster>): Set<string> {
  const evicting = (spec.gracefulEvictionTasks ?? []).filter((task) => !isDirect(task));
  return new Set([...targets.keys(), ...evicting.map(({ fromCluster }) => fromCluster)]);
}

/** Clusters whose copy has to go before another one starts. */
function purgedClusters({ spec }: Binding): string[] {
  return (spec.gracefulEvictionTasks ?? []).filter(isDirect).map(({ fromCluster }) => fromCluster);
}

function relevant({ metadata, spec }: Binding): unknown {
  return { spec, labels: metadata.labels ?? {}, deleted: metadata.deletionTimestamp ?? null };
}

function sameWork(present: Work, wanted: Work): boolean {
  const labels = wanted.metadata.labels ?? {};
  return (
    equalJson(present.spec, wanted.spec) &&
    equalJson(present.metadata.annotations ?? {}, wanted.metadata.annotations ?? {}) &&
    Object.entries(labels).every(([key, value]) => present.metadata.labels?.[key] === value) &&
    (present.metadata.finalizers ?? []).includes(FINALIZERS.execution)
  );
}
