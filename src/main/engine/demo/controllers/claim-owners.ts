/**
 * persistentVolumeClaimRetentionPolicy of a StatefulSet: what the claims of a pod go with. Pure.
 * Source: API reference StatefulSetPersistentVolumeClaimRetentionPolicy (KEP-1847), for what others own the controller's code.
 */
import type { KubeObject, OwnerReference } from '#shared/kubernetes/types.ts';
import { controllerReference, nameOf, uidOf } from '../sim/objects.ts';

export interface ClaimOwners {
  owners: OwnerReference[];
  /** Another controller has the claim: the policy says nothing about it. */
  conflict: boolean;
}

/**
 * The owners that a claim should have; null: it belongs to a set or a pod of these names that was there before, and is left
 * to the garbage collector. `pod`: undefined before there is one; `wanted`: whether the set wants it.
 */
export function claimOwners(
  claim: KubeObject | undefined,
  set: KubeObject,
  pod: KubeObject | undefined,
  podName: string,
  wanted: boolean,
): ClaimOwners | null {
  const old = claim?.metadata.ownerReferences ?? [];
  const isSet = (one: OwnerReference) => refersTo(one, 'apps/v1', 'StatefulSet', nameOf(set));
  const isPod = (one: OwnerReference) => refersTo(one, 'v1', 'Pod', podName);
  const stale = old.some(
    (one) => (isSet(one) && one.uid !== uidOf(set)) || (isPod(one) && one.uid !== pod?.metadata.uid),
  );
  if (stale) return null;
  const others = old.filter((one) => !isSet(one) && !isPod(one));
  const { whenDeleted, whenScaled } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {};
  const deletes = whenDeleted === 'Delete' || whenScaled === 'Delete';
  if (deletes && others.some(({ controller }) => controller === true)) return { owners: others, conflict: true };
  const own =
    whenScaled === 'Delete' && !wanted && pod !== undefined
      ? [controllerReference(pod, 'v1', 'Pod')]
      : whenDeleted === 'Delete'
        ? [controllerReference(set, 'apps/v1', 'StatefulSet')]
        : [];
  return { owners: [...others, ...own], conflict: false };
}

function refersTo(one: OwnerReference, apiVersion: string, kind: string, name: string): boolean {
  return one.apiVersion === apiVersion && one.kind === kind && one.name === name;
}
