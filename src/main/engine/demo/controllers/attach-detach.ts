/**
 * VolumeAttachments: disks go to the nodes whose pods use them, and away again when none does. A disk that only one node
 * may have is not given to a second. Only the provider's own driver attaches; a volume of another one waits for its
 * external-attacher, as on a real cluster. Source: attach/detach controller, CSI volume attacher.
 */
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { isDown } from '../kubelet/kubelet.ts';
import { PROVIDERS } from '../profiles/providers.ts';
import { attachmentName } from '../sim/attachments.ts';
import { runController } from '../sim/controller.ts';
import { claimsOf } from '../sim/indexes.ts';
import { nameOf } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { VOLUME_ATTACHMENTS } from '../sim/refs.ts';
import { type Caches, type Controller, updateStatus, type World } from '../sim/world.ts';

const COMPONENT = 'attachdetach-controller';
/** How long an external-attacher may take before it is missed. */
const ATTACHER_MS = 120_000;
const SHARED = /^(ReadWriteMany|ReadOnlyMany)$/;

export function runAttachDetach(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  const { provisioner } = PROVIDERS[world.profile.providerKey].storageClass;
  /** When an attachment that was begun is there, or is missed; by its name. */
  const due = new Map<string, number>();

  async function reconcile(name: string): Promise<number | undefined> {
    const volume = caches.volumes.get(name);
    const driver: string | undefined = volume?.spec?.csi?.driver;
    const users = driver === undefined ? new Map<string, KubeObject[]>() : usersOf(caches, name);
    const attachments = caches.volumeAttachments
      .list()
      .filter((one) => one.spec?.source?.persistentVolumeName === name);
    for (const attachment of attachments) {
      const node: string = attachment.spec?.nodeName ?? '';
      // Nobody can say whether a silent node still writes to the disk.
      if (!users.has(node) && !isDown(caches.nodes.get(node))) await detach(attachment);
    }
    if (volume === undefined || driver === undefined) return undefined;
    const waits: number[] = [];
    for (const [node, pods] of users) {
      let attachment = attachments.find((one) => one.spec?.nodeName === node);
      const others = attachments.filter((one) => one.spec?.nodeName !== node);
      if (attachment === undefined && others.length > 0 && !isShared(volume)) {
        const holders = others.flatMap((one) => users.get(one.spec?.nodeName ?? '') ?? []).map(nameOf);
        const by =
          holders.length === 0
            ? "is already exclusively attached to one node and can't be attached to another"
            : `is already used by pod(s) ${holders.join(', ')}`;
        for (const pod of pods) tellFailure(pod, `Multi-Attach error for volume "${name}" Volume ${by}`);
        continue;
      }
      attachment ??= await create(volume, driver, node);
      // The next node sees it as taken.
      if (attachment !== undefined && !attachments.includes(attachment)) attachments.push(attachment);
      if (attachment !== undefined) waits.push(await attach(volume, driver, pods, attachment));
    }
    const next = waits.filter((wait) => wait > 0);
    return next.length === 0 ? undefined : Math.min(...next);
  }

  /** Milliseconds until it is worth looking again; 0: it is there. */
  async function attach(
    volume: KubeObject,
    driver: string,
    pods: readonly KubeObject[],
    known: KubeObject,
  ): Promise<number> {
    if (known.status?.attached === true) return 0;
    const now = world.now();
    const own = driver === provisioner;
    const takes = own ? world.random.between(300, 1200) * world.pace : ATTACHER_MS * Math.max(world.pace, SLOWEST_PACE);
    const when = due.get(nameOf(known)) ?? now + takes;
    due.set(nameOf(known), when);
    if (when > now) return when - now;
    due.delete(nameOf(known));
    if (!own) {
      const text = `AttachVolume.Attach failed for volume "${nameOf(volume)}" : timed out waiting for external-attacher of ${driver} CSI driver to attach volume ${volume.spec?.csi?.volumeHandle ?? ''}`;
      for (const pod of pods) tellFailure(pod, text);
      return takes;
    }
    await updateStatus(client, VOLUME_ATTACHMENTS, caches.volumeAttachments, known, { attached: true });
    for (const pod of pods)
      world.events.record(pod, {
        component: COMPONENT,
        reason: 'SuccessfulAttachVolume',
        message: `AttachVolume.Attach succeeded for volume "${nameOf(volume)}" `,
      });
    return 0;
  }

  async function create(volume: KubeObject, driver: string, node: string): Promise<KubeObject | undefined> {
    try {
      const made = await client.create(VOLUME_ATTACHMENTS, {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name: attachmentName(nameOf(volume), driver, node) },
        spec: { attacher: driver, nodeName: node, source: { persistentVolumeName: nameOf(volume) } },
      });
      caches.volumeAttachments.wrote(made);
      return made;
    } catch (error) {
      // The watch will tell.
      if (!isAlreadyExists(error)) throw error;
      return undefined;
    }
  }

  async function detach(attachment: KubeObject): Promise<void> {
    due.delete(nameOf(attachment));
    try {
      await client.delete(VOLUME_ATTACHMENTS, nameOf(attachment));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    caches.volumeAttachments.removed(attachment);
  }

  function tellFailure(pod: KubeObject, message: string): void {
    world.events.record(pod, { component: COMPONENT, type: 'Warning', reason: 'FailedAttachVolume', message });
  }

  const volumesOf = (pod: KubeObject): string[] =>
    claimsOf(pod).flatMap((key) => caches.volumeClaims.get(key)?.spec?.volumeName ?? []);

  return runController(world, {
    name: COMPONENT,
    reconcile,
    watch: [
      {
        cache: caches.pods,
        on: (pod, previous, deleted) => {
          const same =
            !deleted &&
            previous?.spec?.nodeName === pod.spec?.nodeName &&
            isFinished(pod) === isFinished(previous ?? pod);
          return same || !pod.spec?.nodeName ? undefined : volumesOf(pod);
        },
      },
      { cache: caches.volumeClaims, on: (claim) => claim.spec?.volumeName || undefined },
      {
        cache: caches.volumeAttachments,
        on: (attachment) => attachment.spec?.source?.persistentVolumeName || undefined,
      },
    ],
  });
}

/** Pods that have a node and use the volume, by node. */
function usersOf(caches: Caches, volume: string): Map<string, KubeObject[]> {
  const reference = caches.volumes.get(volume)?.spec?.claimRef;
  const users = new Map<string, KubeObject[]>();
  if (reference === undefined) return users;
  const key = `${reference.namespace}/${reference.name}`;
  const claim = caches.volumeClaims.get(key);
  if (claim?.spec?.volumeName !== volume) return users;
  for (const pod of caches.pods.byIndex('claim', key)) {
    const node: string = pod.spec?.nodeName ?? '';
    if (node === '' || isFinished(pod)) continue;
    users.set(node, [...(users.get(node) ?? []), pod]);
  }
  return users;
}

function isShared(volume: KubeObject): boolean {
  return (volume.spec?.accessModes ?? []).some((mode: string) => SHARED.test(mode));
}
