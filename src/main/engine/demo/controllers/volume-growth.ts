/**
 * Claims that ask for more than they have. The provider's own driver enlarges the disk, the kubelet the file system on
 * it as soon as a pod runs there; a volume of another driver waits. Whether a claim may grow is the API server's to say.
 * Source: external-resizer, KEP-284, KEP-1790.
 */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import { PROVIDERS } from '../profiles/providers.ts';
import { runController } from '../sim/controller.ts';
import { claimsOf, podsWithClaim } from '../sim/indexes.ts';
import { findCondition, isDeleting, nameOf, setCondition } from '../sim/objects.ts';
import { VOLUME_CLAIMS, VOLUMES } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { isBound } from './volume-fit.ts';

const PENDING = 'FileSystemResizePending';
const WAITING = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.';

export function runVolumeGrowth(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  const { provisioner } = PROVIDERS[world.profile.providerKey].storageClass;

  async function reconcile(key: string): Promise<undefined> {
    const claim = caches.volumeClaims.get(key);
    if (claim === undefined || isDeleting(claim) || !wantsMore(claim)) return;
    const volume = caches.volumes.get(claim.spec?.volumeName ?? '');
    if (volume === undefined) return;
    if (findCondition(claim.status?.conditions, PENDING) === undefined || isSmaller(volume, claim))
      await enlarge(claim, volume);
    const latest = caches.volumeClaims.get(key) ?? claim;
    if (findCondition(latest.status?.conditions, PENDING) !== undefined) await finish(latest, volume);
  }

  async function enlarge(claim: KubeObject, volume: KubeObject): Promise<void> {
    tell(claim, 'volume_expand', 'ExternalExpanding', 'waiting for an external controller to expand this PVC');
    if (volume.spec?.csi?.driver !== provisioner) return;
    const resizer = `external-resizer ${provisioner}`;
    const { storage } = claim.spec?.resources?.requests ?? {};
    tell(claim, resizer, 'Resizing', `External resizer is resizing volume ${nameOf(volume)}`);
    const capacity = { ...volume.spec?.capacity, storage };
    caches.volumes.wrote(await client.update(VOLUMES, { ...volume, spec: { ...volume.spec, capacity } }));
    const pending = { type: PENDING, status: 'True' as const, message: WAITING };
    // By default since 1.32 (KEP-1790).
    const steps =
      minorOf(world.profile.version) < 32
        ? {}
        : { allocatedResources: { storage }, allocatedResourceStatuses: { storage: 'NodeResizePending' } };
    await updateStatus(client, VOLUME_CLAIMS, caches.volumeClaims, claim, {
      ...claim.status,
      ...steps,
      conditions: setCondition(claim.status?.conditions ?? [], pending, world.now()),
    });
    tell(claim, resizer, 'FileSystemResizeRequired', 'Require file system resize of volume on node');
  }

  async function finish(claim: KubeObject, volume: KubeObject): Promise<void> {
    const pod = podsWithClaim(caches, claim).find(({ status }) => status?.phase === 'Running');
    if (pod === undefined) return;
    const { conditions: _done, allocatedResourceStatuses: _steps, ...status } = claim.status ?? {};
    const { storage } = claim.spec?.resources?.requests ?? {};
    await updateStatus(world.clients.kubelet, VOLUME_CLAIMS, caches.volumeClaims, claim, {
      ...status,
      capacity: { ...status.capacity, storage },
    });
    const host: string = pod.spec?.nodeName ?? '';
    const message = `MountVolume.NodeExpandVolume succeeded for volume "${nameOf(volume)}" ${host}`;
    for (const about of [pod, claim])
      world.events.record(about, { component: 'kubelet', host, reason: 'FileSystemResizeSuccessful', message });
  }

  function tell(claim: KubeObject, component: string, reason: string, message: string): void {
    world.events.record(claim, { component, reason, message });
  }

  return runController(world, {
    name: 'volume-growth',
    reconcile,
    watch: [
      {
        cache: caches.volumeClaims,
        on: (claim, previous, deleted) => (!deleted && asksAnew(claim, previous) ? objectKey(claim) : undefined),
      },
      {
        cache: caches.pods,
        on: (pod, previous) =>
          pod.status?.phase === 'Running' && previous?.status?.phase !== 'Running' ? claimsOf(pod) : undefined,
      },
    ],
  });
}

function wantsMore(claim: KubeObject): boolean {
  const has = claim.status?.capacity?.storage;
  return isBound(claim) && has !== undefined && requested(claim) > parseQuantity(has);
}

function asksAnew(claim: KubeObject, previous: KubeObject | undefined): boolean {
  return (
    wantsMore(claim) && (previous === undefined || !wantsMore(previous) || requested(claim) !== requested(previous))
  );
}

function isSmaller(volume: KubeObject, claim: KubeObject): boolean {
  return parseQuantity(volume.spec?.capacity?.storage) < requested(claim);
}

function requested(claim: KubeObject): number {
  return parseQuantity(claim.spec?.resources?.requests?.storage);
}
