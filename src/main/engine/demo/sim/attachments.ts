/** Which volumes of a pod its node has: VolumeAttachments by name. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { claimsOf } from './indexes.ts';
import { fnv1a } from './random.ts';
import type { Caches } from './world.ts';

/** As the CSI attacher names it, shorter. */
export function attachmentName(volume: string, driver: string, node: string): string {
  return `csi-${[volume, driver, node, `${volume}/${node}`].map((part) => fnv1a(part).toString(16).padStart(8, '0')).join('')}`;
}

/** The CSI volumes of a pod that its node does not have yet. */
export function unattached(caches: Caches, pod: KubeObject, node: string): string[] {
  return claimsOf(pod).flatMap((key) => {
    const name: string = caches.volumeClaims.get(key)?.spec?.volumeName ?? '';
    const driver: string | undefined = caches.volumes.get(name)?.spec?.csi?.driver;
    if (driver === undefined) return [];
    const attachment = caches.volumeAttachments.get(attachmentName(name, driver, node));
    return attachment?.status?.attached === true ? [] : [name];
  });
}
