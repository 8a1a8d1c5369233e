/**
 * Whether a kubelet takes a pod that was given to its node: what the scheduler would have seen, where it was not asked
 * (`spec.nodeName` set by hand, another scheduler). Pure. Source: kubelet's lifecycle predicates.
 */
import { add, podRequests, type Resources } from '#shared/kubernetes/pod-requests.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { hostPorts, portsTaken } from '../controllers/fit.ts';
import { matchesNodeAffinity } from '../controllers/fit-topology.ts';

export interface Rejection {
  reason: string;
  message: string;
}

/** `others`: pods that the node has taken and that have not ended. Null: it may run. */
export function rejection(pod: KubeObject, node: KubeObject, others: readonly KubeObject[]): Rejection | null {
  const os: string | undefined = pod.spec?.os?.name;
  if (os !== undefined && os !== 'linux')
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  const allocatable = node.status?.allocatable ?? {};
  const most = parseQuantity(allocatable.pods);
  if (allocatable.pods !== undefined && others.length + 1 > most) return short('pods', 1, others.length, most);
  const used: Resources = {};
  for (const other of others) add(used, podRequests(other.spec));
  for (const [resource, wanted] of Object.entries(podRequests(pod.spec))) {
    const have = parseQuantity(allocatable[resource]);
    const taken = used[resource] ?? 0;
    if (wanted > 0 && wanted > have - taken + 1e-9) {
      const unit = resource === 'cpu' ? 1000 : 1;
      return short(resource, Math.round(wanted * unit), Math.round(taken * unit), Math.round(have * unit));
    }
  }
  if (!matchesNodeAffinity(pod.spec, { node, labels: node.metadata.labels ?? {} }))
    return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  const taken = others.flatMap((other) => hostPorts(other.spec));
  if (portsTaken(hostPorts(pod.spec), taken))
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  return null;
}

function failed(reason: string, why: string): Rejection {
  return { reason, message: `Predicate ${reason} failed: ${why}` };
}

function short(resource: string, requested: number, used: number, capacity: number): Rejection {
  return {
    reason: `OutOf${resource}`,
    message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  };
}
