/** Ends evictions: when the workload runs elsewhere, when their time is over, or when the cluster is back first. */
import { createWorkQueue } from '../../kube/index.ts';
import type { Binding } from '../api.ts';
import { reviewTasks, type TaskReview } from '../failover/evict.ts';
import type { FailoverSettings } from '../failover/settings.ts';
import { equalJson } from '../json.ts';
import { bindingRef } from './cache.ts';
import { errorText, type FederationContext } from './context.ts';
import { ofScope } from './events.ts';
import { isReady } from './execution.ts';
import { delayOf, type FailoverController } from './taint-eviction.ts';
import { type Templates, toldOf } from './templates.ts';
import { mutate, splitKey } from './write.ts';

const TAKEN_BACK = 'the cluster is back before the workload ran elsewhere, it stays there';

export function startGracefulEviction(
  context: FederationContext,
  templates: Templates,
  settings: () => FailoverSettings,
): FailoverController {
  const { client, cache, journal, log } = context;

  async function reconcile(key: string): Promise<number | undefined> {
    const binding = cache.binding(key);
    if (!binding?.spec.gracefulEvictionTasks?.length || binding.metadata.deletionTimestamp) return undefined;
    let review: TaskReview | null = null;
    const written = await mutate<Binding>(client, bindingRef(key), splitKey(key), (live) => {
      review = reviewTasks(live, Date.now(), settings(), (name) => recovered(live, name));
      return review.changed;
    });
    const done = review as TaskReview | null;
    if (written === null || done === null) return undefined;
    for (const { cluster, how } of done.ended) {
      tell(written, cluster, how === 'cancelled');
      journal.record(written.spec.resource, { kind: 'evictionEnded', cluster, how });
    }
    return done.againMs ?? undefined;
  }

  function tell(binding: Binding, cluster: string, takenBack: boolean): void {
    const events = context.events(ofScope(binding, 'resource-binding-graceful-eviction-controller'));
    for (const object of toldOf(binding, templates))
      if (takenBack) events.normal(object, 'GracefulEvictionCancelled', `Evict from cluster ${cluster}: ${TAKEN_BACK}`);
      else events.normal(object, 'EvictWorkloadFromClusterSucceed', `Evict from cluster ${cluster} succeed.`);
  }

  function recovered(binding: Binding, name: string): boolean {
    const cluster = cache.clusters.get(name);
    if (cluster === undefined || cluster.metadata.deletionTimestamp) return false;
    return isReady(cluster) && delayOf(binding, cluster) === null;
  }

  const queue = createWorkQueue({
    name: 'graceful-eviction',
    concurrency: 4,
    reconcile,
    onError: (key, error) => log.warn('eviction not ended yet', { key, error: errorText(error) }),
  });
  for (const informer of [cache.bindings, cache.clusterBindings])
    informer.subscribe({
      onAdd: (_, key) => queue.add(key),
      onUpdate: (binding, previous, key) => {
        if (!equalJson([binding.spec, binding.status], [previous.spec, previous.status])) queue.add(key);
      },
    });
  const review = (): void => {
    for (const [key, binding] of cache.allBindings()) if (binding.spec.gracefulEvictionTasks?.length) queue.add(key);
  };
  cache.clusters.subscribe({ onUpdate: review, onDelete: review });
  return { review, stop: () => queue.stop() };
}
