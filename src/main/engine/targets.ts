/** The API servers a view or a request may address: registered clusters and the control planes of federations. */
import type { FederationsService } from '#shared/contract/federations.ts';
import type { Target } from '#shared/contract/views.ts';
import type { ClusterDirectory } from './clusters/index.ts';
import type { KubeClient } from './kube/index.ts';
import type { TargetDirectory } from './views/index.ts';

export interface FederationClients extends Pick<FederationsService, 'list'> {
  /** In-process or over the network; throws AppError NOT_FOUND, or why the control plane is not running. */
  client(id: string): KubeClient;
}

export function createTargets(clusters: ClusterDirectory, federations: FederationClients): TargetDirectory {
  return {
    client: (target) => (target.kind === 'cluster' ? clusters.client(target.id) : federations.client(target.id)),
    name: (target) => nameOf(target) ?? target.id,
    subscribe: (listener) =>
      clusters.subscribe(({ kind, cluster }) =>
        listener({ kind: 'cluster', id: cluster.id }, kind === 'removed' ? 'removed' : 'changed'),
      ),
  };

  function nameOf({ kind, id }: Target): string | undefined {
    if (kind === 'cluster') return clusters.get(id)?.name;
    return federations.list().find((federation) => federation.id === id)?.name;
  }
}
