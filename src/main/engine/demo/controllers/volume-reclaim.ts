/**
 * PersistentVolumes: their phases, and what becomes of them when their claim is gone. A disk that the provider's
 * provisioner made goes with its claim; of others only folders below /tmp can be deleted, as by the real controller, folders
 * and shares can be emptied for the next claim (`Recycle`), and disks of drivers that do not run here stay as they are. Volumes in use are protected.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { PROVIDERS } from '../profiles/providers.ts';
import { runController } from '../sim/controller.ts';
import { isDeleting, nameOf, uidOf } from '../sim/objects.ts';
import { VOLUMES } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { deleteObject } from './common.ts';
import { BOUND_BY_CONTROLLER, sameMode } from './volume-fit.ts';

const COMPONENT = 'persistentvolume-controller';
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** What the external provisioner keeps a volume by until the disk is gone. */
export const PROVISIONER_HOLD = 'external-provisioner.volume.kubernetes.io/finalizer';
const PROTECTION = 'kubernetes.io/pv-protection';
/** What the pod takes that empties a volume. */
const RECYCLES_MS = 4000;
/** Volumes without a plugin that could delete them. */
const DELETABLE_FOLDER = /^\/tmp\/.+/;

export function runVolumeReclaim(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  const { provisioner } = PROVIDERS[world.profile.providerKey].storageClass;

  /** When the volume will be empty, by name. */
  const recycling = new Map<string, number>();

  async function reconcile(name: string): Promise<number | undefined> {
    const volume = caches.volumes.get(name);
    if (volume === undefined) {
      recycling.delete(name);
      return;
    }
    if (isDeleting(volume)) {
      if (volume.status?.phase !== 'Bound') await letGo(volume);
    } else if (!(volume.metadata.finalizers ?? []).includes(PROTECTION)) {
      await write({ ...volume, metadata: withFinalizers(volume, [...(volume.metadata.finalizers ?? []), PROTECTION]) });
      return;
    }
    const owner = volume.spec?.claimRef;
    if (!owner?.uid) return await phase(volume, 'Available');
    const found = caches.volumeClaims.get(`${owner.namespace}/${owner.name}`);
    const claim = found !== undefined && uidOf(found) === owner.uid ? found : undefined;
    if (claim === undefined) return await release(volume);
    const bound: string = claim.spec?.volumeName ?? '';
    if (bound === '') {
      if (!sameMode(volume, claim)) tellModes(volume, claim);
    } else if (bound === name) await phase(volume, 'Bound');
    else if (isMade(volume) && volume.spec?.persistentVolumeReclaimPolicy === 'Delete') await release(volume);
    else await unbind(volume);
  }

  /** Everybody's hold on it ends with its use. */
  async function letGo(volume: KubeObject): Promise<void> {
    const finalizers = volume.metadata.finalizers ?? [];
    const rest = finalizers.filter((finalizer) => finalizer !== PROTECTION && finalizer !== PROVISIONER_HOLD);
    if (rest.length === finalizers.length) return;
    try {
      await write({ ...volume, metadata: withFinalizers(volume, rest) });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async function release(volume: KubeObject): Promise<number | undefined> {
    if (volume.status?.phase !== 'Failed') await phase(volume, 'Released');
    const policy = volume.spec?.persistentVolumeReclaimPolicy;
    if (policy === 'Recycle' && !isDeleting(volume)) return await recycle(volume);
    if (policy !== 'Delete' || isDeleting(volume)) return;
    const maker = volume.metadata.annotations?.[PROVISIONED_BY];
    const why = maker === undefined ? undeletable(volume) : null;
    if (maker === provisioner || (maker === undefined && volume.spec?.csi === undefined && why === null)) {
      await deleteObject(world, VOLUMES, caches.volumes, caches.volumes.get(nameOf(volume)) ?? volume);
    } else if (why !== null && volume.status?.phase !== 'Failed') {
      await phase(volume, 'Failed', why);
      world.events.record(volume, {
        component: COMPONENT,
        type: 'Warning',
        reason: 'VolumeFailedDelete',
        message: why,
      });
    }
  }

  async function recycle(volume: KubeObject): Promise<number | undefined> {
    const name = nameOf(volume);
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
      world.events.record(volume, { component: COMPONENT, type, reason, message });
    if (volume.spec?.hostPath === undefined && volume.spec?.nfs === undefined) {
      if (volume.status?.phase === 'Failed') return;
      const why = 'No recycler plugin found for the volume!';
      await phase(volume, 'Failed', why);
      tell('Warning', 'VolumeFailedRecycle', why);
      return;
    }
    const due = recycling.get(name) ?? world.now() + RECYCLES_MS * world.pace;
    recycling.set(name, due);
    if (due > world.now()) return due - world.now();
    recycling.delete(name);
    tell('Normal', 'VolumeRecycled', 'Volume recycled');
    await unbind(caches.volumes.get(name) ?? volume);
    return;
  }

  /** What a person bound by hand keeps the name of its claim. */
  async function unbind(volume: KubeObject): Promise<undefined> {
    const { [BOUND_BY_CONTROLLER]: mark, ...annotations } = volume.metadata.annotations ?? {};
    const { claimRef, ...spec } = volume.spec ?? {};
    const { uid: _uid, ...reference } = claimRef ?? {};
    const free = await write({
      ...volume,
      metadata: { ...volume.metadata, annotations },
      spec: mark === undefined ? { ...spec, claimRef: reference } : spec,
    });
    await phase(free, 'Available');
  }

  function tellModes(volume: KubeObject, claim: KubeObject): void {
    const tell = (about: KubeObject, message: string) =>
      world.events.record(about, { component: COMPONENT, type: 'Warning', reason: 'VolumeMismatch', message });
    const why = 'due to incompatible volumeMode.';
    tell(volume, `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${nameOf(claim)}" ${why}`);
    tell(claim, `Cannot bind PersistentVolume "${nameOf(volume)}" to requested PersistentVolumeClaim ${why}`);
  }

  async function phase(volume: KubeObject, next: string, message?: string): Promise<undefined> {
    // The version that was just written, where there is one.
    const latest = caches.volumes.get(nameOf(volume)) ?? volume;
    if (latest.status?.phase === next) return;
    const { message: _old, ...status } = latest.status ?? {};
    const said = message === undefined ? {} : { message };
    await updateStatus(client, VOLUMES, caches.volumes, latest, { ...status, ...said, phase: next });
  }

  async function write(volume: KubeObject): Promise<KubeObject> {
    const written = await client.update(VOLUMES, volume);
    caches.volumes.wrote(written);
    return written;
  }

  return runController(world, {
    name: 'volume-reclaim',
    reconcile,
    watch: [
      { cache: caches.volumes, on: (volume, _previous, deleted) => (deleted ? undefined : nameOf(volume)) },
      {
        cache: caches.volumeClaims,
        on: (claim, previous) => [claim, previous].flatMap((one) => volumesFor(one)),
      },
    ],
  });

  /** The one it is bound to, and those that are kept for it. */
  function volumesFor(claim: KubeObject | undefined): string[] {
    if (claim === undefined) return [];
    if (claim.spec?.volumeName) return [claim.spec.volumeName];
    const key = objectKey(claim);
    const reserved = ({ spec }: KubeObject) => key === `${spec?.claimRef?.namespace}/${spec?.claimRef?.name}`;
    return caches.volumes.list().filter(reserved).map(nameOf);
  }
}

function isMade(volume: KubeObject): boolean {
  return volume.metadata.annotations?.[PROVISIONED_BY] !== undefined;
}

function withFinalizers(volume: KubeObject, finalizers: string[]): KubeObject['metadata'] {
  return { ...volume.metadata, finalizers };
}

/** Why the controller cannot delete what a person has made; null when it can, or leaves it to somebody else. */
function undeletable({ metadata, spec }: KubeObject): string | null {
  if (spec?.csi !== undefined) return null;
  if (spec?.hostPath === undefined)
    return `error getting deleter volume plugin for volume "${metadata.name}": no deletable volume plugin matched`;
  const path: string = spec.hostPath.path ?? '';
  return DELETABLE_FOLDER.test(path) ? null : `host_path deleter only supports /tmp/.+ but received provided ${path}`;
}
