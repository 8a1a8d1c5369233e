/** The indexes of the shared caches: which values objects are found by, and the lookups that use them. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import type { IndexBy } from './cache.ts';
import { controllerOf, nameOf, namespaceOf, uidOf } from './objects.ts';
import type { Caches } from './world.ts';

const byOwner: IndexBy = (object) => controllerOf(object)?.uid;
const byNamespace: IndexBy = namespaceOf;
const orphans: IndexBy = (object) => (controllerOf(object) === undefined ? namespaceOf(object) : undefined);

export const POD_INDEXES: Readonly<Record<string, IndexBy>> = {
  owner: byOwner,
  orphan: orphans,
  namespace: byNamespace,
  node: (pod) => pod.spec?.nodeName,
  claim: claimsOf,
};
export const REPLICA_SET_INDEXES: Readonly<Record<string, IndexBy>> = {
  owner: byOwner,
  orphan: orphans,
  namespace: byNamespace,
};
export const NAMESPACE_INDEX: Readonly<Record<string, IndexBy>> = { namespace: byNamespace };
export const OWNER_INDEX: Readonly<Record<string, IndexBy>> = { owner: byOwner };
export const SLICE_INDEXES: Readonly<Record<string, IndexBy>> = {
  service: (slice) => `${namespaceOf(slice)}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
};

/** Pods whose controller is `owner`. */
export function podsOf(caches: Caches, owner: KubeObject): KubeObject[] {
  return caches.pods.byIndex('owner', uidOf(owner));
}

/** Pods assigned to the node. */
export function podsOnNode(caches: Caches, node: string): KubeObject[] {
  return caches.pods.byIndex('node', node);
}

export function podsInNamespace(caches: Caches, namespace: string): KubeObject[] {
  return caches.pods.byIndex('namespace', namespace);
}

/** Pods that name the claim. */
export function podsWithClaim(caches: Caches, claim: KubeObject): KubeObject[] {
  return caches.pods.byIndex('claim', objectKey(claim));
}

export function replicaSetsOf(caches: Caches, deployment: KubeObject): KubeObject[] {
  return caches.replicaSets.byIndex('owner', uidOf(deployment));
}

export function jobsOf(caches: Caches, cronJob: KubeObject): KubeObject[] {
  return caches.jobs
    .byIndex('namespace', namespaceOf(cronJob))
    .filter((job) => controllerOf(job)?.uid === uidOf(cronJob));
}

/** Keys of the PersistentVolumeClaims a pod names, those of its generic ephemeral volumes included. */
export function claimsOf(pod: KubeObject): string[] {
  return (pod.spec?.volumes ?? []).flatMap((volume: Json) => {
    if (volume.persistentVolumeClaim !== undefined)
      return [`${namespaceOf(pod)}/${volume.persistentVolumeClaim.claimName}`];
    return volume.ephemeral === undefined ? [] : [`${namespaceOf(pod)}/${nameOf(pod)}-${volume.name}`];
  });
}
