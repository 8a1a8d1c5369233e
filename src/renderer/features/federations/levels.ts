/** Colours of what a federation shows. Pure. */
import type { FederatedWorkload, Federation, FederationMember } from '#shared/contract/federations.ts';
import type { Level } from '../../ui/Status.tsx';

export function federationLevel(state: Federation['state']): Level {
  return state === 'running' ? 'ok' : state === 'abnormal' ? 'error' : 'progressing';
}

export function memberLevel(member: FederationMember): Level {
  if (member.join === 'failed') return 'error';
  if (member.join !== 'connected') return 'progressing';
  return member.ready ? 'ok' : 'error';
}

/** Nothing distributes it: no policy, no workload that it follows, and no namespace. */
export function isUnclaimed({ policy, follows, category }: FederatedWorkload): boolean {
  return policy === null && follows.length === 0 && category !== 'namespaces';
}

/** How one cluster stands with its part. */
export function shareLevel(share: FederatedWorkload['clusters'][number], newest: number): Level {
  if (share.applied === false || share.health === 'Unhealthy') return 'error';
  const behind = share.generation !== null && share.generation < newest;
  if (share.applied === null || behind) return 'progressing';
  return share.replicas !== null && (share.readyReplicas ?? 0) < share.replicas ? 'progressing' : 'ok';
}

/** Whether a workload was scheduled, and how far it got. */
export function scheduleLevel(workload: FederatedWorkload): Level {
  if (workload.follows.length > 0 || workload.category === 'namespaces') return 'ok';
  if (workload.policy === null) return 'none';
  if (workload.scheduled === null || workload.scheduled.status === 'Unknown') return 'progressing';
  return workload.scheduled.status === 'True' ? 'ok' : 'error';
}

/** Replicas that shall run in all clusters together; a duplicated workload runs all of them in each. */
export function expectedReplicas({ replicas, clusters }: FederatedWorkload): number {
  return Math.max(
    replicas ?? 0,
    clusters.reduce((sum, share) => sum + (share.replicas ?? 0), 0),
  );
}

export function readyLevel(workload: FederatedWorkload): Level {
  if (workload.replicas === null) return 'none';
  if ((workload.readyReplicas ?? 0) >= expectedReplicas(workload)) return 'ok';
  return workload.clusters.some(({ applied, health }) => applied === false || health === 'Unhealthy')
    ? 'warning'
    : 'progressing';
}

export function healthLevel(health: FederatedWorkload['clusters'][number]['health']): Level {
  return health === 'Healthy' ? 'ok' : health === 'Unhealthy' ? 'error' : 'none';
}
