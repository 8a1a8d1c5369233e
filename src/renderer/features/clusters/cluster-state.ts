/** What a cluster's state means for its colour and for what can be done with it. Pure. */
import type { IssuedAccess } from '#shared/contract/access.ts';
import type { Cluster, ClusterState } from '#shared/contract/clusters.ts';
import type { Level } from '../../ui/Status.tsx';

const levels: Record<ClusterState, Level> = {
  creating: 'progressing',
  pending: 'progressing',
  running: 'ok',
  disconnected: 'error',
  accessTimeout: 'warning',
  abnormal: 'error',
  changing: 'progressing',
  deregistering: 'progressing',
};

export function levelOf(state: ClusterState): Level {
  return levels[state];
}

export type AccessState = 'valid' | 'expired' | 'revoked' | 'stillLetIn';

export function stateOfAccess(
  access: Pick<IssuedAccess, 'revokedAt' | 'refused' | 'expiresAt'>,
  now: number = Date.now(),
): AccessState {
  if (access.revokedAt !== null) return access.refused === false ? 'stillLetIn' : 'revoked';
  return Date.parse(access.expiresAt) < now ? 'expired' : 'valid';
}

export interface ClusterFilter {
  text: string;
  state: ClusterState | '';
  type: Cluster['type'] | '';
  region: string;
  provider: string;
}

/** Every word must occur in name, provider, region, version or server. */
export function filterClusters(clusters: readonly Cluster[], filter: ClusterFilter): Cluster[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return clusters.filter((cluster) => {
    const text = [cluster.name, cluster.provider, cluster.region, cluster.version, cluster.server]
      .join(' ')
      .toLowerCase();
    return (
      (filter.state === '' || cluster.state === filter.state) &&
      (filter.type === '' || cluster.type === filter.type) &&
      (filter.region === '' || cluster.region === filter.region) &&
      (filter.provider === '' || cluster.provider === filter.provider) &&
      words.every((word) => text.includes(word))
    );
  });
}

/** Bytes as GiB with at most one decimal. */
export function gibibytes(bytes: number): number {
  return Math.round((bytes / 2 ** 30) * 10) / 10;
}
