/** The API servers a view or a request may address: registered clusters and the control planes of federations. */
import type { FederationsService } from '#shared/contract/federations.ts';
import type { Target } from '#shared/contract/views.ts';
import type { ClusterDirectory } from './clusters/index.ts';
import type { KubeClient, RequestPriority } from './kube/index.ts';
import type { TargetDirectory } from './views/index.ts';

export interface FederationClients extends Pick<FederationsService, 'list' | 'watch'> {
  /** Throws AppError NOT_FOUND, or why the control plane is not running. */
  client(id: string): KubeClient;
}

export interface Targets extends TargetDirectory {
  /** What a person looks at goes first, unless another priority is given. */
  client(target: Target, priority?: RequestPriority): KubeClient;
  /** What can be asked now, by name. */
  running(): { target: Target; name: string }[];
}

export function createTargets(clusters: ClusterDirectory, federations: FederationClients): Targets {
  return {
    running: () => [
      ...clusters
        .list()
        .filter(({ state }) => state === 'running')
        .map(({ id, name }) => ({ target: { kind: 'cluster' as const, id }, name })),
      ...federations
        .list()
        .filter(({ state }) => state === 'running')
        .map(({ id, name }) => ({ target: { kind: 'federation' as const, id }, name })),
    ],
    client: (target, priority = 'foreground') =>
      target.kind === 'cluster' ? clusters.client(target.id, priority) : federations.client(target.id),
    namespace: async ({ kind, id }) => (kind === 'cluster' ? await clusters.namespace(id) : null),
    name: (target) => nameOf(target) ?? target.id,
    subscribe(listener) {
      const abort = new AbortController();
      const unsubscribe = clusters.subscribe(({ kind, cluster }) =>
        listener({ kind: 'cluster', id: cluster.id }, kind === 'removed' ? 'removed' : 'changed'),
      );
      void followFederations(listener, abort.signal);
      return () => {
        unsubscribe();
        abort.abort();
      };
    },
  };

  function nameOf({ kind, id }: Target): string | undefined {
    if (kind === 'cluster') return clusters.get(id)?.name;
    return federations.list().find((federation) => federation.id === id)?.name;
  }

  async function followFederations(
    listener: Parameters<TargetDirectory['subscribe']>[0],
    signal: AbortSignal,
  ): Promise<void> {
    let known = new Set<string>();
    for await (const list of federations.watch(signal)) {
      const now = new Set(list.map((federation) => federation.id));
      for (const id of known) if (!now.has(id)) listener({ kind: 'federation', id }, 'removed');
      for (const { id, state } of list) if (state === 'running') listener({ kind: 'federation', id }, 'changed');
      known = now;
    }
  }
}
