/**
 * Deployment to ReplicaSets: revisions, rolling update and re-creation, pause, proportional scaling, history, status.
 * The counts come from rollout.ts; `kubectl rollout undo` needs nothing more than that an old template finds its old set.
 */
import { partWithQuantitiesOf } from '#engine/apiserver/index.ts';
import { isAlreadyExists } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { podsOf, replicaSetsOf } from '../sim/indexes.ts';
import {
  controllerReference,
  isControlledBy,
  isDeleting,
  nameOf,
  namespaceOf,
  parseTime,
  sameValue,
  templateHash,
  withoutTemplateHash,
} from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { DEPLOYMENTS, REPLICA_SETS } from '../sim/refs.ts';
import { matchesSelector } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { claimObjects, selectingKeys } from './claim.ts';
import { deleteObject, isTerminating, ownerKeys } from './common.ts';
import { byRevision, REVISION, revisionAfter, revisionOf } from './deployment-revision.ts';
import { deploymentStatus, isComplete, type Look, notCreated, progressDeadlineIn } from './deployment-status.ts';
import {
  newSetReplicas,
  oldSetReplicas,
  proportional,
  type RollingLimits,
  rollingLimits,
  type SetCounts,
} from './rollout.ts';

const COMPONENT = 'deployment-controller';
const POD_TEMPLATE = 'core.PodTemplateSpec';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED = 'deployment.kubernetes.io/desired-replicas';
export const MAXIMUM = 'deployment.kubernetes.io/max-replicas';
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED,
  MAXIMUM,
  'deprecated.deployment.rollback.to',
]);

