/** Status of PodDisruptionBudgets: how many pods may be taken away now. The eviction of the API server reads it. */
import { ApiError, isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject, OwnerReference } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import type { Cache } from '../sim/cache.ts';
import { runController } from '../sim/controller.ts';
import { podsInNamespace } from '../sim/indexes.ts';
import {
  type Condition,
  controllerOf,
  isDeleting,
  nameOf,
  namespaceOf,
  parseTime,
  sameValue,
  setCondition,
  uidOf,
} from '../sim/objects.ts';
import { isFinished, isReady } from '../sim/pods.ts';
import { intOrPercent } from '../sim/quantities.ts';
import { DISRUPTION_BUDGETS } from '../sim/refs.ts';
import { matchesSelector } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';

export function runDisruptionBudgets(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;

  async function reconcile(key: string): Promise<number | undefined> {
    const budget = caches.disruptionBudgets.get(key);
    if (budget === undefined) return undefined;
    const pods = podsInNamespace(caches, namespaceOf(budget)).filter((pod) => covers(budget, pod) && !isFinished(pod));
    if (pods.length === 0) tell(budget, 'Normal', 'NoPods', 'No matching pods found');
    const counted = Number.isInteger(budget.spec?.minAvailable) && budget.spec?.maxUnavailable === undefined;
    const expected = counted ? pods.length : await expectedPods(budget, pods);
    if (typeof expected !== 'number') {
      await refuse(budget, expected.failure);
      return undefined;
    }
    const { disruptedPods: marked, ...rest } = budget.status ?? {};
    const { open: disruptedPods, overdue, next } = stillDisrupted(marked, pods, world.now());
    for (const pod of overdue) tellOverdue(budget, pod);
    const healthy = pods.filter((pod) => isReady(pod) && !isDeleting(pod) && !(nameOf(pod) in disruptedPods)).length;
    const desired = desiredHealthy(budget.spec, expected);
    const allowed = expected === 0 ? 0 : Math.max(0, healthy - desired);
    const enough = allowed > 0;
    const conditions: Condition[] = setCondition(
      budget.status?.conditions ?? [],
      {
        type: 'DisruptionAllowed',
        status: enough ? 'True' : 'False',
        reason: enough ? 'SufficientPods' : 'InsufficientPods',
        message: '',
        observedGeneration: budget.metadata.generation ?? 0,
      },
      world.now(),
    );
    const status = {
      ...rest,
      ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
      observedGeneration: budget.metadata.generation ?? 0,
      disruptionsAllowed: allowed,
      currentHealthy: healthy,
      desiredHealthy: desired,
      expectedPods: expected,
      conditions,
    };
    if (!sameValue(status, budget.status)) {
      await updateStatus(client, DISRUPTION_BUDGETS, caches.disruptionBudgets, budget, status);
    }
    return next;
  }

  /** Where nobody knows how many pods there should be, none may be taken away. */
  async function refuse(budget: KubeObject, message: string): Promise<void> {
    const text = `Failed to calculate the number of expected pods: ${message}`;
    tell(budget, 'Warning', 'CalculateExpectedPodCountFailed', text);
    const observedGeneration: number | undefined = budget.status?.observedGeneration;
    const conditions = setCondition(
      budget.status?.conditions ?? [],
      {
        type: 'DisruptionAllowed',
        status: 'False',
        reason: 'SyncFailed',
        message,
        ...(observedGeneration === undefined ? {} : { observedGeneration }),
      },
      world.now(),
    );
    const none = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
    const status = { ...none, ...budget.status, disruptionsAllowed: 0, conditions };
    if (!sameValue(status, budget.status))
      await updateStatus(client, DISRUPTION_BUDGETS, caches.disruptionBudgets, budget, status);
  }

  /** What the owners want. Nobody can say that of pods without one, and not every owner has a scale. */
  async function expectedPods(budget: KubeObject, pods: readonly KubeObject[]): Promise<number | { failure: string }> {
    /** By the uid of what is scaled; the sets of one Deployment are one. */
    const scales = new Map<string, number>();
    const asked = new Set<string>();
    let alone = false;
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (owner === undefined) {
        alone = true;
        continue;
      }
      if (asked.has(owner.uid)) continue;
      asked.add(owner.uid);
      const found = knownScale(owner, namespaceOf(pod)) ?? (await servedScale(owner, namespaceOf(pod)));
      if (found === undefined) return { failure: `found no controllers for pod ${JSON.stringify(nameOf(pod))}` };
      if ('failure' in found) return found;
      scales.set(found.uid, found.replicas);
    }
    if (alone) tell(budget, 'Warning', 'UnmanagedPods', unmanagedText(budget));
    return [...scales.values()].reduce((sum, count) => sum + count, 0);
  }

  /** A Deployment is asked rather than the set that it is rolling out. */
  function knownScale(owner: OwnerReference, namespace: string): Scale | undefined {
    const cache = cacheOf(owner);
    const found = cache?.get(`${namespace}/${owner.name}`);
    if (found === undefined || uidOf(found) !== owner.uid) return undefined;
    const above = owner.kind === 'ReplicaSet' ? controllerOf(found) : undefined;
    if (above?.kind === 'Deployment') {
      const deployment = caches.deployments.get(`${namespace}/${above.name}`);
      if (deployment !== undefined && uidOf(deployment) === above.uid) return scaleFrom(deployment);
      return undefined;
    }
    return scaleFrom(found);
  }

  function cacheOf({ apiVersion, kind }: OwnerReference): Cache | undefined {
    if (kind === 'ReplicationController') return groupOf(apiVersion) === '' ? caches.replicationControllers : undefined;
    if (groupOf(apiVersion) !== 'apps') return undefined;
    if (kind === 'StatefulSet') return caches.statefulSets;
    return kind === 'ReplicaSet' ? caches.replicaSets : undefined;
  }

  /** Of any other kind: what the API server serves as its scale. */
  async function servedScale(
    owner: OwnerReference,
    namespace: string,
  ): Promise<Scale | undefined | { failure: string }> {
    const group = groupOf(owner.apiVersion);
    const kinds = await client.resources();
    const info = kinds.find((one) => one.kind === owner.kind && one.group === group);
    if (info === undefined)
      return {
        failure: `no matches for kind ${JSON.stringify(owner.kind)} in version ${JSON.stringify(owner.apiVersion)}`,
      };
    const ref = { group, version: info.version, resource: info.resource };
    try {
      const scale = await client.get(ref, owner.name, { namespace, subresource: 'scale' });
      return uidOf(scale) === owner.uid ? scaleFrom(scale) : undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!isNotFound(error)) return { failure: error.message };
      // An object that is missing is named, a path that is not served is not.
      if (error.body?.details?.name !== undefined) return undefined;
      const name = group === '' ? info.resource : `${info.resource}.${group}`;
      return { failure: `${name} does not implement the scale subresource` };
    }
  }

  /** The controller's own words: the namespace stands where the name should. */
  function tellOverdue(budget: KubeObject, pod: KubeObject): void {
    const namespace = namespaceOf(budget);
    world.events.record(pod, {
      component: 'controllermanager',
      type: 'Warning',
      reason: 'NotDeleted',
      message: `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`,
    });
  }

  function budgetsOf(pod: KubeObject): KubeObject[] {
    return caches.disruptionBudgets.byIndex('namespace', namespaceOf(pod)).filter((budget) => covers(budget, pod));
  }

  /** An eviction asks one budget only: more than one for a pod is told. */
  function changed(pod: KubeObject, previous: KubeObject | undefined, deleted: boolean): string[] {
    const now = budgetsOf(pod);
    const [first] = now;
    if (first !== undefined && now.length > 1 && !deleted)
      world.events.record(pod, {
        component: 'controllermanager',
        type: 'Warning',
        reason: 'MultiplePodDisruptionBudgets',
        message: `Pod "${namespaceOf(pod)}"/"${nameOf(pod)}" matches multiple PodDisruptionBudgets.  Chose "${nameOf(first)}" arbitrarily.`,
      });
    return [...now, ...(previous === undefined ? [] : budgetsOf(previous))].map(objectKey);
  }

  function tell(budget: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    world.events.record(budget, { component: 'controllermanager', type, reason, message });
  }

  return runController(world, {
    name: 'disruption-controller',
    reconcile,
    watch: [
      {
        cache: caches.disruptionBudgets,
        on: (budget, _previous, deleted) => (deleted ? undefined : objectKey(budget)),
      },
      {
        cache: caches.pods,
        on: changed,
      },
    ],
  });
}

