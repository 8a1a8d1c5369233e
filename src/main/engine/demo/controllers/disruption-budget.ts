/** Status of PodDisruptionBudgets: how many pods may be taken away now. The eviction of the API server reads it. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { podsInNamespace } from '../sim/indexes.ts';
import { type Condition, controllerOf, isDeleting, namespaceOf, sameValue, setCondition } from '../sim/objects.ts';
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
    const expected = expectedPods(pods);
    const healthy = pods.filter((pod) => isReady(pod) && !isDeleting(pod)).length;
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
      ...budget.status,
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

  /** What the owners want; pods without an owner count as themselves. */
  function expectedPods(pods: readonly KubeObject[]): number {
    const owners = new Map<string, number>();
    let alone = 0;
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (owner === undefined) {
        alone += 1;
        continue;
      }
      const key = `${namespaceOf(pod)}/${owner.name}`;
      const found = (owner.kind === 'StatefulSet' ? caches.statefulSets : caches.replicaSets).get(key);
      owners.set(owner.uid, found?.spec?.replicas ?? (owners.get(owner.uid) ?? 0) + 1);
    }
    return alone + [...owners.values()].reduce((sum, count) => sum + count, 0);
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

function covers(budget: KubeObject, pod: KubeObject): boolean {
  return namespaceOf(budget) === namespaceOf(pod) && matchesSelector(budget.spec?.selector, pod.metadata.labels);
}

export function desiredHealthy(spec: KubeObject['spec'], expected: number): number {
  if (spec?.maxUnavailable !== undefined)
    return Math.max(0, expected - intOrPercent(spec.maxUnavailable, expected, true));
  return intOrPercent(spec?.minAvailable ?? 1, expected, true);
}
