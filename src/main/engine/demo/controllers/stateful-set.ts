/**
 * StatefulSet to Pods: one identity after the other with its claims, from 0 up and from the top down; updates from the
 * top down to the partition. Source: Kubernetes documentation "StatefulSets".
 */
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import { runController } from '../sim/controller.ts';
import { podsOf } from '../sim/indexes.ts';
import { controllerReference, isDeleting, nameOf, namespaceOf, podTemplateToPod, sameValue } from '../sim/objects.ts';
import { availableIn, isFinished, isReady } from '../sim/pods.ts';
import { PODS, STATEFUL_SETS, VOLUME_CLAIMS } from '../sim/refs.ts';
import { matchesSelector } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { claimObjects, selectingKeys } from './claim.ts';
import { claimOwners } from './claim-owners.ts';
import { deletePod, isTerminating, ownerKeys } from './common.ts';
import { HASH_LABEL, keepRevision, type Revision, revisionTemplate } from './revisions.ts';

const COMPONENT = 'statefulset-controller';

export function runStatefulSets(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;

  /** Messages begin with a capital letter since 1.36. */
  function say(verb: string): string {
    return minorOf(world.profile.version) < 36 ? verb : `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
  }

  async function reconcile(key: string): Promise<number | undefined> {
    const set = caches.statefulSets.get(key);
    if (set === undefined) return undefined;
    const pods = await claim(set);
    const live = new Set([set.status?.currentRevision, ...pods.map((pod) => pod.metadata.labels?.[HASH_LABEL])]);
    const revision = await keepRevision(world, set, 'StatefulSet', live);
    let failure: unknown;
    if (!isDeleting(set)) {
      try {
        await manage(set, revision.name);
      } catch (error) {
        failure = error;
      }
    }
    const next = await report(set, revision);
    if (failure !== undefined) throw failure;
    return next;
  }

  async function claim(set: KubeObject): Promise<KubeObject[]> {
    return await claimObjects(world, {
      owner: set,
      reference: controllerReference(set, 'apps/v1', 'StatefulSet'),
      ref: PODS,
      cache: caches.pods,
      selects: (pod) => selects(set, pod),
    });
  }

  function podsByOrdinal(set: KubeObject): Map<number, KubeObject> {
    return new Map(podsOf(caches, set).map((pod) => [ordinalOf(pod), pod]));
  }

  /** One step at a time unless the policy is Parallel: the next change waits until all before it work. */
  async function manage(set: KubeObject, revision: string): Promise<void> {
    const start: number = set.spec?.ordinals?.start ?? 0;
    const wanted: number = set.spec?.replicas ?? 1;
    const parallel = set.spec?.podManagementPolicy === 'Parallel';
    const pods = podsByOrdinal(set);
    const minReady = set.spec?.minReadySeconds ?? 0;
    let waits = false;
    for (let ordinal = start; ordinal < start + wanted; ordinal++) {
      const pod = pods.get(ordinal);
      if (pod === undefined) {
        if (!hasStaleClaim(set, `${nameOf(set)}-${ordinal}`)) await createPod(set, ordinal, revision);
        if (!parallel) return;
        continue;
      }
      if (isFinished(pod)) {
        if (!isDeleting(pod)) await replace(set, pod);
        waits = true;
        if (!parallel) return;
        continue;
      }
      if (pod.status?.phase === 'Pending') await createClaims(set, nameOf(pod));
      // A pod that never works holds up everything after it, its own repair included: somebody has to delete it.
      if (!parallel && (isDeleting(pod) || availableIn(pod, minReady, world.now()) !== 0)) return;
      if (await keepClaims(set, pod, true))
        tell(set, 'SuccessfulUpdate', `${say('update')} Pod ${nameOf(pod)} in StatefulSet ${nameOf(set)} successful`);
    }
    if (waits) return;
    const surplus = [...pods]
      .filter(([ordinal]) => ordinal < start || ordinal >= start + wanted)
      .sort(([a], [b]) => b - a);
    for (const [, pod] of surplus) await keepClaims(set, pod, false);
    const unavailable = (pod: KubeObject) => isDeleting(pod) || availableIn(pod, minReady, world.now()) !== 0;
    const firstUnavailable = surplus.findLast(([, pod]) => unavailable(pod))?.[1];
    let removed = false;
    for (const [, pod] of surplus) {
      // One that does not work holds up those above it, and goes itself where all below it work.
      if (!parallel && (isDeleting(pod) || (unavailable(pod) && pod !== firstUnavailable))) return;
      if (isDeleting(pod)) continue;
      await replace(set, pod);
      if (!parallel) return;
      removed = true;
    }
    if (removed) return;
    await update(set, pods, start, wanted, revision);
  }

  async function update(
    set: KubeObject,
    pods: Map<number, KubeObject>,
    start: number,
    wanted: number,
    revision: string,
  ) {
    if (set.spec?.updateStrategy?.type === 'OnDelete') return;
    const minReady = set.spec?.minReadySeconds ?? 0;
    for (let ordinal = start + wanted - 1; ordinal >= start; ordinal--) {
      const pod = pods.get(ordinal);
      if (pod === undefined || isDeleting(pod)) return;
      if (outdated(set, pod, ordinal - start, revision)) {
        await replace(set, pod);
        return;
      }
      if (availableIn(pod, minReady, world.now()) !== 0) return;
    }
  }

  async function replace(set: KubeObject, pod: KubeObject): Promise<void> {
    await deletePod(world, pod);
    tell(set, 'SuccessfulDelete', `${say('delete')} Pod ${nameOf(pod)} in StatefulSet ${nameOf(set)} successful`);
  }

  async function createPod(set: KubeObject, ordinal: number, updated: string): Promise<void> {
    const name = `${nameOf(set)}-${ordinal}`;
    const namespace = namespaceOf(set);
    const claims: Json[] = set.spec?.volumeClaimTemplates ?? [];
    // Below the partition a pod comes back as it was.
    const below = ordinal < (set.spec?.ordinals?.start ?? 0) + partitionOf(set);
    const current: string = set.status?.currentRevision ?? updated;
    const known = below ? revisionTemplate(caches.revisions.get(`${namespace}/${current}`)) : undefined;
    const template = known ?? set.spec?.template;
    const revision = known === undefined ? updated : current;
    try {
      await createClaims(set, name);
      const pod = podTemplateToPod(template, {
        namespace,
        name,
        generateName: `${nameOf(set)}-`,
        owner: controllerReference(set, 'apps/v1', 'StatefulSet'),
      });
      pod.metadata.labels = {
        ...pod.metadata.labels,
        [HASH_LABEL]: revision,
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
      tell(set, 'SuccessfulCreate', `${say('create')} Pod ${name} in StatefulSet ${nameOf(set)} successful`);
    } catch (error) {
      if (isNotFound(error) || isAlreadyExists(error) || isTerminating(error)) return;
      const message = `${say('create')} Pod ${name} in StatefulSet ${nameOf(set)} failed error: ${textOf(error)}`;
      tell(set, 'FailedCreate', message, 'Warning');
      throw error;
    }
  }

  function claimsOf(set: KubeObject, pod: string): (KubeObject | undefined)[] {
    const templates: Json[] = set.spec?.volumeClaimTemplates ?? [];
    return templates.map(({ metadata }) => caches.volumeClaims.get(`${namespaceOf(set)}/${metadata?.name}-${pod}`));
  }

  /** Where claims go with their pods, one that still belongs to the pod before has to be gone first. */
  function hasStaleClaim(set: KubeObject, pod: string): boolean {
    if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false;
    return claimsOf(set, pod).some((claim) =>
      claim?.metadata.ownerReferences?.some((one) => one.kind === 'Pod' && one.name === pod),
    );
  }

  /** The claims of a pod belong to whatever they go with, also where the policy has changed since. True: it had. */
  async function keepClaims(set: KubeObject, pod: KubeObject, wanted: boolean): Promise<boolean> {
    let changed = false;
    for (const claim of claimsOf(set, nameOf(pod))) {
      if (claim === undefined || isDeleting(claim)) continue;
      if (await ownClaim(claim, set, pod, nameOf(pod), wanted)) changed = true;
    }
    return changed;
  }

  async function ownClaim(
    claim: KubeObject,
    set: KubeObject,
    pod: KubeObject | undefined,
    podName: string,
    wanted: boolean,
  ): Promise<boolean> {
    const found = claimOwners(claim, set, pod, podName, wanted);
    if (found === null || sameValue(found.owners, claim.metadata.ownerReferences ?? [])) return false;
    if (found.conflict)
      tell(
        set,
        'ConflictingController',
        `PersistentVolumeClaim ${nameOf(claim)} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`,
        'Warning',
      );
    const { ownerReferences: _old, ...metadata } = claim.metadata;
    caches.volumeClaims.wrote(
      await client.update(VOLUME_CLAIMS, {
        ...claim,
        metadata: found.owners.length === 0 ? metadata : { ...metadata, ownerReferences: found.owners },
      }),
    );
    return true;
  }

  /** @throws Error that names every claim that could not be made, or is about to go. */
  async function createClaims(set: KubeObject, pod: string): Promise<void> {
    const failures: Error[] = [];
    for (const template of (set.spec?.volumeClaimTemplates ?? []) as Json[]) {
      try {
        await createClaim(set, template, pod);
      } catch (error) {
        failures.push(error as Error);
      }
    }
    const [first, ...more] = failures;
    if (first === undefined) return;
    const all = [...new Set(failures.map(({ message }) => message))].join(', ');
    throw more.length === 0 ? first : new Error(`[${all}]`, { cause: first });
  }

  async function createClaim(set: KubeObject, template: Json, pod: string): Promise<void> {
    const name = `${template.metadata?.name}-${pod}`;
    const namespace = namespaceOf(set);
    const owners = claimOwners(undefined, set, undefined, pod, true)?.owners ?? [];
    const existing = caches.volumeClaims.get(`${namespace}/${name}`);
    if (existing !== undefined) {
      if (isDeleting(existing)) throw new Error(`pvc ${name} is being deleted`);
      await ownClaim(existing, set, undefined, pod, true);
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
      tell(set, 'SuccessfulCreate', `${say('create')} Claim ${name} Pod ${pod} in StatefulSet ${nameOf(set)} success`);
    } catch (error) {
      if (isAlreadyExists(error)) return;
      const message = `${say('create')} Claim ${name} for Pod ${pod} in StatefulSet ${nameOf(set)} failed error: ${textOf(error)}`;
      tell(set, 'FailedCreate', message, 'Warning');
      throw new Error(`failed to create PVC ${name}: ${textOf(error)}`, { cause: error });
    }
  }

  function tell(set: KubeObject, reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    world.events.record(set, { component: COMPONENT, type, reason, message });
  }

  async function report(set: KubeObject, { name: revision, collisions }: Revision): Promise<number | undefined> {
    const current = caches.statefulSets.get(objectKey(set));
    if (current === undefined || current.metadata.uid !== set.metadata.uid) return undefined;
    const pods = podsOf(caches, set);
    const minReady = set.spec?.minReadySeconds ?? 0;
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
    const rolling = set.spec?.updateStrategy?.type !== 'OnDelete';
    const complete = rolling && updated === wanted && ready === wanted && pods.length === wanted;
    const before: string = current.status?.currentRevision ?? revision;
    const currentRevision = complete ? revision : before;
    const status = {
      ...current.status,
      observedGeneration: current.metadata.generation ?? 0,
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: available,
      currentReplicas: pods.filter((pod) => pod.metadata.labels?.[HASH_LABEL] === currentRevision && !isDeleting(pod))
        .length,
      updatedReplicas: updated,
      currentRevision,
      updateRevision: revision,
      collisionCount: collisions,
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
      {
        cache: caches.pods,
        on: (pod, previous, deleted) => [
          ...ownerKeys('StatefulSet', pod, previous),
          ...(deleted ? [] : selectingKeys(caches.statefulSets, pod, (set) => selects(set, pod))),
        ],
      },
    ],
  });
}

function selects(set: KubeObject, pod: KubeObject): boolean {
  return nameOf(pod) === `${nameOf(set)}-${ordinalOf(pod)}` && matchesSelector(set.spec?.selector, pod.metadata.labels);
}

function partitionOf(set: KubeObject): number {
  return set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
}

function outdated(set: KubeObject, pod: KubeObject, index: number, revision: string): boolean {
  if (set.spec?.updateStrategy?.type === 'OnDelete') return false;
  return index >= partitionOf(set) && pod.metadata.labels?.[HASH_LABEL] !== revision;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function ordinalOf(pod: KubeObject): number {
  const match = /-(\d+)$/.exec(nameOf(pod));
  return match === null ? -1 : Number(match[1]);
}
