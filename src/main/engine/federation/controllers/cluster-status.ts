/**
 * Collects the status of every member into its Cluster object, at once at joining and then every 10 s. A member that
 * does not answer keeps its last figures and becomes not ready; that stops new placements at once, and moves what runs
 * there when it lasts and failover is on.
 */
import { AppError } from '#shared/errors.ts';
import { apiVersionOf, type ResourceInfo, type ResourceRef } from '#shared/kubernetes/types.ts';
import { createInformer, createWorkQueue, type Informer } from '../../kube/index.ts';
import { CLUSTERS, type ClusterObject, type ClusterStatus, type Condition, NAMESPACES } from '../api.ts';
import type { FailoverSettings } from '../failover/settings.ts';
import { taintsFor, taintsText } from '../failover/taints.ts';
import { equalJson } from '../json.ts';
import {
  adjustedReady,
  type NodeFacts,
  nodeFacts,
  type PodFacts,
  podFacts,
  type ReadyMemory,
  summarise,
} from './cluster-summary.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { mutate, withCondition } from './write.ts';

const NODES: ResourceRef = { group: '', version: 'v1', resource: 'nodes' };
const PODS: ResourceRef = { group: '', version: 'v1', resource: 'pods' };

export interface ClusterStatusTiming {
  intervalMs: number;
  thresholdMs: number;
  probeMs: number;
}
const DEFAULT_TIMING: ClusterStatusTiming = { intervalMs: 10_000, thresholdMs: 30_000, probeMs: 5_000 };

interface Watches {
  nodes: Informer<NodeFacts>;
  pods: Informer<PodFacts>;
}

export interface ClusterStatusController extends Controller {
  /** Looks now: something about the connection has changed. */
  refresh(cluster: string): void;
}

