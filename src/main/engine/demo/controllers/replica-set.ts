/** ReplicaSet to Pods: keeps the number of active pods, reports how many work. Level-triggered, safe to repeat. */
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { podsOf } from '../sim/indexes.ts';
import {
  controllerOf,
  controllerReference,
  isDeleting,
  nameOf,
  namespaceOf,
  podTemplateToPod,
  sameValue,
} from '../sim/objects.ts';
import { availableIn, deletionOrder, isActive, isReady } from '../sim/pods.ts';
import { PODS, REPLICA_SETS } from '../sim/refs.ts';
import { matchesSelector } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { deletePod, inBatches, ownerKeys } from './common.ts';

const COMPONENT = 'replicaset-controller';

export function runReplicaSets(world: World): Controller {
  const { caches } = world;

  async function reconcile(key: string): Promise<number | undefined> {
    const set = caches.replicaSets.get(key);
    if (set === undefined) return undefined;
    const pods = podsOf(caches, set).filter(isActive);
    if (!isDeleting(set)) await scale(set, pods);
    return await report(set);
  }

  async function scale(set: KubeObject, pods: KubeObject[]): Promise<void> {
    const difference = (set.spec?.replicas ?? 1) - pods.length;
    if (difference > 0) await inBatches(difference, () => createPod(set));
    else if (difference < 0) {
      const doomed = deletionOrder(pods, relatedPods(set)).slice(0, -difference);
      await inBatches(doomed.length, async (index) => {
        const pod = doomed[index];
        if (pod === undefined) return;
        await deletePod(world, pod);
        world.events.record(set, {
          component: COMPONENT,
          reason: 'SuccessfulDelete',
          message: `Deleted pod: ${nameOf(pod)}`,
        });
      });
    }
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

  async function createPod(set: KubeObject): Promise<void> {
    const pod = podTemplateToPod(set.spec?.template, {
      namespace: namespaceOf(set),
      generateName: `${nameOf(set)}-`,
      owner: controllerReference(set, 'apps/v1', 'ReplicaSet'),
    });
    try {
      const created = await world.clients.manager.create(PODS, pod, { namespace: namespaceOf(set) });
      caches.pods.wrote(created);
      world.events.record(set, {
        component: COMPONENT,
        reason: 'SuccessfulCreate',
        message: `Created pod: ${nameOf(created)}`,
      });
    } catch (error) {
      // The namespace goes away: nothing to report.
      if (isNotFound(error)) return;
      if (!isAlreadyExists(error)) {
        world.events.record(set, {
          component: COMPONENT,
          type: 'Warning',
          reason: 'FailedCreate',
          message: `Error creating: ${error instanceof Error ? error.message : String(error)}`,
        });
      }
      throw error;
    }
  }

  async function report(set: KubeObject): Promise<number | undefined> {
    const current = caches.replicaSets.get(objectKey(set)) ?? set;
    const pods = podsOf(caches, set).filter(isActive);
    const minReady = set.spec?.minReadySeconds ?? 0;
    const templateLabels = set.spec?.template?.metadata?.labels ?? {};
    let ready = 0;
    let available = 0;
    let next: number | undefined;
    for (const pod of pods) {
      if (isReady(pod)) ready += 1;
      const wait = availableIn(pod, minReady, world.now());
      if (wait === 0) available += 1;
      else if (wait !== null) next = Math.min(next ?? wait, wait);
    }
    const status = {
      ...current.status,
      replicas: pods.length,
      fullyLabeledReplicas: pods.filter((pod) => matchesSelector({ matchLabels: templateLabels }, pod.metadata.labels))
        .length,
      readyReplicas: ready,
      availableReplicas: available,
      observedGeneration: current.metadata.generation ?? 0,
    };
    for (const field of ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const) {
      if (status[field] === 0) delete (status as Record<string, unknown>)[field];
    }
    if (!sameValue(status, current.status)) {
      await updateStatus(world.clients.manager, REPLICA_SETS, caches.replicaSets, current, status);
    }
    return next === undefined ? undefined : next + 50;
  }

  return runController(world, {
    name: COMPONENT,
    reconcile,
    watch: [
      { cache: caches.replicaSets, on: (set, _previous, deleted) => (deleted ? undefined : objectKey(set)) },
      { cache: caches.pods, on: (pod, previous) => ownerKeys('ReplicaSet', pod, previous) },
    ],
  });
}
