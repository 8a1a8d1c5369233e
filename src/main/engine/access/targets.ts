/** Clusters and federations as one directory of API servers that kubeconfigs can be issued for. */
import { type ClusterDirectory, type ClusterReach, endpointOf, type Operation, withToken } from '../clusters/index.ts';
import type { Federations } from '../federation/index.ts';
import type { AccessTargets } from './types.ts';

/** What is done with a federation's API is in the audit log; the operation log is that of the clusters. */
const UNLOGGED: Operation = { step() {}, end() {} };

export function accessTargets(
  clusters: Pick<ClusterDirectory, 'get' | 'client'> & ClusterReach,
  federations: () => Pick<Federations, 'list' | 'client' | 'identity'>,
  env: NodeJS.ProcessEnv,
): AccessTargets {
  const isCluster = (id: string): boolean => clusters.get(id) !== undefined;
  return {
    get: (id) =>
      clusters.get(id) ??
      federations()
        .list()
        .find((federation) => federation.id === id),
    client: (id) => (isCluster(id) ? clusters.client(id, 'foreground') : federations().client(id)),
    endpoint: async (id) =>
      isCluster(id) ? await clusters.endpoint(id) : await endpointOf(await federations().identity(id)),
    withToken: async (id, token) =>
      isCluster(id) ? await clusters.withToken(id, token) : withToken(await federations().identity(id), token, env),
    log: (id, kind) => (isCluster(id) ? clusters.log(id, kind) : UNLOGGED),
  };
}
