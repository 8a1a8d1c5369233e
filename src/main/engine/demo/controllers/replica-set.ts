/**
 * ReplicaSets and ReplicationControllers to Pods: keeps the number of active pods, reports how many work. The two differ
 * in name and selector alone. Level-triggered, safe to repeat.
 */
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import type { Cache } from '../sim/cache.ts';
import { runController } from '../sim/controller.ts';
import { podsOf } from '../sim/indexes.ts';
import {
  type Condition,
  controllerOf,
  controllerReference,
  findCondition,
  isDeleting,
  nameOf,
  namespaceOf,
  podTemplateToPod,
  sameValue,
  setCondition,
} from '../sim/objects.ts';
import { availableIn, deletionOrder, isActive, isReady, isTerminating } from '../sim/pods.ts';
import { PODS, REPLICA_SETS, REPLICATION_CONTROLLERS } from '../sim/refs.ts';
import { matchesMap, matchesSelector } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { claimObjects, selectingKeys } from './claim.ts';
import { createPod, inBatches, ownerKeys, removePod, slowStart } from './common.ts';

interface Flavour {
  component: string;
  kind: string;
  apiVersion: string;
  ref: ResourceRef;
  cache: Cache;
  selects(set: KubeObject, labels: Record<string, string> | undefined): boolean;
}

export function runReplicaSets(world: World): Controller {
  return run(world, {
    component: 'replicaset-controller',
    kind: 'ReplicaSet',
    apiVersion: 'apps/v1',
    ref: REPLICA_SETS,
    cache: world.caches.replicaSets,
    selects: (set, labels) => matchesSelector(set.spec?.selector, labels),
  });
}

export function runReplicationControllers(world: World): Controller {
  return run(world, {
    component: 'replication-controller',
    kind: 'ReplicationController',
    apiVersion: 'v1',
    ref: REPLICATION_CONTROLLERS,
    cache: world.caches.replicationControllers,
    selects: (set, labels) => matchesMap(set.spec?.selector, labels),
  });
}

function run(world: World, { component, kind, apiVersion, ref, cache, selects }: Flavour): Controller {
  const { caches } = world;
  /** KEP-3973, on by default since 1.35. */
  const countsTerminating = kind === 'ReplicaSet' && minorOf(world.profile.version) >= 35;

  async function reconcile(key: string): Promise<number | undefined> {
    const set = cache.get(key);
    if (set === undefined) return undefined;
    let pods = (await claim(set)).filter(isActive);
    let failure: unknown;
    if (!isDeleting(set) && (set.spec?.replicas ?? 1) !== pods.length) {
      try {
        await scale(set, pods);
      } catch (error) {
        failure = error;
      }
      pods = podsOf(caches, set).filter(isActive);
    }
    const next = await report(set, pods, failure);
    // Told in the status; the queue tries again, ever more slowly.
    if (failure !== undefined) throw failure;
    return next;
  }

  async function claim(set: KubeObject): Promise<KubeObject[]> {
    return await claimObjects(world, {
      owner: set,
      reference: controllerReference(set, apiVersion, kind),
      ref: PODS,
      cache: caches.pods,
      selects: (pod) => selects(set, pod.metadata.labels),
      mayAdopt: isActive,
    });
  }

  async function scale(set: KubeObject, pods: KubeObject[]): Promise<void> {
    const difference = (set.spec?.replicas ?? 1) - pods.length;
    if (difference > 0) await slowStart(difference, async () => createPod(world, set, component, podOf(set)));
    else if (difference < 0) {
      const doomed = deletionOrder(pods, relatedPods(set)).slice(0, -difference);
      await inBatches(doomed.length, async (index) => {
        const pod = doomed[index];
        if (pod !== undefined) await removePod(world, set, component, pod);
      });
    }
  }

  function podOf(set: KubeObject): KubeObject {
    return podTemplateToPod(set.spec?.template, {
      namespace: namespaceOf(set),
      generateName: `${nameOf(set)}-`,
      owner: controllerReference(set, apiVersion, kind),
    });
  }

  /** Pods of all sets of the same Deployment: what doubles up on a node goes first. */
  function relatedPods(set: KubeObject): KubeObject[] {
    const owner = controllerOf(set)?.uid;
    if (owner === undefined) return podsOf(caches, set);
    return caches.replicaSets
      .byIndex('owner', owner)
      .flatMap((sibling) => podsOf(caches, sibling))
      .filter(isActive);
  }

  async function report(set: KubeObject, pods: KubeObject[], failure: unknown): Promise<number | undefined> {
    const current = cache.get(objectKey(set)) ?? set;
    const minReady = set.spec?.minReadySeconds ?? 0;
    let ready = 0;
    let available = 0;
    let next: number | undefined;
    for (const pod of pods) {
      if (isReady(pod)) ready += 1;
      const wait = availableIn(pod, minReady, world.now());
      if (wait === 0) available += 1;
      else if (wait !== null) next = Math.min(next ?? wait, wait);
    }
    const template = { matchLabels: set.spec?.template?.metadata?.labels ?? {} };
    const labelled = pods.filter((pod) => matchesSelector(template, pod.metadata.labels)).length;
    const { conditions: old, ...rest } = current.status ?? {};
    const conditions = withFailure(old ?? [], (set.spec?.replicas ?? 1) - pods.length, failure, world.now());
    const status = {
      ...rest,
      ...(conditions.length === 0 ? {} : { conditions }),
      replicas: pods.length,
      fullyLabeledReplicas: labelled,
      readyReplicas: ready,
      availableReplicas: available,
      observedGeneration: current.metadata.generation ?? 0,
      ...(countsTerminating ? { terminatingReplicas: podsOf(caches, set).filter(isTerminating).length } : {}),
    };
    for (const field of ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const) {
      if (status[field] === 0) delete (status as Record<string, unknown>)[field];
    }
    if (!sameValue(status, current.status)) {
      await updateStatus(world.clients.manager, ref, cache, current, status);
    }
    return next === undefined ? undefined : next + 50;
  }

  return runController(world, {
    name: component,
    reconcile,
    watch: [
      { cache, on: (set, _previous, deleted) => (deleted ? undefined : objectKey(set)) },
      {
        cache: caches.pods,
        on: (pod, previous, deleted) =>
          deleted ? ownerKeys(kind, pod, previous) : [...ownerKeys(kind, pod, previous), ...selecting(pod)],
      },
    ],
  });

  function selecting(pod: KubeObject): string[] {
    return selectingKeys(cache, pod, (set) => selects(set, pod.metadata.labels));
  }
}

const FAILURE = 'ReplicaFailure';

/** The condition of a set whose pods could not be made or deleted: the first failure stays until there is none. */
export function withFailure(conditions: Condition[], missing: number, failure: unknown, now: number): Condition[] {
  if (failure === undefined) return conditions.filter(({ type }) => type !== FAILURE);
  if (findCondition(conditions, FAILURE) !== undefined) return conditions;
  const reason = missing > 0 ? 'FailedCreate' : missing < 0 ? 'FailedDelete' : '';
  const message = failure instanceof Error ? failure.message : String(failure);
  return setCondition(conditions, { type: FAILURE, status: 'True', reason, message }, now);
}
