/**
 * Members of the federation: makes the Cluster object of each cluster that shall be a member, its execution namespace,
 * and takes both away when it shall leave. What runs in a leaving member stays there, without Karmada's marks.
 */
import type { Cluster } from '#shared/contract/clusters.ts';
import { createWorkQueue } from '../../kube/index.ts';
import { CLUSTERS, type ClusterObject, FINALIZERS, KEYS, NAMESPACES, RESOURCE_BINDINGS, WORKS } from '../api.ts';
import { equalJson } from '../json.ts';
import { executionNamespace } from '../naming.ts';
import { bindingRef } from './cache.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import type { Management } from './management.ts';
import { ensure, mutate, remove, setFinalizer } from './write.ts';

/** On a Cluster object: id of the registered cluster behind it. */
export const CLUSTER_ID = 'fleetdeck.io/cluster-id';
const LEAVE_RETRY_MS = 200;

export interface ClustersController extends Controller {
  /** The registered clusters that shall be members from now on. */
  setMembers(clusters: readonly Cluster[]): void;
}

export function startClusters(context: FederationContext, management: Pick<Management, 'release'>): ClustersController {
  const { client, cache, log } = context;
  const events = context.events('cluster-controller');
  /** Null until the first call: a control plane that does not know its members yet removes nobody. */
  let wanted: Map<string, Cluster> | null = null;

  async function reconcile(name: string): Promise<number | undefined> {
    const cluster = cache.clusters.get(name);
    const desired = wanted?.get(name);
    if (desired !== undefined && cluster === undefined) {
      await join(desired);
      return undefined;
    }
    if (cluster === undefined) return undefined;
    if (cluster.metadata.deletionTimestamp) return leave(name, cluster);
    const ours = cluster.metadata.annotations?.[CLUSTER_ID] !== undefined;
    if (wanted !== null && desired === undefined && ours) {
      await remove(client, CLUSTERS, { name, uid: cluster.metadata.uid });
      return undefined;
    }
    await prepare(name);
    if (desired !== undefined) await update(name, desired);
    return undefined;
  }

  async function join(desired: Cluster): Promise<void> {
    await ensureNamespace('karmada-cluster');
    const object: ClusterObject = {
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: {
        name: desired.name,
        annotations: { [CLUSTER_ID]: desired.id },
        finalizers: [FINALIZERS.cluster],
      },
      spec: { syncMode: 'Push', ...describedBy(desired) },
    };
    await ensure(client, CLUSTERS, object);
  }

  async function update(name: string, desired: Cluster): Promise<void> {
    await mutate<ClusterObject>(client, CLUSTERS, { name }, (live) => {
      if (live.metadata.deletionTimestamp) return false;
      const spec = { ...live.spec, ...describedBy(desired) };
      const annotations = { ...live.metadata.annotations, [CLUSTER_ID]: desired.id };
      // Another cluster has taken over the name; its own id is asked for.
      if (live.metadata.annotations?.[CLUSTER_ID] !== desired.id) delete spec.id;
      if (equalJson(spec, live.spec) && equalJson(annotations, live.metadata.annotations)) return false;
      live.spec = spec;
      live.metadata.annotations = annotations;
      return true;
    });
  }

  async function prepare(name: string): Promise<void> {
    await makeSpace(name);
    if (cache.clusters.get(name)?.metadata.finalizers?.includes(FINALIZERS.cluster)) return;
    await mutate(client, CLUSTERS, { name }, (live) =>
      live.metadata.deletionTimestamp ? false : setFinalizer(live, FINALIZERS.cluster, true),
    );
  }

  async function makeSpace(name: string): Promise<void> {
    const space = executionNamespace(name);
    const cluster = cache.clusters.get(name);
    if (cache.namespaces.get(space) !== undefined || cluster === undefined) return;
    await ensureNamespace(space);
    const text = `Created execution space(${space}) for cluster(${name}).`;
    events.normal(cluster, 'CreateExecutionSpaceSucceed', text);
  }

  async function ensureNamespace(name: string): Promise<void> {
    if (cache.namespaces.get(name) !== undefined) return;
    const metadata = { name, labels: { [KEYS.system]: 'true' } };
    await ensure(client, NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata });
  }

  async function leave(name: string, cluster: ClusterObject): Promise<number | undefined> {
    if (!(cluster.metadata.finalizers ?? []).includes(FINALIZERS.cluster)) return undefined;
    const namespace = executionNamespace(name);
    const works = [...cache.works.items.values()].filter((work) => work.metadata.namespace === namespace);
    for (const work of works) {
      if (work.metadata.deletionTimestamp) continue;
      await remove(client, WORKS, { namespace, name: work.metadata.name ?? '', uid: work.metadata.uid });
    }
    for (const [key, binding] of cache.allBindings()) {
      const listed =
        binding.spec.clusters?.some((target) => target.name === name) ||
        binding.spec.gracefulEvictionTasks?.some((task) => task.fromCluster === name);
      if (listed) await dropFromBinding(key, name);
    }
    if (works.length > 0) return LEAVE_RETRY_MS;
    await management.release(name).catch((error: unknown) => {
      log.warn('member keeps the record of its manager', { cluster: name, error: errorText(error) });
    });
    if (cache.namespaces.get(namespace) !== undefined) {
      await remove(client, NAMESPACES, { name: namespace });
      events.normal(cluster, 'RemoveExecutionSpaceSucceed', `Removed execution space for cluster(${name}).`);
    }
    await mutate(client, CLUSTERS, { name }, (live) => setFinalizer(live, FINALIZERS.cluster, false));
    return undefined;
  }

  /** The scheduler sees too few replicas then and places them elsewhere. */
  async function dropFromBinding(key: string, cluster: string): Promise<void> {
    const ref = bindingRef(key);
    const slash = key.indexOf('/');
    const namespace = ref === RESOURCE_BINDINGS ? key.slice(0, slash) : undefined;
    await mutate(client, ref, { namespace, name: key.slice(slash + 1) }, (live) => {
      const { clusters, gracefulEvictionTasks } = live.spec;
      if (clusters) live.spec.clusters = clusters.filter((target: { name: string }) => target.name !== cluster);
      if (gracefulEvictionTasks)
        live.spec.gracefulEvictionTasks = gracefulEvictionTasks.filter(
          (task: { fromCluster: string }) => task.fromCluster !== cluster,
        );
    });
  }

  const queue = createWorkQueue({
    name: 'clusters',
    concurrency: 4,
    reconcile,
    onError: (name, error) => log.warn('member not set up yet', { cluster: name, error: errorText(error) }),
  });
  cache.clusters.subscribe({
    onAdd: (_, key) => queue.add(key),
    onUpdate: (cluster, previous, key) => {
      if (cluster.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp) queue.add(key);
    },
    // Somebody may have removed a Cluster that shall be a member.
    onDelete: (_, key) => queue.add(key),
  });
  return {
    setMembers(clusters) {
      const before = wanted?.keys() ?? [];
      wanted = new Map(clusters.map((cluster) => [cluster.name, cluster]));
      for (const name of new Set([...before, ...wanted.keys(), ...cache.clusters.items.keys()])) queue.add(name);
    },
    stop: () => queue.stop(),
  };
}

/** Label values only: anything else the API would refuse. */
function describedBy(cluster: Cluster): Partial<ClusterObject['spec']> {
  const value = (text: string): string | undefined => {
    const cleaned = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
    return cleaned === '' ? undefined : cleaned.slice(0, 63);
  };
  const provider = value(cluster.provider);
  const region = value(cluster.region);
  const zones = cluster.zones.map(value).filter((zone): zone is string => zone !== undefined);
  return {
    ...(cluster.server === '' ? {} : { apiEndpoint: cluster.server }),
    ...(provider === undefined ? {} : { provider }),
    ...(region === undefined ? {} : { region }),
    ...(zones.length === 0 ? {} : { zones }),
  };
}
