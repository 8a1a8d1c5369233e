/** ClusterTaintPolicy: taints members by their conditions. Taints stay when the policy is deleted. */
import { createInformer, createWorkQueue } from '../../kube/index.ts';
import { CLUSTER_TAINT_POLICIES, CLUSTERS, type ClusterObject, type ClusterTaintPolicy } from '../api.ts';
import { taintsByPolicies, taintsText } from '../failover/taints.ts';
import { equalJson } from '../json.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { mutate } from './write.ts';

export function startTaintPolicies({ client, cache, events, log }: FederationContext): Controller {
  const policies = createInformer<ClusterTaintPolicy>({ client, resource: CLUSTER_TAINT_POLICIES });

  async function reconcile(name: string): Promise<undefined> {
    let tainted = false;
    const written = await mutate<ClusterObject>(client, CLUSTERS, { name }, (live) => {
      const taints = taintsByPolicies(live, policies.items.values());
      tainted = false;
      if (live.metadata.deletionTimestamp || equalJson(taints, live.spec.taints ?? [])) return false;
      live.spec.taints = taints;
      tainted = true;
      return true;
    });
    if (!tainted || written === null) return;
    const text = `Update Cluster(${name}) with taints(${taintsText(written.spec.taints)}) succeed`;
    events('cluster-taint-policy-controller').normal(written, 'TaintClusterSucceed', text);
  }

  const queue = createWorkQueue({
    name: 'taint-policies',
    reconcile,
    onError: (key, error) => log.warn('cluster not tainted yet', { cluster: key, error: errorText(error) }),
  });
  const all = (): void => {
    for (const name of cache.clusters.items.keys()) queue.add(name);
  };
  policies.subscribe({ onAdd: all, onUpdate: all });
  cache.clusters.subscribe({
    onAdd: (_, key) => queue.add(key),
    onUpdate: (cluster, previous, key) => {
      const facts = ({ spec, status, metadata }: ClusterObject) => [
        spec.taints,
        metadata.labels,
        status?.conditions?.map(({ type, status: value }) => [type, value]),
      ];
      if (!equalJson(facts(cluster), facts(previous))) queue.add(key);
    },
  });
  return {
    async stop() {
      policies.stop();
      await queue.stop();
    },
  };
}
