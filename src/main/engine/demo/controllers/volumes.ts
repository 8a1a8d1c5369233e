/** PersistentVolumeClaims: provisioned and bound, at once or when a pod names them, released and removed again. */
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { behavioursOf } from '../kubelet/behaviour.ts';
import { PROVIDERS, type Provider } from '../profiles/providers.ts';
import { runController } from '../sim/controller.ts';
import { claimsOf, podsWithClaim } from '../sim/indexes.ts';
import { isDeleting, nameOf, namespaceOf, sameValue, uidOf } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { STORAGE_CLASSES, VOLUME_CLAIMS, VOLUMES } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { deleteObject } from './common.ts';

const COMPONENT = 'persistentvolume-controller';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
const RETRY_PROVISIONING_MS = 15_000;
export const PROTECTION = 'kubernetes.io/pvc-protection';

export function runVolumes(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;

  async function reconcile(key: string): Promise<number | undefined> {
    if (!key.startsWith('volume:')) return await bind(key);
    await release(key.slice('volume:'.length));
    return undefined;
  }

  /** Milliseconds after which it is worth another try, if it is. */
  async function bind(key: string): Promise<number | undefined> {
    const claim = caches.volumeClaims.get(key);
    if (claim === undefined) return undefined;
    if (isDeleting(claim)) {
      await letGo(claim);
      return undefined;
    }
    if (claim.status?.phase === 'Bound') {
      await grow(claim);
      return undefined;
    }
    const wanted = parseQuantity(claim.spec?.resources?.requests?.storage);
    const existing = await staticVolume(claim, wanted);
    if (existing !== undefined) {
      await settle(claim, existing);
      return undefined;
    }
    const storageClass = await classOf(claim);
    if (storageClass === null) {
      await pending(claim);
      tell(claim, 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
      return undefined;
    }
    if (storageClass === undefined) {
      await pending(claim);
      tell(
        claim,
        'ProvisioningFailed',
        `storageclass.storage.k8s.io "${claim.spec?.storageClassName}" not found`,
        'Warning',
      );
      return undefined;
    }
    if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && consumers(claim).length === 0) {
      await pending(claim);
      tell(claim, 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
      return undefined;
    }
    if (behavioursOf(storageClass).includes('provisioning-fails')) {
      await pending(claim);
      tellFailure(claim, storageClass);
      // As the external provisioner does, it is tried again and again.
      return RETRY_PROVISIONING_MS * Math.max(world.pace, SLOWEST_PACE);
    }
    await settle(claim, await provision(claim, storageClass));
    return undefined;
  }

  function tellFailure(claim: KubeObject, storageClass: KubeObject): void {
    const driver: string = storageClass.provisioner ?? '';
    const size = claim.spec?.resources?.requests?.storage ?? '';
    tell(
      claim,
      'ProvisioningFailed',
      `failed to provision volume with StorageClass "${nameOf(storageClass)}": rpc error: code = ResourceExhausted desc = not enough capacity for a volume of ${size}`,
      'Warning',
      driver,
    );
  }

  /** Undefined: named and not there; null: none named and no default. */
  async function classOf(claim: KubeObject): Promise<KubeObject | undefined | null> {
    const name: string | undefined = claim.spec?.storageClassName;
    if (name === '') return null;
    if (name !== undefined) return (await client.find(STORAGE_CLASSES, name)) ?? undefined;
    const { items } = await client.list(STORAGE_CLASSES);
    return items.find((item) => item.metadata.annotations?.[DEFAULT_CLASS] === 'true') ?? null;
  }

  async function staticVolume(claim: KubeObject, wanted: number): Promise<KubeObject | undefined> {
    const name: string | undefined = claim.spec?.volumeName;
    return caches.volumes
      .list()
      .filter((volume) => {
        const reference = volume.spec?.claimRef;
        if (reference?.uid === uidOf(claim)) return true;
        if (reference !== undefined || isDeleting(volume)) return false;
        if (name !== undefined && name !== '') return nameOf(volume) === name;
        return (
          (volume.spec?.storageClassName ?? '') === (claim.spec?.storageClassName ?? '') &&
          parseQuantity(volume.spec?.capacity?.storage) >= wanted
        );
      })
      .sort((a, b) => parseQuantity(a.spec?.capacity?.storage) - parseQuantity(b.spec?.capacity?.storage))[0];
  }

  async function provision(claim: KubeObject, storageClass: KubeObject): Promise<KubeObject> {
    const name = `pvc-${uidOf(claim)}`;
    const provider: Provider = PROVIDERS[world.profile.providerKey];
    const driver: string = storageClass.provisioner ?? provider.storageClass.provisioner;
    const volume: KubeObject = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': driver } },
      spec: {
        accessModes: claim.spec?.accessModes ?? ['ReadWriteOnce'],
        capacity: { storage: claim.spec?.resources?.requests?.storage ?? '1Gi' },
        claimRef: claimReference(claim),
        csi: { driver, fsType: 'ext4', volumeHandle: `d-${uidOf(claim).replaceAll('-', '').slice(0, 20)}` },
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        storageClassName: nameOf(storageClass),
        volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
      },
    };
    try {
      const created = await client.create(VOLUMES, volume);
      caches.volumes.wrote(created);
      tell(claim, 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`, 'Normal', driver);
      return created;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return await client.get(VOLUMES, name);
    }
  }

  async function settle(claim: KubeObject, volume: KubeObject): Promise<void> {
    let bound = volume;
    if (volume.spec?.claimRef?.uid !== uidOf(claim)) {
      bound = await client.update(VOLUMES, { ...volume, spec: { ...volume.spec, claimRef: claimReference(claim) } });
      caches.volumes.wrote(bound);
    }
    if (bound.status?.phase !== 'Bound') {
      await updateStatus(client, VOLUMES, caches.volumes, bound, { ...bound.status, phase: 'Bound' });
    }
    let current = claim;
    if (claim.spec?.volumeName !== nameOf(volume)) {
      current = await client.update(VOLUME_CLAIMS, {
        ...claim,
        metadata: {
          ...claim.metadata,
          annotations: {
            ...claim.metadata.annotations,
            'pv.kubernetes.io/bind-completed': 'yes',
            'pv.kubernetes.io/bound-by-controller': 'yes',
          },
        },
        spec: { ...claim.spec, volumeName: nameOf(volume) },
      });
      caches.volumeClaims.wrote(current);
    }
    await updateStatus(client, VOLUME_CLAIMS, caches.volumeClaims, current, {
      ...current.status,
      phase: 'Bound',
      accessModes: volume.spec?.accessModes ?? [],
      capacity: volume.spec?.capacity ?? {},
    });
  }

  /** Expansion of a bound claim, where the class allows it the API server has let the larger request through. */
  async function grow(claim: KubeObject): Promise<void> {
    const wanted = claim.spec?.resources?.requests?.storage;
    if (parseQuantity(wanted) <= parseQuantity(claim.status?.capacity?.storage)) return;
    const volume = caches.volumes.get(claim.spec?.volumeName ?? '');
    if (volume === undefined) return;
    const capacity = { ...volume.spec?.capacity, storage: wanted };
    caches.volumes.wrote(await client.update(VOLUMES, { ...volume, spec: { ...volume.spec, capacity } }));
    await updateStatus(client, VOLUME_CLAIMS, caches.volumeClaims, claim, { ...claim.status, capacity });
    tell(claim, 'FileSystemResizeSuccessful', 'MountVolume.NodeExpandVolume succeeded for volume', 'Normal', 'kubelet');
  }

  /** Protection ends when no pod uses the claim any more. */
  async function letGo(claim: KubeObject): Promise<void> {
    const finalizers = claim.metadata.finalizers ?? [];
    if (!finalizers.includes(PROTECTION) || consumers(claim).length > 0) return;
    try {
      await client.update(VOLUME_CLAIMS, {
        ...claim,
        metadata: { ...claim.metadata, finalizers: finalizers.filter((finalizer) => finalizer !== PROTECTION) },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async function release(name: string): Promise<void> {
    const volume = caches.volumes.get(name);
    if (volume === undefined) return;
    if (isDeleting(volume)) {
      await freeVolume(volume);
      return;
    }
    const reference = volume.spec?.claimRef;
    if (reference === undefined) {
      await phase(volume, 'Available');
      return;
    }
    const claim = caches.volumeClaims.get(`${reference.namespace}/${reference.name}`);
    if (claim !== undefined && (reference.uid === undefined || claim.metadata.uid === reference.uid)) return;
    if (volume.status?.phase !== 'Bound') return;
    if (volume.spec?.persistentVolumeReclaimPolicy === 'Delete')
      await deleteObject(world, VOLUMES, caches.volumes, volume);
    else await phase(volume, 'Released');
  }

  async function freeVolume(volume: KubeObject): Promise<void> {
    const reference = volume.spec?.claimRef;
    const claim =
      reference === undefined ? undefined : caches.volumeClaims.get(`${reference.namespace}/${reference.name}`);
    if (claim !== undefined && claim.metadata.uid === reference?.uid) return;
    const finalizers = volume.metadata.finalizers ?? [];
    const rest = finalizers.filter((finalizer) => finalizer !== 'kubernetes.io/pv-protection');
    if (rest.length === finalizers.length) return;
    await client.update(VOLUMES, { ...volume, metadata: { ...volume.metadata, finalizers: rest } });
  }

  async function phase(volume: KubeObject, next: string): Promise<void> {
    if (volume.status?.phase === next) return;
    await updateStatus(client, VOLUMES, caches.volumes, volume, { ...volume.status, phase: next });
  }

  async function pending(claim: KubeObject): Promise<void> {
    const status = { ...claim.status, phase: 'Pending' };
    if (!sameValue(status, claim.status)) await updateStatus(client, VOLUME_CLAIMS, caches.volumeClaims, claim, status);
  }

  function consumers(claim: KubeObject): KubeObject[] {
    return podsWithClaim(caches, claim).filter((pod) => !isFinished(pod));
  }

  function tell(
    claim: KubeObject,
    reason: string,
    message: string,
    type: 'Normal' | 'Warning' = 'Normal',
    component = COMPONENT,
  ): void {
    world.events.record(claim, { component, type, reason, message });
  }

  return runController(world, {
    name: COMPONENT,
    reconcile,
    watch: [
      {
        cache: caches.volumeClaims,
        on: (claim, _previous, deleted) =>
          deleted && claim.spec?.volumeName ? [`volume:${claim.spec.volumeName}`] : objectKey(claim),
      },
      {
        cache: caches.volumes,
        on: (volume, previous, deleted) => {
          if (deleted) return undefined;
          const open = caches.volumeClaims.list().filter((claim) => claim.status?.phase !== 'Bound');
          return [`volume:${nameOf(volume)}`, ...(previous === undefined ? open.map(objectKey) : [])];
        },
      },
      { cache: caches.pods, on: (pod) => claimsOf(pod) },
    ],
  });
}

function claimReference(claim: KubeObject): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    name: nameOf(claim),
    namespace: namespaceOf(claim),
    uid: uidOf(claim),
  };
}
