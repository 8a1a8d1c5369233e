/** PersistentVolumeClaims: provisioned and bound, at once or when a pod names them, released and removed again. */
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { behavioursOf } from '../kubelet/behaviour.ts';
import { PROVIDERS } from '../profiles/providers.ts';
import { runController } from '../sim/controller.ts';
import { claimsOf, podsWithClaim } from '../sim/indexes.ts';
import { controllerReference, isDeleting, nameOf, namespaceOf, sameValue, uidOf } from '../sim/objects.ts';
import { isFinished, podCondition } from '../sim/pods.ts';
import { VOLUME_CLAIMS, VOLUMES } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { deleteObject } from './common.ts';
import { bestVolume, isBound, NO_PROVISIONER, SELECTED_NODE, waitsForConsumer } from './volume-fit.ts';

const COMPONENT = 'persistentvolume-controller';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** A claim that waits is looked at, and told of, again and again. */
const RESYNC_MS = 15_000;
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const PROTECTION = 'kubernetes.io/pvc-protection';

export function runVolumes(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  /** The only one that runs in this cluster. */
  const { provisioner } = PROVIDERS[world.profile.providerKey].storageClass;

  async function reconcile(key: string): Promise<number | undefined> {
    if (key.startsWith('volume:')) await release(key.slice('volume:'.length));
    else if (key.startsWith('pod:')) await claimsOfEphemeral(key.slice('pod:'.length));
    else return await bind(key);
    return undefined;
  }

  const again = RESYNC_MS * Math.max(world.pace, SLOWEST_PACE);

  /** Milliseconds after which it is worth another try, if it is. */
  async function bind(key: string): Promise<number | undefined> {
    const claim = caches.volumeClaims.get(key);
    if (claim === undefined) return undefined;
    if (isDeleting(claim)) {
      await letGo(claim);
      return undefined;
    }
    if (
      claim.metadata.annotations?.[BIND_COMPLETED] !== undefined &&
      !caches.volumes.get(claim.spec?.volumeName ?? '')
    ) {
      await lost(claim);
      return undefined;
    }
    if (isBound(claim)) {
      await grow(claim);
      return undefined;
    }
    const storageClass = classOf(claim);
    const delayed = waitsForConsumer(storageClass ?? undefined);
    const existing = bestVolume(claim, caches.volumes.list(), undefined, delayed);
    if (existing !== undefined) {
      await settle(claim, existing);
      return undefined;
    }
    if (storageClass === null) {
      await pending(claim);
      tell(claim, 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
      return again;
    }
    if (storageClass === undefined) {
      await pending(claim);
      const message = `storageclass.storage.k8s.io "${claim.spec?.storageClassName}" not found`;
      tell(claim, 'ProvisioningFailed', message, 'Warning');
      return again;
    }
    if (delayed && claim.metadata.annotations?.[SELECTED_NODE] === undefined) {
      await pending(claim);
      tellWaiting(claim);
      return again;
    }
    const driver: string = storageClass.provisioner ?? '';
    if (driver !== provisioner) {
      await pending(claim);
      if (driver === NO_PROVISIONER)
        tell(claim, 'ProvisioningFailed', `no volume plugin matched name: ${driver}`, 'Warning');
      else {
        await handOver(claim, driver);
        tellExternal(claim, driver);
      }
      return again;
    }
    tellExternal(claim, driver);
    const name = objectKey(claim);
    tell(claim, 'Provisioning', `External provisioner is provisioning volume for claim "${name}"`, 'Normal', driver);
    if ([storageClass, claim].some((one) => behavioursOf(one).includes('provisioning-fails'))) {
      await pending(claim);
      await handOver(claim, driver);
      tellFailure(claim, storageClass);
      // As the external provisioner does: another node may be chosen, or it is tried again and again.
      if (delayed) await deselect(claim);
      return again;
    }
    await settle(claim, await provision(claim, storageClass));
    return undefined;
  }

  /** A claim that had its volume has no other. */
  async function lost(claim: KubeObject): Promise<void> {
    if (claim.status?.phase === 'Lost') return;
    const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
    await updateStatus(client, VOLUME_CLAIMS, caches.volumeClaims, claim, { ...claim.status, phase: 'Lost' });
    tell(claim, 'ClaimLost', message, 'Warning');
  }

  function tellWaiting(claim: KubeObject): void {
    const stuck = consumers(claim).filter(
      (pod) => !pod.spec?.nodeName && podCondition(pod, 'PodScheduled')?.reason === 'Unschedulable',
    );
    if (stuck.length === 0)
      tell(claim, 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
    else {
      const names = stuck.map(nameOf).sort().join(',');
      tell(claim, 'WaitForPodScheduled', `waiting for pod${stuck.length > 1 ? 's' : ''} ${names} to be scheduled`);
    }
  }

  function tellExternal(claim: KubeObject, driver: string): void {
    tell(
      claim,
      'ExternalProvisioning',
      `Waiting for a volume to be created either by the external provisioner '${driver}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
    );
  }

  /** Says on the claim whose it is to make its volume. */
  async function handOver(claim: KubeObject, driver: string): Promise<void> {
    const annotations = provisionedBy(driver);
    if (Object.entries(annotations).every(([key, value]) => claim.metadata.annotations?.[key] === value)) return;
    const namespace = namespaceOf(claim);
    caches.volumeClaims.wrote(
      await client.patch(VOLUME_CLAIMS, nameOf(claim), 'merge', { metadata: { annotations } }, { namespace }),
    );
  }

  async function deselect(claim: KubeObject): Promise<void> {
    const change = { metadata: { annotations: { [SELECTED_NODE]: null } } };
    const namespace = namespaceOf(claim);
    caches.volumeClaims.wrote(await client.patch(VOLUME_CLAIMS, nameOf(claim), 'merge', change, { namespace }));
  }

  /** Generic ephemeral volumes: a claim that belongs to the pod. */
  async function claimsOfEphemeral(key: string): Promise<void> {
    const pod = caches.pods.get(key);
    if (pod === undefined || isDeleting(pod) || isFinished(pod)) return;
    const namespace = namespaceOf(pod);
    for (const volume of (pod.spec?.volumes ?? []) as Json[]) {
      const name = `${nameOf(pod)}-${volume.name}`;
      if (volume.ephemeral === undefined || caches.volumeClaims.get(`${namespace}/${name}`) !== undefined) continue;
      const template: Json = volume.ephemeral.volumeClaimTemplate ?? {};
      const metadata = {
        ...template.metadata,
        name,
        namespace,
        ownerReferences: [controllerReference(pod, 'v1', 'Pod')],
      };
      const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: template.spec };
      try {
        caches.volumeClaims.wrote(await client.create(VOLUME_CLAIMS, claim, { namespace }));
      } catch (error) {
        if (!isAlreadyExists(error) && !isNotFound(error)) throw error;
      }
    }
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
  function classOf(claim: KubeObject): KubeObject | undefined | null {
    const name: string | undefined = claim.spec?.storageClassName;
    if (name === '') return null;
    if (name !== undefined) return caches.storageClasses.get(name);
    return caches.storageClasses.list().find((item) => item.metadata.annotations?.[DEFAULT_CLASS] === 'true') ?? null;
  }

  async function provision(claim: KubeObject, storageClass: KubeObject): Promise<KubeObject> {
    const name = `pvc-${uidOf(claim)}`;
    const driver: string = storageClass.provisioner ?? provisioner;
    const volume: KubeObject = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { [PROVISIONED_BY]: driver } },
      spec: {
        accessModes: claim.spec?.accessModes ?? ['ReadWriteOnce'],
        capacity: { storage: claim.spec?.resources?.requests?.storage ?? '1Gi' },
        claimRef: claimReference(claim),
        ...sourceOf(claim, driver),
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

  /** A disk is in the zone of the node it was made for; a folder, which a provisioner that is no CSI driver makes, on that node. */
  function sourceOf(claim: KubeObject, driver: string): Json {
    const node = caches.nodes.get(claim.metadata.annotations?.[SELECTED_NODE] ?? '');
    // Names of CSI drivers have no slash.
    const folder = driver.includes('/');
    const key = folder ? HOSTNAME : ZONE;
    const place = node?.metadata.labels?.[key];
    const uid = uidOf(claim);
    const path = `/var/lib/rancher/k3s/storage/pvc-${uid}_${claim.metadata.namespace}_${nameOf(claim)}`;
    return {
      ...(folder
        ? { hostPath: { path, type: 'DirectoryOrCreate' } }
        : { csi: { driver, fsType: 'ext4', volumeHandle: `d-${uid.replaceAll('-', '').slice(0, 20)}` } }),
      ...(place === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: [inPlace(key, place)] } } }),
    };
  }

  function inPlace(key: string, place: string): Json {
    return { matchExpressions: [{ key, operator: 'In', values: [place] }] };
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
    const maker = volume.metadata.annotations?.[PROVISIONED_BY];
    if (claim.spec?.volumeName !== nameOf(volume)) {
      current = await client.update(VOLUME_CLAIMS, {
        ...claim,
        metadata: {
          ...claim.metadata,
          annotations: {
            ...claim.metadata.annotations,
            [BIND_COMPLETED]: 'yes',
            'pv.kubernetes.io/bound-by-controller': 'yes',
            ...(maker === undefined ? {} : provisionedBy(maker)),
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

  function unboundClaims(): KubeObject[] {
    return caches.volumeClaims.list().filter((claim) => !isBound(claim));
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
          const owner = volume.spec?.claimRef;
          if (deleted) return owner === undefined ? undefined : [`${owner.namespace}/${owner.name}`];
          // A free volume may be what a claim waits for, a reserved one is for one claim.
          const reference = volume.spec?.claimRef;
          const open = reference !== undefined ? [`${reference.namespace}/${reference.name}`] : [];
          if (reference === undefined && volume.status?.phase !== previous?.status?.phase)
            open.push(...unboundClaims().map(objectKey));
          return [`volume:${nameOf(volume)}`, ...open];
        },
      },
      {
        cache: caches.pods,
        on: (pod) => {
          const ephemeral = (pod.spec?.volumes ?? []).some((volume: Json) => volume.ephemeral !== undefined);
          return ephemeral ? [`pod:${objectKey(pod)}`, ...claimsOf(pod)] : claimsOf(pod);
        },
      },
      { cache: caches.storageClasses, on: () => unboundClaims().map(objectKey) },
    ],
  });
}

function provisionedBy(driver: string): Record<string, string> {
  return {
    'volume.beta.kubernetes.io/storage-provisioner': driver,
    'volume.kubernetes.io/storage-provisioner': driver,
  };
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
