/**
 * PersistentVolumeClaims: provisioned and bound, at once or when a pod names them, kept while somebody uses them. What
 * becomes of the volumes is in volume-reclaim.ts, larger claims are in volume-growth.ts. Source: the volume controller's
 * behaviour, Kubernetes documentation "Persistent Volumes".
 */
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { behavioursOf } from '../kubelet/behaviour.ts';
import { isCsiDriver } from '../profiles/node-object.ts';
import { PROVIDERS } from '../profiles/providers.ts';
import { runController } from '../sim/controller.ts';
import { claimsOf, podsWithClaim } from '../sim/indexes.ts';
import { controllerReference, isDeleting, nameOf, namespaceOf, sameValue, uidOf } from '../sim/objects.ts';
import { isFinished, podCondition } from '../sim/pods.ts';
import { VOLUME_CLAIMS, VOLUMES } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  bestVolume,
  boundTo,
  claimReference,
  isBound,
  isReservedFor,
  mismatch,
  NO_PROVISIONER,
  SELECTED_NODE,
  waitsForConsumer,
} from './volume-fit.ts';
import { PROVISIONED_BY, PROVISIONER_HOLD } from './volume-reclaim.ts';

const COMPONENT = 'persistentvolume-controller';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';
/** A claim that waits is looked at, and told of, again and again. */
const RESYNC_MS = 15_000;
export const PROTECTION = 'kubernetes.io/pvc-protection';

