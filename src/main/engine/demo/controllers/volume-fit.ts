/**
 * Which volume a claim may have, and what the claims of a pod mean for where it can run: the decisions of the volume
 * controller and of the scheduler's VolumeBinding. Pure. Source: Kubernetes documentation "Persistent Volumes" and
 * "Storage Classes" (volume binding mode), KEP-490.
 */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isDeleting, nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import { matchesNodeSelector, matchesSelector } from '../sim/selectors.ts';
import type { NodeState, Refusal } from './fit.ts';

/** Set by the scheduler on a claim that waits for its first consumer; taken away again when provisioning failed. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** What a class without a provisioner says: its volumes are made by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';

export interface VolumeLookup {
  claim(key: string): KubeObject | undefined;
  volume(name: string): KubeObject | undefined;
  volumes(): readonly KubeObject[];
  /** The class a claim names; undefined when it names none or there is none of that name. */
  storageClass(claim: KubeObject): KubeObject | undefined;
  /** How many volumes of a driver a node takes; undefined where nothing says so (CSINode). */
  limit(node: string, driver: string): number | undefined;
}

export interface VolumeNeeds {
  /** Why the pod cannot run anywhere yet. */
  refusal?: string;
  /** Claims that are bound once a node has been chosen. */
  delayed: KubeObject[];
  judge(state: NodeState): Refusal | undefined;
}

/** Names of the claims a pod's volumes mean; a generic ephemeral volume has a claim named after pod and volume. */
export function claimNames(pod: KubeObject): { name: string; ephemeral: boolean }[] {
  return (pod.spec?.volumes ?? []).flatMap((volume: Json) => {
    if (volume.persistentVolumeClaim !== undefined)
      return [{ name: volume.persistentVolumeClaim.claimName as string, ephemeral: false }];
    return volume.ephemeral === undefined ? [] : [{ name: `${nameOf(pod)}-${volume.name}`, ephemeral: true }];
  });
}

/** Its status follows after. */
export function isBound({ metadata, spec, status }: KubeObject): boolean {
  return status?.phase === 'Bound' || (!!spec?.volumeName && metadata.annotations?.[BIND_COMPLETED] !== undefined);
}

export function waitsForConsumer(storageClass: KubeObject | undefined): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}

export function volumeNeeds(pod: KubeObject, lookup: VolumeLookup): VolumeNeeds {
  const delayed: KubeObject[] = [];
  const bound: KubeObject[] = [];
  const stop = (refusal: string): VolumeNeeds => ({ refusal, delayed: [], judge: () => undefined });
  for (const { name, ephemeral } of claimNames(pod)) {
    const claim = lookup.claim(`${namespaceOf(pod)}/${name}`);
    if (claim === undefined) {
      return stop(
        ephemeral
          ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
          : `persistentvolumeclaim "${name}" not found`,
      );
    }
    if (isDeleting(claim)) return stop(`persistentvolumeclaim "${name}" is being deleted`);
    if (claim.status?.phase === 'Lost')
      return stop(
        `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`,
      );
    if (isBound(claim)) {
      const volume = lookup.volume(claim.spec?.volumeName ?? '');
      if (volume !== undefined) bound.push(volume);
    } else if (waitsForConsumer(lookup.storageClass(claim)) && !claim.spec?.volumeName) delayed.push(claim);
    else return stop('pod has unbound immediate PersistentVolumeClaims');
  }
  return {
    delayed,
    judge: (state) => {
      if (!bound.every((volume) => reaches(volume, state)))
        return {
          plugin: 'VolumeBinding',
          reason: "node(s) didn't match PersistentVolume's node affinity",
          preemptionHelps: false,
        };
      if (!delayed.every((claim) => canHave(claim, state, lookup)))
        return {
          plugin: 'VolumeBinding',
          reason: "node(s) didn't find available persistent volumes to bind",
          preemptionHelps: false,
        };
      if (tooMany(bound, state, lookup))
        return { plugin: 'NodeVolumeLimits', reason: 'node(s) exceed max volume count', preemptionHelps: true };
      return undefined;
    },
  };
}

/** Of each driver: the volumes that pods of the node use already, and those of the pod that are not among them. */
function tooMany(bound: readonly KubeObject[], state: NodeState, lookup: VolumeLookup): boolean {
  const drivers = new Set(bound.flatMap((volume): string[] => volume.spec?.csi?.driver ?? []));
  for (const driver of drivers) {
    const limit = lookup.limit(nameOf(state.node), driver);
    if (limit === undefined) continue;
    const there = state.pods.flatMap((pod) =>
      claimNames(pod).flatMap(({ name }) => {
        const claim = lookup.claim(`${namespaceOf(pod)}/${name}`);
        return lookup.volume(claim?.spec?.volumeName ?? '') ?? [];
      }),
    );
    const used = new Set([...there, ...bound].filter((volume) => volume.spec?.csi?.driver === driver).map(nameOf));
    if (used.size > limit) return true;
  }
  return false;
}

