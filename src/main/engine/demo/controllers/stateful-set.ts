/**
 * StatefulSet to Pods: one identity after the other with its claims, from 0 up and from the top down; updates from the
 * top down to the partition. Source: Kubernetes documentation "StatefulSets".
 */
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject, OwnerReference } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { podsOf } from '../sim/indexes.ts';
import {
  controllerReference,
  isDeleting,
  nameOf,
  namespaceOf,
  podTemplateToPod,
  sameValue,
  uidOf,
} from '../sim/objects.ts';
import { availableIn, isFinished, isReady } from '../sim/pods.ts';
import { PODS, STATEFUL_SETS, VOLUME_CLAIMS } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { deletePod, ownerKeys } from './common.ts';
import { HASH_LABEL, keepRevision } from './revisions.ts';

const COMPONENT = 'statefulset-controller';

export function runStatefulSets(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;

  async function reconcile(key: string): Promise<number | undefined> {
    const set = caches.statefulSets.get(key);
    if (set === undefined) return undefined;
    const hash = await keepRevision(world, set, 'StatefulSet');
    if (!isDeleting(set)) await manage(set, hash);
    return await report(set, hash);
  }

  function podsByOrdinal(set: KubeObject): Map<number, KubeObject> {
    return new Map(podsOf(caches, set).map((pod) => [ordinalOf(pod), pod]));
  }

  /** One step at a time unless the policy is Parallel: the next change waits until all before it work. */
  async function manage(set: KubeObject, hash: string): Promise<void> {
    const start: number = set.spec?.ordinals?.start ?? 0;
    const wanted: number = set.spec?.replicas ?? 1;
    const parallel = set.spec?.podManagementPolicy === 'Parallel';
    const pods = podsByOrdinal(set);
    const minReady = set.spec?.minReadySeconds ?? 0;
    for (let ordinal = start; ordinal < start + wanted; ordinal++) {
      const pod = pods.get(ordinal);
      if (pod === undefined) {
        await createPod(set, ordinal, hash);
        if (!parallel) return;
        continue;
      }
      if (isFinished(pod) && !isDeleting(pod)) {
        await deletePod(world, pod);
        if (!parallel) return;
        continue;
      }
      if (!parallel && (isDeleting(pod) || availableIn(pod, minReady, world.now()) !== 0)) {
        // A broken update must not block its own repair.
        if (!isDeleting(pod) && !isReady(pod) && outdated(set, pod, ordinal - start, hash)) await replace(set, pod);
        return;
      }
    }
    const surplus = [...pods]
      .filter(([ordinal]) => ordinal < start || ordinal >= start + wanted)
      .sort(([a], [b]) => b - a);
    for (const [, pod] of surplus) {
      if (!isDeleting(pod)) {
        await handOver(set, pod);
        await replace(set, pod);
      }
      if (!parallel) return;
    }
    await update(set, pods, start, wanted, hash);
  }

  async function update(set: KubeObject, pods: Map<number, KubeObject>, start: number, wanted: number, hash: string) {
    if (set.spec?.updateStrategy?.type === 'OnDelete') return;
    const minReady = set.spec?.minReadySeconds ?? 0;
    for (let ordinal = start + wanted - 1; ordinal >= start; ordinal--) {
      const pod = pods.get(ordinal);
      if (pod === undefined || isDeleting(pod)) return;
      if (outdated(set, pod, ordinal - start, hash)) {
        await replace(set, pod);
        return;
      }
      if (availableIn(pod, minReady, world.now()) !== 0) return;
    }
  }

  async function replace(set: KubeObject, pod: KubeObject): Promise<void> {
    await deletePod(world, pod);
    tell(set, 'SuccessfulDelete', `delete Pod ${nameOf(pod)} in StatefulSet ${nameOf(set)} successful`);
  }

  async function createPod(set: KubeObject, ordinal: number, hash: string): Promise<void> {
    const name = `${nameOf(set)}-${ordinal}`;
    const namespace = namespaceOf(set);
    const claims: Json[] = set.spec?.volumeClaimTemplates ?? [];
    try {
      for (const claim of claims) await createClaim(set, claim, name);
      const pod = podTemplateToPod(set.spec?.template, {
        namespace,
        name,
        owner: controllerReference(set, 'apps/v1', 'StatefulSet'),
      });
      pod.metadata.labels = {
        ...pod.metadata.labels,
        [HASH_LABEL]: `${nameOf(set)}-${hash}`,
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(ordinal),
      };
      pod.spec.hostname = name;
      if (set.spec?.serviceName) pod.spec.subdomain = set.spec.serviceName;
      const own = new Set(claims.map((claim) => claim.metadata?.name));
      pod.spec.volumes = [
        ...claims.map((claim) => ({
          name: claim.metadata?.name,
          persistentVolumeClaim: { claimName: `${claim.metadata?.name}-${name}` },
        })),
        ...(pod.spec.volumes ?? []).filter((volume: Json) => !own.has(volume.name)),
      ];
      const created = await client.create(PODS, pod, { namespace });
      caches.pods.wrote(created);
      tell(set, 'SuccessfulCreate', `create Pod ${name} in StatefulSet ${nameOf(set)} successful`);
    } catch (error) {
      if (isNotFound(error)) return;
      if (isAlreadyExists(error)) return;
      throw error;
    }
  }

  /** persistentVolumeClaimRetentionPolicy.whenScaled: Delete lets the claims of a surplus pod go with it. */
  async function handOver(set: KubeObject, pod: KubeObject): Promise<void> {
    if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return;
    const owner = { apiVersion: 'v1', kind: 'Pod', name: nameOf(pod), uid: uidOf(pod) };
    for (const template of set.spec?.volumeClaimTemplates ?? []) {
      const claim = caches.volumeClaims.get(`${namespaceOf(set)}/${template.metadata?.name}-${nameOf(pod)}`);
      if (claim !== undefined && !isDeleting(claim)) await ownClaim(claim, [owner]);
    }
  }

  /** Owners of this set's making are replaced, others stay. */
  async function ownClaim(claim: KubeObject, owners: OwnerReference[]): Promise<void> {
    const old = claim.metadata.ownerReferences ?? [];
    const ownerReferences = [...old.filter((one) => one.kind !== 'Pod' && one.kind !== 'StatefulSet'), ...owners];
    if (sameValue(ownerReferences, old)) return;
    const metadata = { ...claim.metadata, ownerReferences };
    caches.volumeClaims.wrote(await client.update(VOLUME_CLAIMS, { ...claim, metadata }));
  }

  async function createClaim(set: KubeObject, template: Json, pod: string): Promise<void> {
    const name = `${template.metadata?.name}-${pod}`;
    const namespace = namespaceOf(set);
    const owners = claimOwners(set);
    const existing = caches.volumeClaims.get(`${namespace}/${name}`);
    if (existing !== undefined) {
      // A claim that waited to go with the pod before this one is kept again.
      if (!isDeleting(existing)) await ownClaim(existing, owners);
      return;
    }
    try {
      const created = await client.create(
        VOLUME_CLAIMS,
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: {
            name,
            namespace,
            labels: { ...template.metadata?.labels, ...set.spec?.selector?.matchLabels },
            ...(owners.length === 0 ? {} : { ownerReferences: owners }),
            ...(template.metadata?.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
          },
          spec: structuredClone(template.spec ?? {}),
        },
        { namespace },
      );
      caches.volumeClaims.wrote(created);
      tell(set, 'SuccessfulCreate', `create Claim ${name} Pod ${pod} in StatefulSet ${nameOf(set)} success`);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  function tell(set: KubeObject, reason: string, message: string): void {
    world.events.record(set, { component: COMPONENT, reason, message });
  }

  async function report(set: KubeObject, hash: string): Promise<number | undefined> {
    const current = caches.statefulSets.get(objectKey(set));
    if (current === undefined || current.metadata.uid !== set.metadata.uid) return undefined;
    const pods = podsOf(caches, set);
    const minReady = set.spec?.minReadySeconds ?? 0;
    const revision = `${nameOf(set)}-${hash}`;
    const wanted: number = set.spec?.replicas ?? 1;
    let ready = 0;
    let available = 0;
    let updated = 0;
    let next: number | undefined;
    for (const pod of pods) {
      if (isReady(pod)) ready += 1;
      const wait = availableIn(pod, minReady, world.now());
      if (wait === 0) available += 1;
      else if (wait !== null) next = Math.min(next ?? wait, wait);
      if (pod.metadata.labels?.[HASH_LABEL] === revision && !isDeleting(pod)) updated += 1;
    }
    const complete = updated === wanted && ready === wanted && pods.length === wanted;
    const before: string = current.status?.currentRevision ?? revision;
    const currentRevision = complete ? revision : before;
    const status = {
      ...current.status,
      observedGeneration: current.metadata.generation ?? 0,
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: available,
      currentReplicas: pods.filter((pod) => pod.metadata.labels?.[HASH_LABEL] === currentRevision).length,
      updatedReplicas: updated,
      currentRevision,
      updateRevision: revision,
      collisionCount: 0,
    };
    if (!sameValue(status, current.status)) {
      await updateStatus(client, STATEFUL_SETS, caches.statefulSets, current, status);
    }
    return next === undefined ? undefined : next + 50;
  }

  return runController(world, {
    name: COMPONENT,
    reconcile,
    watch: [
      { cache: caches.statefulSets, on: (set, _previous, deleted) => (deleted ? undefined : objectKey(set)) },
      { cache: caches.pods, on: (pod, previous) => ownerKeys('StatefulSet', pod, previous) },
    ],
  });
}

function outdated(set: KubeObject, pod: KubeObject, index: number, hash: string): boolean {
  if (set.spec?.updateStrategy?.type === 'OnDelete') return false;
  const partition: number = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  return index >= partition && pod.metadata.labels?.[HASH_LABEL] !== `${nameOf(set)}-${hash}`;
}

/** whenDeleted: Delete makes the set the owner of its claims. */
function claimOwners(set: KubeObject): OwnerReference[] {
  if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted !== 'Delete') return [];
  return [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: nameOf(set), uid: uidOf(set) }];
}

export function ordinalOf(pod: KubeObject): number {
  const match = /-(\d+)$/.exec(nameOf(pod));
  return match === null ? -1 : Number(match[1]);
}
