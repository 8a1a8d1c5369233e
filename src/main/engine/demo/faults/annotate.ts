/** Changes the behaviour annotation of one object; what others have put there stays. */
import type { KubeClient } from '#engine/kube/index.ts';
import { isConflict } from '#engine/kube/index.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { BEHAVIOUR_ANNOTATION } from '../kubelet/behaviour.ts';

const ATTEMPTS = 10;

/** An object that is not there any more has no behaviour to change: false. */
export async function changeBehaviours(
  client: KubeClient,
  ref: ResourceRef,
  where: { name: string; namespace?: string | undefined },
  on: 'object' | 'template',
  change: (behaviours: string[]) => string[],
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const object = await client.find(ref, where.name, { namespace: where.namespace });
    if (object === null) return false;
    const before = annotationOf(object, on);
    const after = [...new Set(change(before.split(',').filter((part) => part !== '')))].join(',');
    if (after === before) return true;
    const metadata = { annotations: { [BEHAVIOUR_ANNOTATION]: after === '' ? null : after } };
    const { resourceVersion } = object.metadata;
    const body =
      on === 'object'
        ? { metadata: { ...metadata, resourceVersion } }
        : { metadata: { resourceVersion }, spec: { template: { metadata } } };
    try {
      await client.patch(ref, where.name, 'merge', body, { namespace: where.namespace });
      return true;
    } catch (error) {
      // Somebody else changed the object meanwhile: look again.
      if (!isConflict(error) || attempt >= ATTEMPTS) throw error;
    }
  }
}

export function annotationOf(object: KubeObject, on: 'object' | 'template'): string {
  const metadata = on === 'object' ? object.metadata : object.spec?.template?.metadata;
  return metadata?.annotations?.[BEHAVIOUR_ANNOTATION] ?? '';
}