export function startClusterStatus(
  context: FederationContext,
  failover: () => FailoverSettings,
  timing: Partial<ClusterStatusTiming> = {},
): ClusterStatusController {
  const { client, cache, members, log } = context;
  const { intervalMs, thresholdMs, probeMs } = { ...DEFAULT_TIMING, ...timing };
  const memories = new Map<string, ReadyMemory>();
  const watches = new Map<string, Watches>();

  async function reconcile(name: string): Promise<number | undefined> {
    const cluster = cache.clusters.get(name);
    if (cluster === undefined || cluster.metadata.deletionTimestamp) {
      forget(name);
      return undefined;
    }
    const observed = await probe(name);
    const collected = observed.status === 'True' ? await collect(name, observed) : { ready: observed, status: {} };
    const reported = cluster.status?.conditions?.find(({ type }) => type === 'Ready');
    const adjusted = adjustedReady(collected.ready, reported, memories.get(name), Date.now(), thresholdMs);
    memories.set(name, adjusted.memory);
    await write(name, adjusted.condition, collected.status);
    if (collected.ready.status === 'True' && !cluster.spec.id) await identify(name);
    return intervalMs;
  }

  /** By the id `karmadactl join` sees that a cluster is a member already, whatever it is called. */
  async function identify(name: string): Promise<void> {
    // Who may not see the namespace cannot tell.
    const seen = await members
      .client(name)
      .find(NAMESPACES, 'kube-system')
      .catch(() => null);
    const id = seen?.metadata.uid;
    if (id === undefined) return;
    await mutate<ClusterObject>(client, CLUSTERS, { name }, (live) => {
      if (live.spec.id) return false;
      live.spec.id = id;
      return true;
    });
  }

  /** What /readyz says; 404 there means an old server, which has /healthz. */
  async function probe(name: string): Promise<Condition> {
    try {
      const { transport } = members.client(name);
      let answer = await transport.request({ method: 'GET', path: '/readyz', timeoutMs: probeMs });
      if (answer.status === 404)
        answer = await transport.request({ method: 'GET', path: '/healthz', timeoutMs: probeMs });
      return answer.status === 200
        ? ready('True', 'ClusterReady', 'cluster is healthy and ready to accept workloads')
        : ready('False', 'ClusterNotReady', 'cluster is reachable but health endpoint responded without ok');
    } catch (error) {
      return ready('False', 'ClusterNotReachable', `cluster is not reachable: ${errorText(error)}`);
    }
  }

  async function collect(name: string, observed: Condition): Promise<{ ready: Condition; status: ClusterStatus }> {
    try {
      const member = members.client(name);
      const [version, resources] = await Promise.all([member.version(), member.resources({ refresh: true })]);
      const { nodes, pods } = await watched(name);
      return {
        ready: observed,
        status: {
          kubernetesVersion: version.gitVersion,
          apiEnablements: enablements(resources),
          ...summarise(nodes.items.values(), pods.items.values()),
        },
      };
    } catch (error) {
      return { ready: ready('False', 'StatusCollectionFailed', errorText(error)), status: {} };
    }
  }

  async function watched(name: string): Promise<Watches> {
    let found = watches.get(name);
    if (found === undefined) {
      // A look that is under way at the end must leave nothing behind that runs on.
      if (stopped) throw new AppError('CANCELLED', 'the federation was stopped');
      const member = members.client(name);
      found = {
        nodes: createInformer({ client: member, resource: NODES, project: nodeFacts }),
        pods: createInformer({ client: member, resource: PODS, project: podFacts }),
      };
      watches.set(name, found);
    }
    const { nodes, pods } = found;
    const listed = Promise.all([nodes.synced, pods.synced]);
    const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), probeMs).unref());
    if ((await Promise.race([listed, late])) === 'late') {
      // A large member takes its time; it is looked at again as soon as it is listed.
      listed.then(
        () => queue.add(name),
        () => undefined,
      );
      const count = (informer: Informer<unknown>): number => Math.max(informer.listed, informer.items.size);
      throw new Error(`nodes and pods not listed yet: ${count(nodes)} nodes, ${count(pods)} pods so far`);
    }
    return found;
  }

  async function write(name: string, condition: Condition, collected: ClusterStatus): Promise<void> {
    const present = cache.clusters.get(name);
    // Most of the time nothing has changed: then nothing is read either.
    if (present !== undefined && isTold(present, condition, collected)) return;
    await mutate<ClusterObject>(client, CLUSTERS, { name, subresource: 'status' }, (live) => {
      let conditions = withCondition(live.status?.conditions, condition);
      if (collected.apiEnablements !== undefined) conditions = withCondition(conditions, COMPLETE);
      live.status = { ...live.status, ...collected, conditions };
    });
    let tainted = false;
    const written = await mutate<ClusterObject>(client, CLUSTERS, { name }, (live) => {
      tainted = false;
      const { enabled, evictionTimeoutSeconds } = failover();
      const present = live.spec.taints ?? [];
      const since = live.status?.conditions?.find(({ type }) => type === 'Ready') ?? condition;
      const taints = taintsFor(since, present, Date.now(), enabled ? evictionTimeoutSeconds * 1000 : null);
      if (equalJson(taints, present)) return false;
      live.spec.taints = taints;
      tainted = true;
      return true;
    });
    if (!tainted || written === null) return;
    const text = `Taint cluster succeed: ${taintsText(written.spec.taints)}.`;
    context.events('cluster-controller').normal(written, 'TaintClusterSucceed', text);
  }

  /** Whether the Cluster says all this already, taints included. */
  function isTold({ status, spec }: ClusterObject, condition: Condition, collected: ClusterStatus): boolean {
    const conditions = status?.conditions ?? [];
    const told = conditions.find(({ type }) => type === 'Ready');
    if (
      told === undefined ||
      !equalJson({ ...told, lastTransitionTime: null }, { ...condition, lastTransitionTime: null })
    )
      return false;
    if (collected.apiEnablements !== undefined && !conditions.some(({ type }) => type === COMPLETE.type)) return false;
    for (const [field, value] of Object.entries(collected))
      if (!equalJson(value, (status as Record<string, unknown>)[field] ?? null)) return false;
    const { enabled, evictionTimeoutSeconds } = failover();
    const present = spec.taints ?? [];
    return equalJson(taintsFor(told, present, Date.now(), enabled ? evictionTimeoutSeconds * 1000 : null), present);
  }

  function forget(name: string): void {
    watches.get(name)?.nodes.stop();
    watches.get(name)?.pods.stop();
    watches.delete(name);
    memories.delete(name);
  }

  let stopped = false;
  const queue = createWorkQueue({
    name: 'cluster-status',
    concurrency: 8,
    maxDelayMs: intervalMs,
    reconcile,
    onError: (name, error) => log.warn('cluster status not written', { cluster: name, error: errorText(error) }),
  });
  cache.clusters.subscribe({
    onAdd: (_, key) => queue.add(key),
    onDelete: (_, key) => queue.add(key),
    onUpdate: (cluster, _, key) => {
      if (cluster.metadata.deletionTimestamp) queue.add(key);
    },
  });
  return {
    refresh: (cluster) => queue.add(cluster),
    async stop() {
      stopped = true;
      for (const name of [...watches.keys()]) forget(name);
      await queue.stop();
    },
  };
}

const COMPLETE: Condition = {
  type: 'CompleteAPIEnablements',
  status: 'True',
  reason: 'Complete',
  message: 'collected complete APIEnablements from the cluster',
};

function ready(status: 'True' | 'False', reason: string, message: string): Condition {
  return { type: 'Ready', status, reason, message };
}

/** Sorted, without subresources, as Cluster.status has it. */
function enablements(resources: readonly ResourceInfo[]): NonNullable<ClusterStatus['apiEnablements']> {
  const groups = new Map<string, { name: string; kind: string }[]>();
  for (const info of resources) {
    const list = groups.get(apiVersionOf(info)) ?? [];
    list.push({ name: info.resource, kind: info.kind });
    groups.set(apiVersionOf(info), list);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([groupVersion, list]) => ({ groupVersion, resources: list.sort((a, b) => (a.name < b.name ? -1 : 1)) }));
}
