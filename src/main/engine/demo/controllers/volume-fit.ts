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

export function isBound(claim: KubeObject): boolean {
  return claim.status?.phase === 'Bound';
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
    if (isBound(claim)) {
      const volume = lookup.volume(claim.spec?.volumeName ?? '');
      if (volume !== undefined) bound.push(volume);
    } else if (waitsForConsumer(lookup.storageClass(claim))) delayed.push(claim);
    else return stop('pod has unbound immediate PersistentVolumeClaims');
  }
  return {
    delayed,
    judge: (state) => {
      if (!bound.every((volume) => reaches(volume, state)))
        return { reason: "node(s) didn't match PersistentVolume's node affinity", preemptionHelps: false };
      if (!delayed.every((claim) => canHave(claim, state, lookup)))
        return { reason: "node(s) didn't find available persistent volumes to bind", preemptionHelps: false };
      if (tooMany(bound, state, lookup)) return { reason: 'node(s) exceed max volume count', preemptionHelps: true };
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
    if (state !== undefined && !reaches(volume, state)) continue;
    const reserved = reservedFor(volume, claim);
    if (reserved === true) return volume;
    if (reserved === false || onlyReserved || !satisfies(volume, claim)) continue;
    if (best === undefined || sizeOf(volume) < sizeOf(best)) best = volume;
  }
  return best;
}

/** Undefined: for nobody in particular. */
function reservedFor(volume: KubeObject, claim: KubeObject): boolean | undefined {
  const reference = volume.spec?.claimRef;
  if (reference !== undefined) {
    if (reference.uid !== undefined && reference.uid !== '') return reference.uid === uidOf(claim);
    return reference.name === nameOf(claim) && reference.namespace === namespaceOf(claim);
  }
  if (isDeleting(volume)) return false;
  const wanted: string = claim.spec?.volumeName ?? '';
  return wanted === '' ? undefined : wanted === nameOf(volume);
}

function satisfies(volume: KubeObject, claim: KubeObject): boolean {
  const { spec } = volume;
  const selector = claim.spec?.selector;
  const modes: string[] = spec?.accessModes ?? [];
  return (
    (volume.status?.phase ?? 'Available') === 'Available' &&
    (spec?.storageClassName ?? '') === (claim.spec?.storageClassName ?? '') &&
    (spec?.volumeMode ?? 'Filesystem') === (claim.spec?.volumeMode ?? 'Filesystem') &&
    (claim.spec?.accessModes ?? []).every((mode: string) => modes.includes(mode)) &&
    (selector === undefined || matchesSelector(selector, volume.metadata.labels)) &&
    sizeOf(volume) >= parseQuantity(claim.spec?.resources?.requests?.storage)
  );
}

function sizeOf(volume: KubeObject): number {
  return parseQuantity(volume.spec?.capacity?.storage);
}
