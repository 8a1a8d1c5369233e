/** Where a pod's volumes keep what is written to them: on their machine, with their pod, or with their PersistentVolume. Pure. */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import type { Caches } from '../sim/world.ts';
import { absolute } from './shell/container-files.ts';

/** Where what is written to a volume stays. */
export interface VolumePlace {
  /** The same text for everybody who writes to the same files; ends in a slash. */
  key: string;
  /** The directory, or the file, among those that is mounted; absolute. */
  part: string;
  /** It is a file, whether it is there yet or not. */
  single?: boolean;
  /** Bytes that fit in; absent: as many as in any file system here. */
  most?: number;
}

/** Null: nothing is written there. */
export function placeOfVolume(pod: KubeObject, volume: Json, caches: Caches): VolumePlace | null {
  const { persistentVolumeClaim, ephemeral, hostPath, emptyDir } = volume;
  if (hostPath !== undefined) return onMachine(pod, hostPath);
  if (emptyDir !== undefined) {
    // In memory it is a file system of that size.
    const most = emptyDir.medium === 'Memory' ? parseQuantity(emptyDir.sizeLimit ?? '0') : 0;
    return { key: `pod/${uidOf(pod)}/${volume.name}/`, part: '/', ...(most > 0 ? { most } : {}) };
  }
  if ((persistentVolumeClaim ?? ephemeral) === undefined) return null;
  const bound = persistentOf(pod, volume, caches);
  const folder: Json = bound?.spec?.local ?? bound?.spec?.hostPath;
  if (folder !== undefined) return onMachine(pod, folder);
  return { key: bound === undefined ? `claim/${claimKey(pod, volume)}/` : `volume/${nameOf(bound)}/`, part: '/' };
}

/** The PersistentVolume behind a volume of a pod. */
export function persistentOf(pod: KubeObject, volume: Json, caches: Caches): KubeObject | undefined {
  return caches.volumes.get(claimOf(pod, volume, caches)?.spec?.volumeName ?? '');
}

/** The claim that a volume of a pod names, or that was made for it. */
export function claimOf(pod: KubeObject, volume: Json, caches: Caches): KubeObject | undefined {
  const named = (volume.persistentVolumeClaim ?? volume.ephemeral) !== undefined;
  return named ? caches.volumeClaims.get(claimKey(pod, volume)) : undefined;
}

function claimKey(pod: KubeObject, { name, persistentVolumeClaim }: Json): string {
  return `${namespaceOf(pod)}/${persistentVolumeClaim?.claimName ?? `${nameOf(pod)}-${name}`}`;
}

function onMachine(pod: KubeObject, { path, type = '' }: Json): VolumePlace {
  const single = !/^(Directory.*)?$/.test(type);
  return { key: machineKey(pod.spec?.nodeName ?? ''), part: absolute('/', path), single };
}

/** The key of a machine's files. */
export function machineKey(node: string): string {
  return `machine/${node}/`;
}
