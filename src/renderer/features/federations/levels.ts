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

/** Whether a workload was scheduled, and how far it got. */
export function scheduleLevel(workload: FederatedWorkload): Level {
  if (workload.policy === null) return 'none';
  if (workload.scheduled === null || workload.scheduled.status === 'Unknown') return 'progressing';
  return workload.scheduled.status === 'True' ? 'ok' : 'error';
}

export function readyLevel(workload: FederatedWorkload): Level {
  if (workload.replicas === null) return 'none';
  if ((workload.readyReplicas ?? 0) >= workload.replicas) return 'ok';
  return workload.clusters.some(({ applied, health }) => applied === false || health === 'Unhealthy')
    ? 'warning'
    : 'progressing';
}

export function healthLevel(health: FederatedWorkload['clusters'][number]['health']): Level {
  return health === 'Healthy' ? 'ok' : health === 'Unhealthy' ? 'error' : 'none';
}