export function runDeployments(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;

  async function reconcile(key: string): Promise<number | undefined> {
    const found = caches.deployments.get(key);
    if (found === undefined) return undefined;
    await claim(found);
    if (isDeleting(found)) return await report(found, 'counts');
    const { deployment, look } = await sync(found, limitsOf(found));
    return await report(deployment, look);
  }

  async function claim(deployment: KubeObject): Promise<void> {
    await claimObjects(world, {
      owner: deployment,
      reference: controllerReference(deployment, 'apps/v1', 'Deployment'),
      ref: REPLICA_SETS,
      cache: caches.replicaSets,
      selects: (set) => selects(deployment, set),
    });
  }

  /** Moves the sets on. Returns the deployment as last written, and what its status may say about the rollout. */
  async function sync(deployment: KubeObject, limits: RollingLimits): Promise<{ deployment: KubeObject; look: Look }> {
    const sets = setsOf(deployment);
    let newest = newestSet(deployment, sets);
    const old = sets.filter((set) => set.metadata.uid !== newest?.metadata.uid);
    if (newest !== undefined) newest = await annotate(deployment, newest, revisionAfter(old));
    const paused = deployment.spec?.paused === true;
    // A change of size comes before a change of template.
    if (paused || scaledSince(sets, replicasOf(deployment))) {
      const current = newest === undefined ? deployment : await keepRevision(deployment, newest);
      await resize(current, newest, old, limits);
      if (paused) await cleanUp(current, old);
      return { deployment: current, look: paused ? 'paused' : 'counts' };
    }
    // Nothing new before everything old has gone.
    if (isRecreate(deployment) && !(await emptied(deployment, old, limits))) return { deployment, look: 'rollout' };
    let look: Look = 'rollout';
    if (newest === undefined) {
      newest = await createNewest(deployment, old, limits);
      if (newest === undefined) return { deployment, look: 'counts' };
      look = 'created';
    }
    const current = await keepRevision(deployment, newest);
    if (isRecreate(deployment)) await setReplicas(current, newest, replicasOf(current), limits);
    else await roll(current, newest, old, limits);
    if (isComplete(current)) await cleanUp(current, old);
    return { deployment: current, look };
  }

  function setsOf(deployment: KubeObject): KubeObject[] {
    return replicaSetsOf(caches, deployment).sort((a, b) => createdAt(a) - createdAt(b));
  }

  /** Undefined when it can't be now: the next look tries again. */
  async function createNewest(
    deployment: KubeObject,
    sets: KubeObject[],
    limits: RollingLimits,
  ): Promise<KubeObject | undefined> {
    const replicas = replicasOf(deployment);
    const hash = templateHash(deployment.spec?.template, deployment.status?.collisionCount ?? 0);
    const labels = { ...deployment.spec?.template?.metadata?.labels, 'pod-template-hash': hash };
    const template = structuredClone(deployment.spec?.template ?? {});
    template.metadata = { ...template.metadata, labels };
    const selector = structuredClone(deployment.spec?.selector ?? {});
    selector.matchLabels = { ...selector.matchLabels, 'pod-template-hash': hash };
    const name = `${nameOf(deployment)}-${hash}`;
    const old = sets.map(countsOf);
    const count = isRecreate(deployment)
      ? replicas
      : newSetReplicas(replicas, limits, { name, desired: 0, available: 0 }, old);
    const set: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name,
        namespace: namespaceOf(deployment),
        labels,
        annotations: {
          ...copiedAnnotations(deployment),
          [REVISION]: revisionAfter(sets),
          [DESIRED]: String(replicas),
          [MAXIMUM]: String(replicas + limits.maxSurge),
        },
        ownerReferences: [controllerReference(deployment, 'apps/v1', 'Deployment')],
      },
      spec: {
        replicas: count,
        selector,
        template,
        ...(deployment.spec?.minReadySeconds ? { minReadySeconds: deployment.spec.minReadySeconds } : {}),
      },
    };
    try {
      const created = await client.create(REPLICA_SETS, set, { namespace: namespaceOf(deployment) });
      caches.replicaSets.wrote(created);
      if (count > 0) tellScaled(deployment, 'up', name, 0, count);
      return created;
    } catch (error) {
      if (isTerminating(error)) return undefined;
      if (!isAlreadyExists(error)) return await tellNotCreated(deployment, name, error);
      const existing = await client.find(REPLICA_SETS, name, { namespace: namespaceOf(deployment) });
      if (
        existing !== null &&
        isControlledBy(existing, deployment) &&
        newestSet(deployment, [existing]) !== undefined
      ) {
        caches.replicaSets.wrote(existing);
        return existing;
      }
      // Somebody else's set has the name: a higher collision count gives another hash at the next look.
      await updateStatus(client, DEPLOYMENTS, caches.deployments, deployment, {
        ...deployment.status,
        collisionCount: (deployment.status?.collisionCount ?? 0) + 1,
      });
      return undefined;
    }
  }

  async function tellNotCreated(deployment: KubeObject, name: string, error: unknown): Promise<never> {
    const message = `Failed to create new replica set "${name}": ${error instanceof Error ? error.message : error}`;
    const status = { ...deployment.status, conditions: notCreated(deployment, message, world.now()) };
    await updateStatus(client, DEPLOYMENTS, caches.deployments, deployment, status);
    const reason = 'ReplicaSetCreateError';
    world.events.record(deployment, { component: COMPONENT, type: 'Warning', reason, message });
    throw error;
  }

  /** Revision and copied annotations of the newest set; it moves to the front when an old template comes back. */
  async function annotate(deployment: KubeObject, set: KubeObject, revision: string): Promise<KubeObject> {
    const old = set.metadata.annotations ?? {};
    const annotations: Record<string, string> = { ...old, ...copiedAnnotations(deployment) };
    if (revisionOf(set) < BigInt(revision)) {
      annotations[REVISION] = revision;
      if (old[REVISION] !== undefined)
        annotations[REVISION_HISTORY] = [...(old[REVISION_HISTORY]?.split(',') ?? []), old[REVISION]].join(',');
    }
    const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
    if (sameValue(annotations, old) && (set.spec?.minReadySeconds ?? 0) === minReadySeconds) return set;
    return await write(set, annotations, { minReadySeconds });
  }

  async function keepRevision(deployment: KubeObject, newest: KubeObject): Promise<KubeObject> {
    const revision = newest.metadata.annotations?.[REVISION];
    if (revision === undefined || deployment.metadata.annotations?.[REVISION] === revision) return deployment;
    // Through status, as the real controller does: annotations written any other way count as a new generation.
    const updated = await client.update(
      DEPLOYMENTS,
      {
        ...deployment,
        metadata: {
          ...deployment.metadata,
          annotations: { ...deployment.metadata.annotations, [REVISION]: revision },
        },
      },
      { namespace: namespaceOf(deployment), subresource: 'status' },
    );
    caches.deployments.wrote(updated);
    return updated;
  }

  async function roll(deployment: KubeObject, newest: KubeObject, old: KubeObject[], limits: RollingLimits) {
    const replicas = replicasOf(deployment);
    const target = newSetReplicas(replicas, limits, countsOf(newest), old.map(countsOf));
    const before = newest.spec?.replicas ?? 0;
    await setReplicas(deployment, newest, target, limits);
    if (target !== before) return;
    for (const [name, count] of oldSetReplicas(replicas, limits, countsOf(newest), old.map(countsOf))) {
      const set = old.find((candidate) => nameOf(candidate) === name);
      if (set !== undefined) await setReplicas(deployment, set, count, limits);
    }
  }

  /** Whether all old pods have gone; sends them away. */
  async function emptied(deployment: KubeObject, old: KubeObject[], limits: RollingLimits): Promise<boolean> {
    const active = old.filter((set) => (set.spec?.replicas ?? 0) > 0);
    for (const set of active) await setReplicas(deployment, set, 0, limits);
    const running = (set: KubeObject): boolean =>
      (set.status?.replicas ?? 0) > 0 || podsOf(caches, set).some((pod) => !isFinished(pod));
    return active.length === 0 && !old.some(running);
  }

  /** Another number of replicas: the one set that has pods gets it, several share it. */
  async function resize(
    deployment: KubeObject,
    newest: KubeObject | undefined,
    old: KubeObject[],
    limits: RollingLimits,
  ): Promise<void> {
    const replicas = replicasOf(deployment);
    const all = newest === undefined ? old : [...old, newest];
    const active = all.filter((set) => (set.spec?.replicas ?? 0) > 0);
    const only = active.length <= 1 ? (active[0] ?? newest ?? old.at(-1)) : undefined;
    if (only !== undefined) {
      await setReplicas(deployment, only, replicas, limits);
      return;
    }
    if (isSaturated(newest, replicas)) {
      for (const set of active) if (set !== newest) await setReplicas(deployment, set, 0, limits);
      return;
    }
    if (isRecreate(deployment)) return;
    const wanted = proportional(replicas, limits, active.map(countsOf));
    for (const set of active) {
      await setReplicas(deployment, set, wanted.get(nameOf(set)) ?? set.spec?.replicas ?? 0, limits);
    }
  }

  async function setReplicas(deployment: KubeObject, set: KubeObject, count: number, limits: RollingLimits) {
    const replicas = replicasOf(deployment);
    const before = set.spec?.replicas ?? 0;
    const annotations = {
      ...set.metadata.annotations,
      [DESIRED]: String(replicas),
      [MAXIMUM]: String(replicas + limits.maxSurge),
    };
    const sameAnnotations = sameValue(annotations, set.metadata.annotations);
    if (before === count && (sameAnnotations || count === 0)) return;
    await write(set, annotations, { replicas: count });
    if (before !== count) tellScaled(deployment, count > before ? 'up' : 'down', nameOf(set), before, count);
  }

  async function write(set: KubeObject, annotations: Record<string, string>, spec: Json): Promise<KubeObject> {
    const updated = await client.update(
      REPLICA_SETS,
      { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, ...spec } },
      { namespace: namespaceOf(set) },
    );
    caches.replicaSets.wrote(updated);
    return updated;
  }

  function tellScaled(deployment: KubeObject, way: 'up' | 'down', set: string, from: number, to: number): void {
    world.events.record(deployment, {
      component: COMPONENT,
      reason: 'ScalingReplicaSet',
      message: `Scaled ${way} replica set ${set} from ${from} to ${to}`,
    });
  }

  async function cleanUp(deployment: KubeObject, old: KubeObject[]): Promise<void> {
    const limit = deployment.spec?.revisionHistoryLimit ?? 10;
    const empty = old.filter(
      (set) => !isDeleting(set) && (set.spec?.replicas ?? 0) + (set.status?.replicas ?? 0) === 0,
    );
    const surplus = [...empty].sort(byRevision).slice(0, Math.max(0, empty.length - limit));
    for (const set of surplus) await deleteObject(world, REPLICA_SETS, caches.replicaSets, set);
  }

  async function report(deployment: KubeObject, look: Look): Promise<number | undefined> {
    const current = caches.deployments.get(objectKey(deployment)) ?? deployment;
    if (current.metadata.uid !== deployment.metadata.uid) return undefined;
    const sets = setsOf(current);
    const newest = newestSet(current, sets);
    const status = deploymentStatus(current, sets, newest, look, world.now());
    if (!sameValue(status, current.status)) {
      await updateStatus(client, DEPLOYMENTS, caches.deployments, current, status);
    }
    return progressDeadlineIn(current, status, world.now());
  }

  return runController(world, {
    name: COMPONENT,
    reconcile,
    watch: [
      {
        cache: caches.deployments,
        on: (deployment, _previous, deleted) => (deleted ? undefined : objectKey(deployment)),
      },
      {
        cache: caches.replicaSets,
        on: (set, previous, deleted) => [
          ...ownerKeys('Deployment', set, previous),
          ...(deleted ? [] : selectingKeys(caches.deployments, set, (one) => selects(one, set))),
        ],
      },
      {
        // Only re-creation waits for pods to be gone; everything else shows in the sets.
        cache: caches.pods,
        on: (pod, _previous, deleted) => (deleted ? waitingForPods(pod) : undefined),
      },
    ],
  });

  function waitingForPods(pod: KubeObject): string[] {
    const setName = pod.metadata.ownerReferences?.find((owner) => owner.kind === 'ReplicaSet')?.name;
    const set = setName === undefined ? undefined : caches.replicaSets.get(`${namespaceOf(pod)}/${setName}`);
    return set === undefined ? [] : ownerKeys('Deployment', set, undefined);
  }
}