export function runVolumes(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  /** The only one that runs in this cluster. */
  const { provisioner } = PROVIDERS[world.profile.providerKey].storageClass;

  async function reconcile(key: string): Promise<number | undefined> {
    if (!key.startsWith('pod:')) return await sync(key);
    await claimsOfEphemeral(key.slice('pod:'.length));
    return undefined;
  }

  const again = RESYNC_MS * Math.max(world.pace, SLOWEST_PACE);

  /** Milliseconds after which it is worth another try, if it is. */
  async function sync(key: string): Promise<number | undefined> {
    const claim = caches.volumeClaims.get(key);
    if (claim === undefined) return undefined;
    if (isDeleting(claim)) {
      await letGo(claim);
      return undefined;
    }
    if (!(claim.metadata.finalizers ?? []).includes(PROTECTION)) {
      const finalizers = [...(claim.metadata.finalizers ?? []), PROTECTION];
      const kept = { ...claim, metadata: { ...claim.metadata, finalizers } };
      caches.volumeClaims.wrote(await client.update(VOLUME_CLAIMS, kept));
      return undefined;
    }
    if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) {
      await syncBound(claim);
      return undefined;
    }
    return claim.spec?.volumeName ? await bindNamed(claim, claim.spec.volumeName) : await bind(claim);
  }

  async function syncBound(claim: KubeObject): Promise<void> {
    const volume = caches.volumes.get(claim.spec?.volumeName ?? '');
    const owner = volume?.spec?.claimRef;
    if (volume === undefined) {
      const what = claim.spec?.volumeName ? 'its PersistentVolume' : 'reference to PersistentVolume';
      await lost(claim, 'ClaimLost', `Bound claim has lost ${what}. Data on the volume is lost!`);
    } else if (owner === undefined || owner.uid === uidOf(claim)) await settle(claim, volume);
    else await lost(claim, 'ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
  }

  /** A claim that asks for one volume gets that or none. */
  async function bindNamed(claim: KubeObject, name: string): Promise<number | undefined> {
    const volume = caches.volumes.get(name);
    const reserved = volume !== undefined && isReservedFor(volume, claim);
    const wrong = volume === undefined || reserved ? null : mismatch(volume, claim);
    if (volume !== undefined && (reserved || (volume.spec?.claimRef === undefined && wrong === null))) {
      await settle(claim, volume);
      return undefined;
    }
    await pending(claim);
    if (volume?.spec?.claimRef !== undefined)
      tell(claim, 'FailedBinding', `volume "${name}" already bound to a different claim.`, 'Warning');
    else if (volume !== undefined)
      tell(claim, 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${wrong}`, 'Warning');
    return again;
  }

  async function bind(claim: KubeObject): Promise<number | undefined> {
    const storageClass = classOf(claim);
    const delayed = waitsForConsumer(storageClass ?? undefined);
    const existing = bestVolume(claim, caches.volumes.list(), undefined, delayed);
    if (existing !== undefined) {
      await settle(claim, existing);
      return undefined;
    }
    if (claim.spec?.storageClassName === undefined && storageClass) {
      // A default that came after the claim holds for it as well (KEP-3333).
      const spec = { storageClassName: nameOf(storageClass) };
      const namespace = namespaceOf(claim);
      caches.volumeClaims.wrote(await client.patch(VOLUME_CLAIMS, nameOf(claim), 'merge', { spec }, { namespace }));
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
    await handOver(claim, driver);
    tellExternal(claim, driver);
    const name = objectKey(claim);
    tell(claim, 'Provisioning', `External provisioner is provisioning volume for claim "${name}"`, 'Normal', driver);
    const failure = failureOf(claim, storageClass);
    if (failure !== null) {
      await pending(claim);
      tell(claim, 'ProvisioningFailed', failure, 'Warning', driver);
      // As the external provisioner does: another node may be chosen, or it is tried again and again.
      if (delayed) await deselect(claim);
      return again;
    }
    await settle(caches.volumeClaims.get(name) ?? claim, await provision(claim, storageClass));
    return undefined;
  }

  /** A claim that had its volume has no other. */
  async function lost(claim: KubeObject, reason: string, message: string): Promise<void> {
    if (claim.status?.phase === 'Lost') return;
    await updateStatus(client, VOLUME_CLAIMS, caches.volumeClaims, claim, { ...claim.status, phase: 'Lost' });
    tell(claim, reason, message, 'Warning');
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

  /** Why the provisioner makes no volume; null when it does. */
  function failureOf(claim: KubeObject, storageClass: KubeObject): string | null {
    const failed = `failed to provision volume with StorageClass "${nameOf(storageClass)}": `;
    const size = claim.spec?.resources?.requests?.storage ?? '';
    if ([storageClass, claim].some((one) => behavioursOf(one).includes('provisioning-fails')))
      return `${failed}rpc error: code = ResourceExhausted desc = not enough capacity for a volume of ${size}`;
    const attributes: string = claim.spec?.volumeAttributesClassName ?? '';
    return attributes === '' || caches.volumeAttributesClasses.get(attributes) !== undefined
      ? null
      : `${failed}volumeattributesclasses.storage.k8s.io "${attributes}" not found`;
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
    const attributes: string | undefined = claim.spec?.volumeAttributesClassName;
    const volume: KubeObject = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: madeBy(name, driver),
      spec: {
        accessModes: claim.spec?.accessModes ?? ['ReadWriteOnce'],
        capacity: { storage: claim.spec?.resources?.requests?.storage ?? '1Gi' },
        claimRef: claimReference(claim),
        ...sourceOf(claim, driver),
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        storageClassName: nameOf(storageClass),
        ...(attributes ? { volumeAttributesClassName: attributes } : {}),
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
    const folder = !isCsiDriver(driver);
    const key = folder ? HOSTNAME : ZONE;
    const place = node?.metadata.labels?.[key];
    const uid = uidOf(claim);
    // When the provisioner started, and who it is.
    const volumeAttributes = { 'storage.kubernetes.io/csiProvisionerIdentity': `${world.profile.seed}-8081-${driver}` };
    const path = `/var/lib/rancher/k3s/storage/pvc-${uid}_${claim.metadata.namespace}_${nameOf(claim)}`;
    return {
      ...(folder
        ? { hostPath: { path, type: 'DirectoryOrCreate' } }
        : {
            csi: {
              driver,
              fsType: 'ext4',
              volumeAttributes,
              volumeHandle: `d-${uid.replaceAll('-', '').slice(0, 20)}`,
            },
          }),
      ...(place === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: [inPlace(key, place)] } } }),
    };
  }

  function inPlace(key: string, place: string): Json {
    return { matchExpressions: [{ key, operator: 'In', values: [place] }] };
  }

  /** In the order of the real controller: the volume, its phase, the claim, its phase. */
  async function settle(claim: KubeObject, volume: KubeObject): Promise<void> {
    let bound = boundTo(volume, claim);
    if (bound !== volume) {
      bound = await client.update(VOLUMES, bound);
      caches.volumes.wrote(bound);
    }
    if (bound.status?.phase !== 'Bound')
      await updateStatus(client, VOLUMES, caches.volumes, bound, { ...bound.status, phase: 'Bound' });
    let current = claim;
    const { annotations } = claim.metadata;
    const named = claim.spec?.volumeName === nameOf(volume);
    if (!named || annotations?.[BIND_COMPLETED] === undefined) {
      const marks = { [BIND_COMPLETED]: 'yes', ...(named ? {} : { [BOUND_BY_CONTROLLER]: 'yes' }) };
      current = await client.update(VOLUME_CLAIMS, {
        ...claim,
        metadata: { ...claim.metadata, annotations: { ...annotations, ...marks } },
        spec: { ...claim.spec, volumeName: nameOf(volume) },
      });
      caches.volumeClaims.wrote(current);
    }
    if (current.status?.phase === 'Bound') return;
    await updateStatus(client, VOLUME_CLAIMS, caches.volumeClaims, current, {
      ...current.status,
      phase: 'Bound',
      accessModes: volume.spec?.accessModes ?? [],
      capacity: volume.spec?.capacity ?? {},
      ...(volume.spec?.volumeAttributesClassName === undefined
        ? {}
        : { currentVolumeAttributesClassName: volume.spec.volumeAttributesClassName }),
    });
  }

  /** Protection ends when no pod that has a node names the claim any more, be it over or not. */
  async function letGo(claim: KubeObject): Promise<void> {
    const finalizers = claim.metadata.finalizers ?? [];
    if (!finalizers.includes(PROTECTION) || podsWithClaim(caches, claim).some(({ spec }) => spec?.nodeName)) return;
    try {
      await client.update(VOLUME_CLAIMS, {
        ...claim,
        metadata: { ...claim.metadata, finalizers: finalizers.filter((finalizer) => finalizer !== PROTECTION) },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
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
      { cache: caches.volumeClaims, on: (claim, _previous, deleted) => (deleted ? undefined : objectKey(claim)) },
      {
        cache: caches.volumes,
        on: (volume, previous, deleted) => {
          // A free volume may be what a claim waits for, a reserved one is for one claim.
          const owner = volume.spec?.claimRef;
          const keys = owner === undefined ? [] : [`${owner.namespace}/${owner.name}`];
          if (!deleted && volume.status?.phase !== previous?.status?.phase)
            keys.push(...unboundClaims().map(objectKey));
          return keys;
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

/** A CSI driver keeps its hold on what it made until the disk behind it is gone. */
function madeBy(name: string, driver: string): KubeObject['metadata'] {
  if (!isCsiDriver(driver)) return { name, annotations: { [PROVISIONED_BY]: driver } };
  const secret = 'volume.kubernetes.io/provisioner-deletion-secret';
  return {
    name,
    annotations: { [PROVISIONED_BY]: driver, [`${secret}-name`]: '', [`${secret}-namespace`]: '' },
    finalizers: [PROVISIONER_HOLD],
  };
}

function provisionedBy(driver: string): Record<string, string> {
  return {
    'volume.beta.kubernetes.io/storage-provisioner': driver,
    'volume.kubernetes.io/storage-provisioner': driver,
  };
}
