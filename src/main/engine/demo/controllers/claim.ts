/**
 * Which objects a controller answers for: those it owns and still selects, and those nobody owns that it selects. The
 * first it lets go when they are no longer selected, the second it adopts. So a pod whose label is changed leaves its
 * set, and what `--cascade=orphan` left behind is taken over by the next owner of the same selector.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { KubeObject, OwnerReference, ResourceRef } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import type { Cache } from '../sim/cache.ts';
import { controllerOf, isDeleting, namespaceOf, uidOf } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';

export interface Claim {
  owner: KubeObject;
  /** What an adopted object gets as its owner. */
  reference: OwnerReference;
  ref: ResourceRef;
  /** With the indexes `owner` and `orphan`. */
  cache: Cache;
  selects(object: KubeObject): boolean;
  /** What keeps an adopted object until its owner has counted it; one that is let go loses it. */
  finalizer?: string;
  /** Orphans that are not for this owner although it selects them. */
  mayAdopt?(object: KubeObject): boolean;
}

/** The objects of the owner, after letting go and adopting. An owner that is being deleted does neither. */
export async function claimObjects(world: World, claim: Claim): Promise<KubeObject[]> {
  const { owner, cache } = claim;
  const owned = cache.byIndex('owner', uidOf(owner));
  if (isDeleting(owner)) return owned.filter(claim.selects);
  const mine: KubeObject[] = [];
  for (const object of owned) {
    if (claim.selects(object)) mine.push(object);
    else await release(world, claim, object);
  }
  for (const object of cache.byIndex('orphan', namespaceOf(owner))) {
    if (isDeleting(object) || !claim.selects(object) || claim.mayAdopt?.(object) === false) continue;
    const adopted = await write(world, claim, object, [...(object.metadata.ownerReferences ?? []), claim.reference]);
    if (adopted !== undefined) mine.push(adopted);
  }
  return mine;
}

async function release(world: World, claim: Claim, object: KubeObject): Promise<void> {
  const left = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== uidOf(claim.owner));
  await write(world, claim, object, left);
}

async function write(
  world: World,
  { owner, finalizer, ref, cache }: Claim,
  object: KubeObject,
  owners: OwnerReference[],
): Promise<KubeObject | undefined> {
  const { ownerReferences: _old, finalizers: kept = [], ...metadata } = object.metadata;
  const others = kept.filter((one) => one !== finalizer);
  const adopted = owners.some(({ uid }) => uid === uidOf(owner));
  const finalizers = adopted && finalizer !== undefined ? [...others, finalizer] : others;
  try {
    const written = await world.clients.manager.update(ref, {
      ...object,
      metadata: {
        ...metadata,
        ...(finalizers.length === 0 ? {} : { finalizers }),
        ...(owners.length === 0 ? {} : { ownerReferences: owners }),
      },
    });
    cache.wrote(written);
    return written;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return undefined;
  }
}

/** Keys of the possible owners of an object that nobody owns: those in its namespace that select it. */
export function selectingKeys(owners: Cache, object: KubeObject, selects: (owner: KubeObject) => boolean): string[] {
  if (controllerOf(object) !== undefined || isDeleting(object)) return [];
  return owners.byIndex('namespace', namespaceOf(object)).filter(selects).map(objectKey);
}