function selects(deployment: KubeObject, set: KubeObject): boolean {
  return matchesSelector(deployment.spec?.selector, set.metadata.labels);
}

/**
 * The oldest set with the Deployment's template, whatever it was called. Quantities that are only written otherwise
 * (`1Gi`, `1024Mi`) make no other template: nothing is rolled out for them.
 */
export function newestSet(deployment: KubeObject, sets: readonly KubeObject[]): KubeObject | undefined {
  const wanted = withoutTemplateHash(deployment.spec?.template);
  const templates = sets.map((set) => withoutTemplateHash(set.spec?.template));
  let at = templates.findIndex((template) => sameValue(template, wanted));
  // Nearly always one is found as it is written; to compare by value takes longer.
  if (at < 0) {
    at = templates.findIndex((template) => sameValue(partWithQuantitiesOf(POD_TEMPLATE, template, wanted), wanted));
  }
  return sets[at];
}

export function limitsOf(deployment: KubeObject): RollingLimits {
  if (isRecreate(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  return rollingLimits(deployment.spec?.strategy?.rollingUpdate, replicasOf(deployment));
}

function isRecreate(deployment: KubeObject): boolean {
  return deployment.spec?.strategy?.type === 'Recreate';
}

function replicasOf(deployment: KubeObject): number {
  return deployment.spec?.replicas ?? 1;
}

function countsOf(set: KubeObject): SetCounts {
  return {
    name: nameOf(set),
    desired: set.spec?.replicas ?? 0,
    available: set.status?.availableReplicas ?? 0,
    created: createdAt(set),
  };
}

function createdAt(object: KubeObject): number {
  return parseTime(object.metadata.creationTimestamp) || 0;
}

/** The set alone is what the deployment wants. */
function isSaturated(set: KubeObject | undefined, replicas: number): boolean {
  return (
    set?.spec?.replicas === replicas &&
    set.metadata.annotations?.[DESIRED] === String(replicas) &&
    (set.status?.availableReplicas ?? 0) === replicas
  );
}

function scaledSince(sets: readonly KubeObject[], replicas: number): boolean {
  return sets.some(
    (set) =>
      (set.spec?.replicas ?? 0) > 0 &&
      set.metadata.annotations?.[DESIRED] !== undefined &&
      set.metadata.annotations[DESIRED] !== String(replicas),
  );
}

function copiedAnnotations(deployment: KubeObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key)),
  );
}