/** Evictions that the pods don't show yet; one that has come to nothing is forgotten after this long. */
const DELETION_TIMEOUT_MS = 2 * 60 * 1000;

/** Which are open still, which should have gone by now, and in how many ms the next of them should have. */
export function stillDisrupted(marked: Json, pods: readonly KubeObject[], now: number) {
  const open: Record<string, string> = {};
  const overdue: KubeObject[] = [];
  let next: number | undefined;
  for (const pod of pods) {
    const since: string | undefined = marked?.[nameOf(pod)];
    if (since === undefined || isDeleting(pod)) continue;
    const left = parseTime(since) + DELETION_TIMEOUT_MS - now;
    if (left < 0) {
      overdue.push(pod);
      continue;
    }
    open[nameOf(pod)] = since;
    next = Math.min(next ?? left, left);
  }
  return { open, overdue, next: next === undefined ? undefined : next + 1 };
}

/** How many pods the owner of that uid wants. */
interface Scale {
  uid: string;
  replicas: number;
}

function scaleFrom(object: KubeObject): Scale {
  return { uid: uidOf(object), replicas: object.spec?.replicas ?? 0 };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

function unmanagedText(budget: KubeObject): string {
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${goSelector(budget.spec?.selector)}) were found to be unmanaged. ` +
    'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  );
}

/** A label selector as the controller prints it. */
function goSelector(selector: Json): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const requirements = (selector?.matchExpressions ?? []).map(
    ({ key, operator, values = [] }: Json) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const map = labels.map(([key, value]) => `${key}: ${value},`).join('');
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:[]LabelSelectorRequirement{${requirements.join('')}},}`;
}

function covers(budget: KubeObject, pod: KubeObject): boolean {
  return namespaceOf(budget) === namespaceOf(pod) && matchesSelector(budget.spec?.selector, pod.metadata.labels);
}

export function desiredHealthy(spec: KubeObject['spec'], expected: number): number {
  if (spec?.maxUnavailable !== undefined)
    return Math.max(0, expected - intOrPercent(spec.maxUnavailable, expected, true));
  return intOrPercent(spec?.minAvailable ?? 1, expected, true);
}
