/** Which pods of a cluster reach which others, as its NetworkPolicies have it. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { World } from '../sim/world.ts';
import { letsThrough, type Peer } from './policies.ts';

/** Whether the NetworkPolicies of the cluster let the pod reach what it asks. */
export function reaches(
  { caches }: World,
  from: KubeObject | undefined,
  { pod, port }: { pod: KubeObject; port: number },
  protocol: 'TCP' | 'UDP',
): boolean {
  const policies = caches.networkPolicies.list();
  if (policies.length === 0 || from === undefined) return true;
  const rules = { policies, labelsOf: (name: string) => caches.namespaces.get(name)?.metadata.labels };
  return letsThrough(rules, { from: peerOf(from), to: peerOf(pod), port, protocol });
}

/** Who shares the address of its machine is that machine to a network plugin. */
function peerOf(pod: KubeObject): Peer {
  const address: string = pod.status?.podIP ?? '';
  return { address, pod: pod.spec?.hostNetwork === true ? undefined : pod };
}
