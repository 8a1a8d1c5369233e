/** What pods ask of their nodes, remembered as long as the objects are there: every decision of the scheduler asks again. */
import { podRequests, type Resources } from '#shared/kubernetes/pod-requests.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';

const requests = new WeakMap<KubeObject, Resources>();

export function requestsOf(pod: KubeObject): Resources {
  const known = requests.get(pod);
  if (known !== undefined) return known;
  const computed = podRequests(pod.spec);
  requests.set(pod, computed);
  return computed;
}
