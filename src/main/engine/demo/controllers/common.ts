/** What several workload controllers share: making and deleting pods, batches, mapping a pod to its owner's key. */
import { ApiError, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import type { Cache } from '../sim/cache.ts';
import { controllerOf, isDeleting, nameOf, namespaceOf } from '../sim/objects.ts';
import { PODS } from '../sim/refs.ts';
import type { World } from '../sim/world.ts';

/** How many writes a controller has under way at once. */
const BATCH = 8;

export async function inBatches(count: number, work: (index: number) => Promise<void>, atOnce = BATCH): Promise<void> {
  let next = 0;
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    while (next < count && failure === undefined) {
      const index = next++;
      try {
        await work(index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  if (failure !== undefined) throw failure.error;
}

/** One first, then twice as many each time: where nothing can be made, one is refused and not all of them. */
export async function slowStart(count: number, work: (index: number) => Promise<void>): Promise<void> {
  for (let done = 0, size = 1; done < count; done += size, size *= 2) {
    await inBatches(Math.min(size, count - done), async (index) => work(done + index));
  }
}

/** Makes a pod of the owner and tells so, or why not. */
export async function createPod(world: World, owner: KubeObject, component: string, pod: KubeObject): Promise<void> {
  try {
    const created = await world.clients.manager.create(PODS, pod, { namespace: namespaceOf(owner) });
    world.caches.pods.wrote(created);
    const message = `Created pod: ${nameOf(created)}`;
    world.events.record(owner, { component, reason: 'SuccessfulCreate', message });
  } catch (error) {
    // The namespace goes away: nothing to report.
    if (isNotFound(error) || isTerminating(error)) return;
    const message = `Error creating: ${error instanceof Error ? error.message : String(error)}`;
    world.events.record(owner, { component, type: 'Warning', reason: 'FailedCreate', message });
    throw error;
  }
}

export function isTerminating(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (error.body?.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating');
}

/** Deletes a pod of the owner and tells so, or why not. */
export async function removePod(world: World, owner: KubeObject, component: string, pod: KubeObject): Promise<void> {
  try {
    await deletePod(world, pod);
  } catch (error) {
    const message = `Error deleting: ${error instanceof Error ? error.message : String(error)}`;
    world.events.record(owner, { component, type: 'Warning', reason: 'FailedDelete', message });
    throw error;
  }
  world.events.record(owner, { component, reason: 'SuccessfulDelete', message: `Deleted pod: ${nameOf(pod)}` });
}

/** Asks for the pod to go, gracefully when it has a node; one that is gone already is fine. */
export async function deletePod(world: World, pod: KubeObject, gracePeriodSeconds?: number): Promise<void> {
  await deleteObject(world, PODS, world.caches.pods, pod, gracePeriodSeconds);
}

export async function deleteObject(
  world: World,
  ref: ResourceRef,
  cache: Cache,
  object: KubeObject,
  gracePeriodSeconds?: number,
): Promise<void> {
  try {
    const answer = await world.clients.manager.delete(ref, nameOf(object), {
      ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
      propagationPolicy: 'Background',
      preconditions: { uid: object.metadata.uid },
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    });
    const remains = answer.kind === object.kind && isDeleting(answer) && stays(answer);
    if (remains) cache.wrote(answer);
    else cache.removed(object);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    cache.removed(object);
  }
}

function stays(answer: KubeObject): boolean {
  return (answer.metadata.finalizers?.length ?? 0) > 0 || (answer.metadata.deletionGracePeriodSeconds ?? 0) > 0;
}

/** Keys of the controllers of one kind behind a changed object, before and after the change. */
export function ownerKeys(kind: string, object: KubeObject, previous: KubeObject | undefined): string[] {
  const keys = new Set<string>();
  for (const version of [object, previous]) {
    const owner = version === undefined ? undefined : controllerOf(version);
    if (owner?.kind === kind) keys.add(`${namespaceOf(object)}/${owner.name}`);
  }
  return [...keys];
}
