/**
 * Moves workloads out of members whose NoExecute taints they do not tolerate (any longer): at once, or when the tolerated
 * time is over. Evictions are spread over time, so that a lost region does not flood the others. Karmada's taint manager.
 */
import { createWorkQueue } from '../../kube/index.ts';
import { type Binding, type ClusterObject, KEYS, type Placement, type Toleration } from '../api.ts';
import { evict, evictionDelay } from '../failover/evict.ts';
import type { FailoverSettings } from '../failover/settings.ts';
import { equalJson } from '../json.ts';
import { bindingRef } from './cache.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { type Templates, toldOf } from './templates.ts';
import { mutate, splitKey } from './write.ts';

const PRODUCER = 'TaintManager';

export interface FailoverController extends Controller {
  /** The settings have changed: look at every binding again. */
  review(): void;
}

export function startTaintEviction(
  context: FederationContext,
  templates: Templates,
  settings: () => FailoverSettings,
): FailoverController {
  const { client, cache, journal, log } = context;
  const events = context.events('taint-manager');
  let nextAllowed = 0;

  async function reconcile(key: string): Promise<number | undefined> {
    const binding = cache.binding(key);
    if (binding === undefined || binding.metadata.deletionTimestamp || !settings().enabled) return undefined;
    let again: number | undefined;
    for (const { name } of binding.spec.clusters ?? []) {
      const cluster = cache.clusters.get(name);
      const delay = cluster === undefined ? null : delayOf(binding, cluster);
      if (delay === null) continue;
      const wait = delay > 0 ? delay : await evictInTurn(key, name);
      if (wait !== null) again = Math.min(again ?? wait, wait);
    }
    return again;
  }

  /** Null when it is done, else when to ask again. */
  async function evictInTurn(key: string, cluster: string): Promise<number | null> {
    const { evictionsPerSecond } = settings();
    const time = Date.now();
    if (evictionsPerSecond <= 0) return null;
    if (time < nextAllowed) return nextAllowed - time;
    nextAllowed = time + 1000 / evictionsPerSecond;
    let evicted = false;
    const binding = await mutate<Binding>(client, bindingRef(key), splitKey(key), (live) => {
      const state = cache.clusters.get(cluster);
      evicted = false;
      if (live.metadata.deletionTimestamp || state === undefined || delayOf(live, state) !== 0) return false;
      evicted = evict(live, {
        cluster,
        purgeMode: live.spec.failover?.cluster?.purgeMode ?? 'Gracefully',
        reason: 'TaintUntolerated',
        message: messageFor(cluster),
        producer: PRODUCER,
        statePreservation: live.spec.failover?.cluster?.statePreservation,
      });
      return evicted;
    });
    if (binding !== null && evicted) tell(binding, cluster);
    return null;
  }

  function tell(binding: Binding, cluster: string): void {
    journal.record(binding.spec.resource, {
      kind: 'evicting',
      cluster,
      reason: 'TaintUntolerated',
      message: messageFor(cluster),
    });
    const text = `Eviction from cluster ${cluster} started: ${messageFor(cluster)}`;
    for (const object of toldOf(binding, templates)) events.normal(object, 'GracefulEvictionStarted', text);
    log.info('workload evicted', { binding: `${binding.metadata.namespace ?? ''}/${binding.metadata.name}`, cluster });
  }

  const queue = createWorkQueue({
    name: 'taint-eviction',
    // One after the other: they share one allowance.
    concurrency: 1,
    reconcile,
    onError: (key, error) => log.warn('workload not evicted yet', { key, error: errorText(error) }),
  });
  for (const informer of [cache.bindings, cache.clusterBindings])
    informer.subscribe({
      onAdd: (_, key) => queue.add(key),
      onUpdate: (binding, previous, key) => {
        if (binding.metadata.generation !== previous.metadata.generation) queue.add(key);
      },
    });
  cache.clusters.subscribe({
    onUpdate: (cluster, previous) => {
      if (equalJson(cluster.spec.taints ?? [], previous.spec.taints ?? [])) return;
      for (const [key, binding] of cache.allBindings())
        if (binding.spec.clusters?.some(({ name }) => name === cluster.metadata.name)) queue.add(key);
    },
  });
  return {
    review: () => {
      for (const [key] of cache.allBindings()) queue.add(key);
    },
    stop: () => queue.stop(),
  };
}

function messageFor(cluster: string): string {
  return `cluster ${cluster} has a NoExecute taint that is not tolerated (any longer)`;
}

/** When the cluster's taints drive the workload out, by the tolerations it was placed with; 0 now, null never. */
export function delayOf(binding: Binding, cluster: ClusterObject): number | null {
  return evictionDelay(cluster.spec.taints, tolerationsOf(binding), Date.now());
}

function tolerationsOf({ metadata, spec }: Binding): readonly Toleration[] {
  const applied = metadata.annotations?.[KEYS.appliedPlacement];
  if (!applied) return spec.placement?.clusterTolerations ?? [];
  try {
    return (JSON.parse(applied) as Placement).clusterTolerations ?? [];
  } catch {
    return spec.placement?.clusterTolerations ?? [];
  }
}
