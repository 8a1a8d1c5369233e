/**
 * Which generation of a StatefulSet its status is about. Karmada does not carry it back from members, so that
 * `helm --wait` and `kubectl rollout status`, which ask for it, never end; here it comes back and is summed up as for
 * the other workloads.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { AggregatedStatusItem } from '../api.ts';

const isStatefulSet = ({ apiVersion, kind }: KubeObject): boolean => apiVersion === 'apps/v1' && kind === 'StatefulSet';

/** @param told what travels back of the object's status; comes back as it is for other kinds */
export function withObserved(object: KubeObject, told: Json | undefined): Json | undefined {
  const observedGeneration = object.status?.observedGeneration;
  return told !== undefined && observedGeneration && isStatefulSet(object) ? { ...told, observedGeneration } : told;
}

/** @param status what the statuses of the members add up to; comes back as it is for other kinds */
export function withObservedSum(
  template: KubeObject,
  items: readonly AggregatedStatusItem[],
  status: Json | undefined,
): Json | undefined {
  if (!isStatefulSet(template)) return status;
  const generation = template.metadata.generation ?? 0;
  const upToDate = items.every(
    ({ status: member }) =>
      member !== undefined &&
      member !== null &&
      (member.observedGeneration ?? 0) >= (member.generation ?? 0) &&
      (member.resourceTemplateGeneration ?? 0) >= generation,
  );
  const { observedGeneration: _, ...sum } = status ?? template.status ?? {};
  const seen: number | undefined = upToDate ? generation : template.status?.observedGeneration;
  return seen ? { ...sum, observedGeneration: seen } : sum;
}
