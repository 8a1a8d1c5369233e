/**
 * Puts prepared objects into the store as they are: no admission, defaults or validation. For simulations, which make
 * thousands of objects that the API has seen one of. What the server alone can know is filled in where it is missing.
 */
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { drawUid } from './chance.ts';
import { type Core, collectionOf, keyOf, timestamp } from './core.ts';

/** One transaction each: few enough that their texts are no burden, many enough that the disk is hardly waited for. */
const PER_TRANSACTION = 1000;

/**
 * Objects whose name is taken are left out. Resolves with how many were stored, when they are durable. `onStored` is called
 * when some are.
 */
export async function loadObjects(
  core: Core,
  objects: Iterable<KubeObject>,
  onStored: () => void = () => undefined,
): Promise<number> {
  let stored = 0;
  let batch: Promise<unknown>[] = [];
  for (const object of objects) {
    const kind = core.registry.findKind(object.apiVersion, object.kind);
    if (kind === undefined) throw new AppError('INVALID', `unknown kind ${object.kind} in ${object.apiVersion}`);
    const collection = collectionOf(core, kind);
    const key = keyOf(kind, object.metadata.namespace ?? '', object.metadata.name ?? '');
    if (collection.latest(key) !== undefined) continue;
    const { metadata } = object;
    metadata.uid ??= drawUid(core.chance, `${collection.id} ${key}`);
    metadata.creationTimestamp ??= timestamp(core.now());
    if (kind.generation === 'spec') metadata.generation ??= 1;
    batch.push(core.store.put(collection, key, object));
    stored += 1;
    if (batch.length < PER_TRANSACTION) continue;
    await Promise.all(batch);
    batch = [];
    onStored();
  }
  await Promise.all(batch);
  return stored;
}
