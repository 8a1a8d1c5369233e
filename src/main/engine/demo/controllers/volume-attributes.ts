/**
 * VolumeAttributesClasses: one that a claim or a volume names is not deleted before that ends, and what the provider's own
 * driver has bound takes on the attributes that its claim asks for. Source: kube-controller-manager's
 * volumeattributesclass-protection-controller, external-resizer, KEP-3751.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import { PROVIDERS } from '../profiles/providers.ts';
import { runController } from '../sim/controller.ts';
import { isDeleting, nameOf, setCondition } from '../sim/objects.ts';
import { VOLUME_ATTRIBUTES_CLASSES, VOLUME_CLAIMS, VOLUMES } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { isBound } from './volume-fit.ts';

const PROTECTION = 'kubernetes.io/vac-protection';
/** The feature is on by default from this version on. */
const SINCE_MINOR = 34;

export function runVolumeAttributes(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  const { provisioner } = PROVIDERS[world.profile.providerKey].storageClass;

  async function protect(name: string): Promise<undefined> {
    const found = caches.volumeAttributesClasses.get(name);
    if (found === undefined) return;
    const finalizers: string[] = found.metadata.finalizers ?? [];
    const held = finalizers.includes(PROTECTION);
    if (isDeleting(found) ? !held || isUsed(name) : held) return;
    const next = held ? finalizers.filter((one) => one !== PROTECTION) : [...finalizers, PROTECTION];
    try {
      const metadata = { ...found.metadata, finalizers: next };
      caches.volumeAttributesClasses.wrote(await client.update(VOLUME_ATTRIBUTES_CLASSES, { ...found, metadata }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  function isUsed(name: string): boolean {
    return (
      caches.volumes.list().some((volume) => volume.spec?.volumeAttributesClassName === name) ||
      caches.volumeClaims.list().some((claim) => namedBy(claim).has(name))
    );
  }

  async function modify(key: string): Promise<undefined> {
    const claim = caches.volumeClaims.get(key);
    const asked: string = claim?.spec?.volumeAttributesClassName ?? '';
    if (claim === undefined || isDeleting(claim) || !isBound(claim) || asked === '' || asked === currentOf(claim))
      return;
    const volume = caches.volumes.get(claim.spec?.volumeName ?? '');
    if (volume?.spec?.csi?.driver !== provisioner) return;
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
      world.events.record(claim, { component: `external-resizer ${provisioner}`, type, reason, message });
    const status = async (change: Json, about = claim) =>
      await updateStatus(client, VOLUME_CLAIMS, caches.volumeClaims, about, { ...about.status, ...change });
    if (caches.volumeAttributesClasses.get(asked)?.driverName !== provisioner) {
      const waits = { status: 'Pending', targetVolumeAttributesClassName: asked };
      if (claim.status?.modifyVolumeStatus?.targetVolumeAttributesClassName !== asked)
        await status({ modifyVolumeStatus: waits });
      return;
    }
    tell('Normal', 'VolumeModify', `external resizer is modifying volume ${nameOf(claim)} with vac ${asked}`);
    const condition = { type: 'ModifyingVolume', status: 'True' as const };
    await status({
      modifyVolumeStatus: { status: 'InProgress', targetVolumeAttributesClassName: asked },
      conditions: setCondition(claim.status?.conditions ?? [], condition, world.now()),
    });
    const spec = { ...volume.spec, volumeAttributesClassName: asked };
    caches.volumes.wrote(await client.update(VOLUMES, { ...volume, spec }));
    const latest = caches.volumeClaims.get(key) ?? claim;
    const { modifyVolumeStatus: _step, conditions = [], ...rest } = latest.status ?? {};
    const others = (conditions as Json[]).filter(({ type }) => type !== condition.type);
    await updateStatus(client, VOLUME_CLAIMS, caches.volumeClaims, latest, {
      ...rest,
      ...(others.length === 0 ? {} : { conditions: others }),
      currentVolumeAttributesClassName: asked,
    });
    tell(
      'Normal',
      'VolumeModifySuccessful',
      `external resizer modified volume ${nameOf(claim)} with vac ${asked} successfully `,
    );
  }

  if (minorOf(world.profile.version) < SINCE_MINOR) return { name: 'volume-attributes', stop: async () => undefined };
  const protection = runController(world, {
    name: 'volume-attributes-protection',
    reconcile: protect,
    watch: [
      { cache: caches.volumeAttributesClasses, on: (one, _previous, deleted) => (deleted ? undefined : nameOf(one)) },
      { cache: caches.volumeClaims, on: (claim, previous) => [...namedBy(claim), ...namedBy(previous)] },
      {
        cache: caches.volumes,
        on: (volume, previous) => [volume, previous].flatMap((one) => one?.spec?.volumeAttributesClassName ?? []),
      },
    ],
  });
  const modification = runController(world, {
    name: 'volume-attributes',
    reconcile: modify,
    watch: [
      {
        cache: caches.volumeClaims,
        on: (claim, _previous, deleted) =>
          deleted || claim.spec?.volumeAttributesClassName === undefined ? undefined : objectKey(claim),
      },
      {
        cache: caches.volumeAttributesClasses,
        on: (one) =>
          caches.volumeClaims
            .list()
            .filter((claim) => namedBy(claim).has(nameOf(one)))
            .map(objectKey),
      },
    ],
  });
  return {
    name: 'volume-attributes',
    stop: async () => void (await Promise.all([protection.stop(), modification.stop()])),
  };
}

function currentOf(claim: KubeObject): string | undefined {
  return claim.status?.currentVolumeAttributesClassName;
}

/** Classes that the claim asks for, has, or is on the way to. */
function namedBy(claim: KubeObject | undefined): Set<string> {
  const names = [
    claim?.spec?.volumeAttributesClassName,
    claim?.status?.currentVolumeAttributesClassName,
    claim?.status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return new Set(names.filter((name): name is string => typeof name === 'string' && name !== ''));
}
