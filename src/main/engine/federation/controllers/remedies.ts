/** Remedy: what has to be done about a cluster in trouble, in `Cluster.status.remedyActions`, for whoever routes traffic. */
import { createInformer, createWorkQueue } from '../../kube/index.ts';
import { CLUSTERS, type ClusterObject, REMEDIES, type Remedy } from '../api.ts';
import { remedyActions } from '../failover/remedies.ts';
import { equalJson } from '../json.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { mutate } from './write.ts';

export function startRemedies({ client, cache, log }: FederationContext): Controller {
  const remedies = createInformer<Remedy>({ client, resource: REMEDIES });

  async function reconcile(name: string): Promise<undefined> {
    await remedies.synced;
    await mutate<ClusterObject>(client, CLUSTERS, { name, subresource: 'status' }, (live) => {
      const actions = remedyActions(live, remedies.items.values());
      if (live.metadata.deletionTimestamp || equalJson(actions, live.status?.remedyActions ?? [])) return false;
      live.status = { ...live.status, remedyActions: actions };
      return true;
    });
  }

  const queue = createWorkQueue({
    name: 'remedies',
    reconcile,
    onError: (key, error) =>
      log.warn('remedies of a cluster not written yet', { cluster: key, error: errorText(error) }),
  });
  const all = (): void => {
    for (const name of cache.clusters.items.keys()) queue.add(name);
  };
  remedies.subscribe({ onAdd: all, onUpdate: all, onDelete: all });
  cache.clusters.subscribe({
    onAdd: (_, key) => queue.add(key),
    onUpdate: ({ status }, previous, key) => {
      const facts = (conditions: NonNullable<ClusterObject['status']>['conditions']) =>
        conditions?.map(({ type, status: value }) => [type, value]) ?? [];
      if (!equalJson(facts(status?.conditions), facts(previous.status?.conditions))) queue.add(key);
    },
  });
  return {
    async stop() {
      remedies.stop();
      await queue.stop();
    },
  };
}
