/** Members of a federation as the contract shows them: registered clusters beside the Cluster objects of the control plane. */
import type { Federation, FederationMember } from '#shared/contract/federations.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import type { ClusterDirectory } from '../../clusters/types.ts';
import type { ClusterObject } from '../api.ts';
import { CLUSTER_ID } from '../controllers/clusters.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import { managerText } from '../controllers/management.ts';
import type { FederationRecord } from '../types.ts';

export function membersOf(
  record: FederationRecord,
  plane: ControlPlane | null,
  clusters: Pick<ClusterDirectory, 'get' | 'list'>,
): Federation['members'] {
  const objects = new Map(plane?.cache.clusters.items ?? []);
  const members: FederationMember[] = [];
  for (const clusterId of record.clusterIds) {
    const cluster = clusters.get(clusterId);
    if (cluster === undefined) continue;
    members.push(memberOf(clusterId, cluster.name, objects.get(cluster.name), cluster.reason, plane));
    objects.delete(cluster.name);
  }
  const registered = new Map(clusters.list().map(({ name, id }) => [name, id]));
  for (const [name, object] of objects) {
    const clusterId = object.metadata.annotations?.[CLUSTER_ID] ?? registered.get(name) ?? name;
    members.push(memberOf(clusterId, name, object, null, plane));
  }
  return members.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function memberOf(
  clusterId: string,
  name: string,
  object: ClusterObject | undefined,
  known: AppErrorShape | null,
  plane: ControlPlane | null,
): FederationMember {
  const condition = object?.status?.conditions?.find(({ type }) => type === 'Ready');
  const ready = condition?.status === 'True';
  const version = object?.status?.kubernetesVersion ?? null;
  const state = plane?.management?.of(name) ?? 'ours';
  const manager = typeof state === 'string' ? null : state;
  const join = object?.metadata.deletionTimestamp
    ? 'leaving'
    : manager !== null
      ? 'failed'
      : condition === undefined
        ? 'joining'
        : ready || version !== null
          ? 'connected'
          : 'failed';
  const reported: AppErrorShape | null =
    condition === undefined || ready
      ? null
      : { code: 'CLUSTER_UNREACHABLE', message: condition.message ?? '', retryable: true, cluster: name };
  const refused: AppErrorShape | null = manager === null ? null : managedElsewhere(name, manager);
  return { clusterId, name, join, ready, reason: refused ?? (ready ? null : (known ?? reported)), version, manager };
}

export function managedElsewhere(
  cluster: string,
  manager: NonNullable<FederationMember['manager']>,
): AppErrorShape & { params: Record<string, string> } {
  const { kind, federation, holder, since } = manager;
  const who = kind === 'karmada' ? 'Karmada' : holder === '' ? federation : `${federation} (${holder})`;
  return {
    code: 'MANAGED_ELSEWHERE',
    message: managerText(manager),
    retryable: false,
    cluster,
    params: { manager: who, federation, holder, since },
  };
}
