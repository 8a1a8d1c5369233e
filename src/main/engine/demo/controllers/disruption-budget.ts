/** Status of PodDisruptionBudgets: how many pods may be taken away now. The eviction of the API server reads it. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
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
} from '../sim/objects.ts';
import { isFinished, isReady } from '../sim/pods.ts';
import { intOrPercent } from '../sim/quantities.ts';
import { DISRUPTION_BUDGETS } from '../sim/refs.ts';
import { matchesSelector } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';

export function runDisruptionBudgets(world: World): Controller {
  const { caches } = world;

  async function reconcile(key: string): Promise<undefined> {
    const budget = caches.disruptionBudgets.get(key);
    if (budget === undefined || isDeleting(budget)) return undefined;
    const pods = podsInNamespace(caches, namespaceOf(budget)).filter((pod) => covers(budget, pod) && !isFinished(pod));
    if (pods.length === 0) tell(budget, 'Normal', 'NoPods', 'No matching pods found');
    const counted = Number.isInteger(budget.spec?.minAvailable) && budget.spec?.maxUnavailable === undefined;
    const expected = counted ? pods.length : expectedPods(budget, pods);
    const evicted = new Set(Object.keys(stillDisrupted(budget.status?.disruptedPods, pods, world.now())));
    const healthy = pods.filter((pod) => isReady(pod) && !isDeleting(pod) && !evicted.has(nameOf(pod))).length;
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
    const { disruptedPods: marked, ...rest } = budget.status ?? {};
    const disruptedPods = stillDisrupted(marked, pods, world.now());
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
      await updateStatus(world.clients.manager, DISRUPTION_BUDGETS, caches.disruptionBudgets, budget, status);
    }
    return undefined;
  }

  /** What the owners want. Nobody can say that of pods without one. */
  function expectedPods(budget: KubeObject, pods: readonly KubeObject[]): number {
    const owners = new Map<string, number>();
    let alone = false;
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (owner === undefined) {
        alone = true;
        continue;
      }
      const key = `${namespaceOf(pod)}/${owner.name}`;
      owners.set(owner.uid, scaleOf(owner.kind, key) ?? (owners.get(owner.uid) ?? 0) + 1);
    }
    if (alone) tell(budget, 'Warning', 'UnmanagedPods', unmanagedText(budget));
    return [...owners.values()].reduce((sum, count) => sum + count, 0);
  }

  /** A Deployment is asked rather than the set that it is rolling out. */
  function scaleOf(kind: string, key: string): number | undefined {
    if (kind === 'StatefulSet') return caches.statefulSets.get(key)?.spec?.replicas;
    if (kind === 'ReplicationController') return caches.replicationControllers.get(key)?.spec?.replicas;
    const set = caches.replicaSets.get(key);
    const above = set === undefined ? undefined : controllerOf(set);
    if (above?.kind === 'Deployment')
      return caches.deployments.get(`${namespaceOf(set as KubeObject)}/${above.name}`)?.spec?.replicas;
    return set?.spec?.replicas;
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
        on: (pod) =>
          caches.disruptionBudgets
            .byIndex('namespace', namespaceOf(pod))
            .filter((budget) => covers(budget, pod))
            .map(objectKey),
      },
    ],
  });
}

/** Evictions that the pods don't show yet; one that has come to nothing is forgotten after this long. */
const DELETION_TIMEOUT_MS = 2 * 60 * 1000;

function stillDisrupted(marked: Json, pods: readonly KubeObject[], now: number): Record<string, string> {
  const living = new Set(pods.filter((pod) => !isDeleting(pod)).map(nameOf));
  const open = Object.entries<string>(marked ?? {}).filter(
    ([name, since]) => living.has(name) && parseTime(since) + DELETION_TIMEOUT_MS > now,
  );
  return Object.fromEntries(open);
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