function canHave(claim: KubeObject, state: NodeState, lookup: VolumeLookup): boolean {
  const selected = claim.metadata.annotations?.[SELECTED_NODE];
  if (selected !== undefined && selected !== nameOf(state.node)) return false;
  if (bestVolume(claim, lookup.volumes(), state) !== undefined) return true;
  const storageClass = lookup.storageClass(claim);
  if (storageClass === undefined || storageClass.provisioner === NO_PROVISIONER) return false;
  const topologies: Json[] = storageClass.allowedTopologies ?? [];
  return (
    topologies.length === 0 ||
    topologies.some((topology) =>
      (topology.matchLabelExpressions ?? []).every((expression: Json) =>
        (expression.values ?? []).includes(state.labels[expression.key]),
      ),
    )
  );
}

/** Whether a volume can be used on the node. */
function reaches(volume: KubeObject, state: NodeState): boolean {
  const required = volume.spec?.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, { name: nameOf(state.node), labels: state.labels });
}

/**
 * The volume meant for the claim, or else the smallest free one that satisfies it, on `state` where a node is given.
 * Without a node, a claim that waits for its first consumer only gets what was made for it.
 */
export function bestVolume(
  claim: KubeObject,
  volumes: readonly KubeObject[],
  state?: NodeState,
  onlyReserved = false,
): KubeObject | undefined {
  let best: KubeObject | undefined;
  for (const volume of volumes) {
    const reserved = isReservedFor(volume, claim);
    if ((volume.spec?.claimRef !== undefined && !reserved) || isDeleting(volume) || !suits(volume, claim)) continue;
    if (state !== undefined && !reaches(volume, state)) continue;
    if (reserved) return volume;
    if (onlyReserved || !isFree(volume, claim)) continue;
    if (best === undefined || sizeOf(volume) < sizeOf(best)) best = volume;
  }
  return best;
}

/** Whether somebody has said that the volume is for this claim: by its name, or by its uid once it is bound. */
export function isReservedFor(volume: KubeObject, claim: KubeObject): boolean {
  const reference = volume.spec?.claimRef;
  if (reference?.name !== nameOf(claim) || reference.namespace !== namespaceOf(claim)) return false;
  return !reference.uid || reference.uid === uidOf(claim);
}

/** The volume as it is written when the claim gets it; who finds it says so, a person's own choice stays unmarked. */
export function boundTo(volume: KubeObject, claim: KubeObject): KubeObject {
  const { metadata, spec } = volume;
  const marked = isReservedFor(volume, claim)
    ? metadata
    : { ...metadata, annotations: { ...metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' } };
  if (spec?.claimRef?.uid === uidOf(claim)) return volume;
  return { ...volume, metadata: marked, spec: { ...spec, claimRef: claimReference(claim) } };
}

export function claimReference(claim: KubeObject): Record<string, unknown> {
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
}

/** Why a claim cannot have the volume that it names; null when it can. */
export function mismatch(volume: KubeObject, claim: KubeObject): string | null {
  if (isDeleting(volume)) return `the volume is marked for deletion ${JSON.stringify(nameOf(volume))}`;
  if (sizeOf(volume) < wantedSize(claim)) return 'requested PV is too small';
  if (classNameOf(volume) !== classNameOf(claim)) return 'storageClassName does not match';
  if (attributesOf(volume) !== attributesOf(claim)) return 'volumeAttributesClassName does not match';
  if (!sameMode(volume, claim)) return 'incompatible volumeMode';
  return hasModes(volume, claim) ? null : 'incompatible accessMode';
}

function suits(volume: KubeObject, claim: KubeObject): boolean {
  return sizeOf(volume) >= wantedSize(claim) && sameMode(volume, claim);
}

function isFree(volume: KubeObject, claim: KubeObject): boolean {
  const selector = claim.spec?.selector;
  return (
    (volume.status?.phase ?? 'Available') === 'Available' &&
    classNameOf(volume) === classNameOf(claim) &&
    attributesOf(volume) === attributesOf(claim) &&
    hasModes(volume, claim) &&
    (selector === undefined || matchesSelector(selector, volume.metadata.labels))
  );
}

function classNameOf({ spec }: KubeObject): string {
  return spec?.storageClassName ?? '';
}

function attributesOf({ spec }: KubeObject): string {
  return spec?.volumeAttributesClassName ?? '';
}

export function sameMode(volume: KubeObject, claim: KubeObject): boolean {
  return (volume.spec?.volumeMode ?? 'Filesystem') === (claim.spec?.volumeMode ?? 'Filesystem');
}

function hasModes(volume: KubeObject, claim: KubeObject): boolean {
  const modes: string[] = volume.spec?.accessModes ?? [];
  return (claim.spec?.accessModes ?? []).every((mode: string) => modes.includes(mode));
}

function wantedSize(claim: KubeObject): number {
  return parseQuantity(claim.spec?.resources?.requests?.storage);
}

function sizeOf(volume: KubeObject): number {
  return parseQuantity(volume.spec?.capacity?.storage);
}
