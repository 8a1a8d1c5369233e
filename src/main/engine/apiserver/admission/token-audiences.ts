/**
 * The audiences for which a pod's node needs tokens of its account: those of projected tokens, and those that the drivers
 * of its volumes ask for. Source: KEP-4193, ServiceAccountNodeAudienceRestriction.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { ObjectStore } from '../storage/store.ts';

export function audiencesOf(store: ObjectStore, pod: KubeObject): Set<string> {
  const found = new Set<string>();
  const volumes: Json[] = pod.spec?.volumes ?? [];
  for (const volume of volumes) {
    for (const { serviceAccountToken } of (volume.projected?.sources ?? []) as Json[])
      if (serviceAccountToken) found.add(serviceAccountToken.audience ?? '');
    const driver = volume.csi?.driver ?? driverOf(store, pod, volume);
    const requests: Json[] =
      driver === undefined
        ? []
        : (store.collection('storage.k8s.io/csidrivers').latest(driver)?.object.spec?.tokenRequests ?? []);
    for (const { audience } of requests) found.add(audience ?? '');
  }
  return found;
}

/** The driver behind the claim of a volume. */
function driverOf(store: ObjectStore, { metadata }: KubeObject, volume: Json): string | undefined {
  const claim =
    volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${metadata.name}-${volume.name}` : null);
  if (claim === null) return undefined;
  const bound = store.collection('/persistentvolumeclaims').latest(`${metadata.namespace}/${claim}`)?.object;
  const name = bound?.spec?.volumeName;
  return name ? store.collection('/persistentvolumes').latest(name)?.object.spec?.csi?.driver : undefined;
}
