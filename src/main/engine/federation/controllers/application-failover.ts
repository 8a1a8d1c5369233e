/**
 * Moves a workload that stays unhealthy in a member to another one, as its policy's `failover.application` says. How
 * long it has been unhealthy is kept in memory: after a restart the time begins anew.
 */
import { createWorkQueue } from '../../kube/index.ts';
import type { Binding, FailoverBehaviour } from '../api.ts';
import { evict } from '../failover/evict.ts';
import type { FailoverSettings } from '../failover/settings.ts';
import { equalJson } from '../json.ts';
import { bindingRef } from './cache.ts';
import { errorText, type FederationContext } from './context.ts';
import { ofScope } from './events.ts';
import type { FailoverController } from './taint-eviction.ts';
import { type Templates, toldOf } from './templates.ts';
import { mutate, splitKey } from './write.ts';

const DEFAULT_TOLERATION_SECONDS = 300;
const PRODUCER = 'resource-binding-application-failover-controller';

function messageFor(cluster: string): string {
  return `unhealthy in cluster ${cluster} for longer than the policy tolerates`;
}

export function startApplicationFailover(
  context: FederationContext,
  templates: Templates,
  settings: () => FailoverSettings,
): FailoverController {
  const { client, cache, journal, log } = context;
  /** Per binding: since when it is unhealthy in which cluster. */
  const unhealthy = new Map<string, Map<string, number>>();

  async function reconcile(key: string): Promise<number | undefined> {
    const binding = cache.binding(key);
    const behaviour = binding?.spec.failover?.application;
    if (!binding || !behaviour || binding.metadata.deletionTimestamp || !settings().enabled) {
      unhealthy.delete(key);
      return undefined;
    }
    const limitMs = (behaviour.decisionConditions?.tolerationSeconds ?? DEFAULT_TOLERATION_SECONDS) * 1000;
    const since = observe(key, binding);
    const overdue: string[] = [];
    let again: number | undefined;
    for (const [cluster, from] of since) {
      const left = from + limitMs - Date.now();
      if (left <= 0) overdue.push(cluster);
      else again = Math.min(again ?? left, left);
    }
    if (overdue.length > 0) await moveAway(key, overdue, behaviour);
    return again;
  }

  function observe(key: string, { spec, status }: Binding): Map<string, number> {
    const before = unhealthy.get(key);
    const now = new Map<string, number>();
    for (const { name } of spec.clusters ?? []) {
      const item = status?.aggregatedStatus?.find(({ clusterName }) => clusterName === name);
      if (item?.health === 'Unhealthy') now.set(name, before?.get(name) ?? Date.now());
    }
    if (now.size > 0) unhealthy.set(key, now);
    else unhealthy.delete(key);
    return now;
  }

  async function moveAway(
    key: string,
    clusters: readonly string[],
    behaviour: NonNullable<FailoverBehaviour['application']>,
  ): Promise<void> {
    const purgeMode = behaviour.purgeMode ?? 'Gracefully';
    const binding = await mutate<Binding>(client, bindingRef(key), splitKey(key), (live) => {
      const moved = clusters.map((cluster) =>
        evict(live, {
          cluster,
          purgeMode,
          reason: 'ApplicationFailure',
          message: messageFor(cluster),
          producer: ofScope(live, PRODUCER),
          gracePeriodSeconds: purgeMode === 'Gracefully' ? behaviour.gracePeriodSeconds : undefined,
          suppressDeletion: purgeMode === 'Never' ? true : undefined,
          statePreservation: behaviour.statePreservation,
        }),
      );
      return moved.includes(true);
    });
    if (binding === null) return;
    unhealthy.delete(key);
    for (const cluster of clusters) {
      const text = `Eviction from cluster ${cluster} started: ${messageFor(cluster)}`;
      for (const object of toldOf(binding, templates))
        context.events(ofScope(binding, PRODUCER)).normal(object, 'GracefulEvictionStarted', text);
      const event = { kind: 'evicting', cluster, reason: 'ApplicationFailure', message: messageFor(cluster) } as const;
      journal.record(binding.spec.resource, event);
    }
  }

  const queue = createWorkQueue({
    name: 'application-failover',
    concurrency: 2,
    reconcile,
    onError: (key, error) => log.warn('workload not moved yet', { key, error: errorText(error) }),
  });
  for (const informer of [cache.bindings, cache.clusterBindings])
    informer.subscribe({
      onAdd: (_, key) => queue.add(key),
      onUpdate: (binding, previous, key) => {
        const facts = ({ spec, status }: Binding) => [spec.clusters, spec.failover, status?.aggregatedStatus];
        if (!equalJson(facts(binding), facts(previous))) queue.add(key);
      },
      onDelete: (_, key) => queue.add(key),
    });
  return {
    review: () => {
      for (const [key] of cache.allBindings()) queue.add(key);
    },
    stop: () => queue.stop(),
  };
}
