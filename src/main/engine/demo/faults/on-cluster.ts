/**
 * Faults of the whole cluster that somebody asks for with kubectl: the behaviour annotation on the namespace that stands
 * for the cluster, as its UID does elsewhere. Values follow the name: `api-slow:delay=3000`. Pure.
 */
import { FaultId, type FaultValues } from '#shared/contract/demo.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { behaviourWish, partsOf } from '../kubelet/behaviour.ts';
import { faultOf } from './catalogue/index.ts';
import { completeValues, settingsOf } from './values.ts';

/** The fault of the cluster that a part of the annotation names, with all its values; null where it names none. @throws AppError INVALID. */
export function clusterFault(part: string): { fault: FaultId; values: FaultValues } | null {
  const parsed = FaultId.safeParse(part.split(':')[0]);
  if (!parsed.success) return null;
  const { scope, parameters } = faultOf(parsed.data);
  return scope === 'cluster' ? { fault: parsed.data, values: completeValues(parameters, settingsOf(part)) } : null;
}

/** What of it can be followed; the rest was refused when it was written, or is older than that. */
export function clusterFaultsOn(namespace: KubeObject | undefined): ReadonlyMap<FaultId, FaultValues> {
  const found = new Map<FaultId, FaultValues>();
  if (namespace === undefined) return found;
  for (const part of partsOf(behaviourWish(namespace))) {
    try {
      const one = clusterFault(part);
      if (one !== null) found.set(one.fault, one.values);
    } catch {
      // Nobody can be told here.
    }
  }
  return found;
}
