/**
 * VolumeAttachments: disks go to the nodes whose pods use them, and away again when none does. A disk that only one node
 * may have is not given to a second. Only the provider's own driver attaches; a volume of another one waits for its
 * external-attacher, as on a real cluster. Source: attach/detach controller, CSI volume attacher.
 */
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { isDown } from '../kubelet/kubelet.ts';
import { PROVIDERS } from '../profiles/providers.ts';
import { attachmentName } from '../sim/attachments.ts';
import { runController } from '../sim/controller.ts';
import { claimsOf } from '../sim/indexes.ts';
import { nameOf } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { VOLUME_ATTACHMENTS, VOLUMES } from '../sim/refs.ts';
import type { Taint } from '../sim/selectors.ts';
import { type Caches, type Controller, updateStatus, type World } from '../sim/world.ts';

const COMPONENT = 'attachdetach-controller';
/** How long an external-attacher may take before it is missed. */
const ATTACHER_MS = 120_000;
/** How long a silent node keeps a disk. */
const SILENT_MS = 6 * 60_000;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
const HOLD = 'external-attacher/';
const NODE_ID = 'csi.alpha.kubernetes.io/node-id';
const SHARED = /^(ReadWriteMany|ReadOnlyMany)$/;

/** How its attachments are called; others are somebody else's. */
const OWN = 'csi-';

export function runAttachDetach(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  const { provisioner } = PROVIDERS[world.profile.providerKey].storageClass;
  /** When an attachment that was begun is there, or is missed; by its name. */
  const due = new Map<string, number>();
  /** Since when a disk is not needed where it is, by attachment. */
  const unneeded = new Map<string, number>();

  async function reconcile(name: string): Promise<number | undefined> {
    const volume = caches.volumes.get(name);
    const driver: string | undefined = volume?.spec?.csi?.driver;
    const users = driver === undefined ? new Map<string, KubeObject[]>() : usersOf(caches, name);
    const attachments = caches.volumeAttachments
      .list()
      .filter((one) => one.spec?.source?.persistentVolumeName === name && nameOf(one).startsWith(OWN));
    let left = attachments.length;
    const waits: number[] = [];
    for (const attachment of attachments) {
      const node: string = attachment.spec?.nodeName ?? '';
      if (users.has(node)) {
        unneeded.delete(nameOf(attachment));
        continue;
      }
      const since = unneeded.get(nameOf(attachment)) ?? world.now();
      unneeded.set(nameOf(attachment), since);
      const wait = detachesAt(caches.nodes.get(node), since, world.pace) - world.now();
      if (wait > 0) {
        waits.push(wait);
        continue;
      }
      await detach(attachment);
      left -= 1;
    }
    if (volume === undefined || driver === undefined) return waits.length === 0 ? undefined : Math.min(...waits);
    if (left === 0 && users.size === 0) await letGo(volume);
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
    const held = await hold(volume, driver, known);
    await updateStatus(client, VOLUME_ATTACHMENTS, caches.volumeAttachments, held, { attached: true });
    for (const pod of pods)
      world.events.record(pod, {
        component: COMPONENT,
        reason: 'SuccessfulAttachVolume',
        message: `AttachVolume.Attach succeeded for volume "${nameOf(volume)}" `,
      });
    return 0;
  }

  /** The driver's own mark on what it attaches, and on the disk. */
  async function hold(volume: KubeObject, driver: string, attachment: KubeObject): Promise<KubeObject> {
    const mark = holdOf(driver);
    if (!(volume.metadata.finalizers ?? []).includes(mark)) {
      const finalizers = [...(volume.metadata.finalizers ?? []), mark];
      const marked = { ...volume, metadata: { ...volume.metadata, finalizers } };
      caches.volumes.wrote(await client.update(VOLUMES, marked));
    }
    const drivers: Json[] = caches.csiNodes.get(attachment.spec?.nodeName ?? '')?.spec?.drivers ?? [];
    const nodeId = drivers.find(({ name }) => name === driver)?.nodeID;
    const annotations: Record<string, string> = nodeId === undefined ? {} : { [NODE_ID]: nodeId };
    const held = { ...attachment, metadata: { ...attachment.metadata, annotations, finalizers: [mark] } };
    return await client.update(VOLUME_ATTACHMENTS, held);
  }

  /** A disk that is nowhere any more. */
  async function letGo(volume: KubeObject): Promise<void> {
    const finalizers = volume.metadata.finalizers ?? [];
    const rest = finalizers.filter((finalizer) => !finalizer.startsWith(HOLD));
    if (rest.length === finalizers.length) return;
    const free = { ...volume, metadata: { ...volume.metadata, finalizers: rest } };
    try {
      caches.volumes.wrote(await client.update(VOLUMES, free));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async function create(volume: KubeObject, driver: string, node: string): Promise<KubeObject | undefined> {
    try {
      const made = await client.create(VOLUME_ATTACHMENTS, {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name: attachmentName(volume, node) },
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
    unneeded.delete(nameOf(attachment));
    try {
      // The driver lets go of what has been asked to go.
      await client.delete(VOLUME_ATTACHMENTS, nameOf(attachment));
      if ((attachment.metadata.finalizers?.length ?? 0) > 0)
        await client.patch(VOLUME_ATTACHMENTS, nameOf(attachment), 'merge', { metadata: { finalizers: null } });
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
      {
        cache: caches.nodes,
        on: (node, previous, deleted) =>
          deleted || isDown(node) !== isDown(previous) || isOutOfService(node) !== isOutOfService(previous)
            ? caches.volumeAttachments
                .list()
                .filter((one) => one.spec?.nodeName === nameOf(node))
                .flatMap((one) => one.spec?.source?.persistentVolumeName ?? [])
            : undefined,
      },
      { cache: caches.volumeClaims, on: (claim) => claim.spec?.volumeName || undefined },
      {
        cache: caches.volumeAttachments,
        on: (attachment) => attachment.spec?.source?.persistentVolumeName || undefined,
      },
    ],
  });
}

/**
 * When a disk leaves a node where nobody needs it. Nobody can say whether a silent node still writes to it: it is given six
 * minutes, unless a person says that the node is out of service.
 */
export function detachesAt(node: KubeObject | undefined, since: number, pace: number): number {
  return isDown(node) && !isOutOfService(node) ? since + SILENT_MS * Math.max(pace, SLOWEST_PACE) : since;
}

function isOutOfService(node: KubeObject | undefined): boolean {
  return ((node?.spec?.taints ?? []) as Taint[]).some(({ key }) => key === OUT_OF_SERVICE);
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

/** As the external attacher names its finalizer. */
function holdOf(driver: string): string {
  return `${HOLD}${driver.replace(/[^a-zA-Z0-9-]/g, '-')}`;
}

function isShared(volume: KubeObject): boolean {
  return (volume.spec?.accessModes ?? []).some((mode: string) => SHARED.test(mode));
}
