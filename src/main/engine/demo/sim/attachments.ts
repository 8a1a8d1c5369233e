/** Which volumes of a pod its node has: VolumeAttachments by name. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { claimsOf } from './indexes.ts';
import type { Caches } from './world.ts';

/** As the CSI attacher names it, by the disk itself. */
export function attachmentName(volume: KubeObject, node: string): string {
  const { volumeHandle = '', driver = '' } = volume.spec?.csi ?? {};
  return `csi-${createHash('sha256').update(`${volumeHandle}${driver}${node}`).digest('hex')}`;
}

/** The CSI volumes of a pod that its node does not have yet. */
export function unattached(caches: Caches, pod: KubeObject, node: string): string[] {
  return claimsOf(pod).flatMap((key) => {
    const name: string = caches.volumeClaims.get(key)?.spec?.volumeName ?? '';
    const volume = caches.volumes.get(name);
    if (volume?.spec?.csi === undefined) return [];
    const attachment = caches.volumeAttachments.get(attachmentName(volume, node));
    return attachment?.status?.attached === true ? [] : [name];
  });
}
