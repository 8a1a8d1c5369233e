/** Whether a control plane has taken over: every workload placed as before and applied by it. Reads only. */
import type { KubeClient } from '../../kube/index.ts';
import { type Binding, CLUSTER_RESOURCE_BINDINGS, RESOURCE_BINDINGS, type TargetCluster } from '../api.ts';
import { idOf } from './suspend.ts';
import type { Moved } from './transfer.ts';

/**
 * What is not yet as it shall be, one text for each binding; empty when all are.
 * @param elsewhere what is placed otherwise than before is accepted, where it is applied
 */
export async function problemsIn(moved: readonly Moved[], target: KubeClient, elsewhere = false): Promise<string[]> {
  const wanted = moved.filter(({ stage }) => stage === 'bindings').map(({ source }) => source as Binding);
  const [namespaced, wide] = await Promise.all([
    target.list<Binding>(RESOURCE_BINDINGS),
    target.list<Binding>(CLUSTER_RESOURCE_BINDINGS),
  ]);
  const found = new Map(
    [...namespaced.items, ...wide.items].map((binding) => [
      idOf('', binding.metadata.namespace, binding.metadata.name ?? ''),
      binding,
    ]),
  );
  return wanted.flatMap((binding) => {
    const id = idOf('', binding.metadata.namespace, binding.metadata.name ?? '');
    const problem = problemOf(binding, found.get(id), elsewhere);
    return problem === null ? [] : [`${id.trim()}: ${problem}`];
  });
}

function problemOf({ spec, status }: Binding, present: Binding | undefined, elsewhere: boolean): string | null {
  if (present === undefined) return 'not there';
  if (!elsewhere && placesOf(spec.clusters) !== placesOf(present.spec.clusters))
    return `placed on ${placesOf(present.spec.clusters)} instead of ${placesOf(spec.clusters)}`;
  // What is suspended on purpose, or placed nowhere, is not waited for.
  if (spec.suspension?.dispatching || spec.suspension?.dispatchingOnClusters || !spec.clusters?.length) return null;
  // What could not be applied before will not be now, and is no reason to stay.
  if (!isApplied(status)) return null;
  if (isApplied(present.status)) return null;
  const failed = present.status?.aggregatedStatus?.find((item) => item.applied !== true);
  return failed === undefined
    ? 'not applied yet'
    : `${failed.clusterName}: ${failed.appliedMessage ?? 'not applied yet'}`;
}

function isApplied(status: Binding['status']): boolean {
  return (
    status?.conditions?.some((condition) => condition.type === 'FullyApplied' && condition.status === 'True') ?? false
  );
}

function placesOf(clusters: readonly TargetCluster[] = []): string {
  return clusters
    .map(({ name, replicas }) => (replicas === undefined ? name : `${name}:${replicas}`))
    .sort()
    .join(',');
}
