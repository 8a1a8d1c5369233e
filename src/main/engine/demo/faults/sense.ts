/**
 * Why a fault would make no sense on an object, in words: the same whether it is started by command, by interface or by
 * annotation. Null: it makes sense. Pure.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { CLUSTER_NAMESPACE } from '../kubelet/behaviour.ts';

/** `objects`: pods, or what makes them. Where there are none yet, those to come may have the probe. */
export function probeProblem(objects: readonly KubeObject[], probe: string, where?: string): string | null {
  if (objects.length === 0 || objects.some((object) => containersOf(object).some((one) => one[probe] !== undefined)))
    return null;
  return `no container${where === undefined ? '' : ` of ${where}`} has a ${probe}: nothing could be seen to fail`;
}

/** A claim that has its volume waits for nothing. */
export function claimProblem({ status }: KubeObject): string | null {
  return status?.phase === 'Bound' ? 'the claim has its volume already: only a new claim can be left without' : null;
}

export function problemOfClusterNamespace(fault: string): string {
  return `${CLUSTER_NAMESPACE} stands for the whole cluster: ${fault} is aimed at one of its workloads or at another namespace`;
}

/** All containers that a pod, or a pod of a workload, begins with. */
export function containersOf({ spec }: KubeObject): Json[] {
  const pod: Json = (spec?.jobTemplate?.spec ?? spec)?.template?.spec ?? spec ?? {};
  return [...(pod.initContainers ?? []), ...(pod.containers ?? [])];
}
