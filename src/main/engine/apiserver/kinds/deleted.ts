/** Which deletions are answered with the object itself. Source: ReturnDeletedObject of the real server's storages. */
import type { ResourceRef } from '#shared/kubernetes/types.ts';

/** Kinds whose deletion is answered with the object even when it is gone at once. */
export function returnsDeleted(kind: ResourceRef): boolean {
  return RETURNING.has(kind.group) && RETURNED.has(kind.resource);
}
const RETURNING = new Set(['', 'storage.k8s.io', 'resource.k8s.io']);
const RETURNED = new Set([
  'pods',
  'services',
  'persistentvolumeclaims',
  'persistentvolumes',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'storageclasses',
  'volumeattachments',
  'csidrivers',
  'csinodes',
  'volumeattributesclasses',
  'deviceclasses',
  'resourceclaims',
  'resourceclaimtemplates',
  'resourceslices',
]);
