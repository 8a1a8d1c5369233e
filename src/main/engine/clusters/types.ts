/** What other areas may know of registered clusters: who they are, how they are, and a client to each. */
import type { Cluster } from '#shared/contract/clusters.ts';
import type { KubeClient } from '../kube/types.ts';

export interface ClusterChange {
  kind: 'added' | 'changed' | 'removed';
  cluster: Cluster;
}

export interface ClusterDirectory {
  list(): Cluster[];
  get(id: string): Cluster | undefined;
  /**
   * The one client of that cluster, shared by all areas (one connection pool per identity). Made lazily; stays valid
   * over reconnects. Throws AppError NOT_FOUND, or the kubeconfig's own problem.
   */
  client(id: string): KubeClient;
  subscribe(listener: (change: ClusterChange) => void): () => void;
}
