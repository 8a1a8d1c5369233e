/** What a cluster's state means for its colour and for what can be done with it. Pure. */
import type { IssuedAccess } from '#shared/contract/access.ts';
import type { Cluster, ClusterOperation, ClusterState } from '#shared/contract/clusters.ts';
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

/** A certificate is worth a word so long before it ends: time enough to renew it in peace. */
const RENEW_DAYS = 30;
const DAY_MS = 86_400_000;

/** Whole days until it ends, negative after that. */
export function certificateEnd(notAfter: string, now: number = Date.now()): { level: Level; days: number } {
  const days = Math.floor((Date.parse(notAfter) - now) / DAY_MS);
  return { days, level: days < 0 ? 'error' : days < RENEW_DAYS ? 'warning' : 'ok' };
}

/** The certificate that wants attention; null: none does. */
export function endingCertificate({ certificate }: Pick<Cluster, 'certificate'>, now?: number) {
  if (certificate === null) return null;
  const end = certificateEnd(certificate.notAfter, now);
  return end.level === 'ok' ? null : { ...end, whose: certificate.whose };
}

/** Key of the text that says so. */
export function endText({ days }: { days: number }) {
  return days < 0 ? 'clusters.health.certificateEnded' : 'clusters.health.certificateEnds';
}

/** What is shown of it is from its last answer, not from now. */
export function isStale({ state }: Pick<Cluster, 'state'>): boolean {
  return state === 'disconnected' || state === 'abnormal' || state === 'accessTimeout';
}

/** Of a list that is not empty. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
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

/** Every word must occur in name, provider (its id or its name), region, version or server. */
export function filterClusters(
  clusters: readonly Cluster[],
  filter: ClusterFilter,
  providerName: (id: string) => string,
): Cluster[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return clusters.filter((cluster) => {
    const text = [
      cluster.name,
      cluster.provider,
      providerName(cluster.provider),
      cluster.region,
      cluster.version,
      cluster.server,
    ]
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

/** The last change of a cluster's version, as `v1.33.2 → v1.34.0`. Null: none since it was registered. */
export function lastUpgrade(
  operations: readonly Pick<ClusterOperation, 'kind' | 'startedAt' | 'steps'>[],
): { what: string; at: string } | null {
  const upgrades = operations.filter(({ kind }) => kind === 'upgrade');
  const last = upgrades.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0];
  return last === undefined ? null : { what: last.steps[0]?.message ?? '', at: last.startedAt };
}
