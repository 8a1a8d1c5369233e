/** NoExecute taints: pods that don't tolerate them leave at once, others when their toleration has run out. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import { runController } from '../sim/controller.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { isDeleting, nameOf, sameValue, setCondition, uidOf } from '../sim/objects.ts';
import { isFinished, observedOf } from '../sim/pods.ts';
import { PODS } from '../sim/refs.ts';
import { type Taint, tolerates } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { deletePod } from './common.ts';

const COMPONENT = 'taint-eviction-controller';

export function runTaintEviction(world: World): Controller {
  const { caches } = world;
  /** Pods whose time is running, and since when it does: a taint that a person sets has no date. */
  const waiting = new Map<string, { uid: string; since: number }>();

  /** About the pod by name alone, as the real controller tells it: not among the events that `describe` shows. */
  function tell(key: string, what: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const message = `${what} Pod ${key}`;
    const about = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } };
    world.events.record(about, { component: COMPONENT, reason: 'TaintManagerEviction', message });
  }

  async function reconcile(key: string): Promise<number | undefined> {
    const pod = caches.pods.get(key);
    if (pod === undefined || isDeleting(pod) || isFinished(pod)) {
      // Somebody else was faster.
      if (pod === undefined && waiting.has(key)) tell(key, 'Cancelling deletion of');
      if (pod === undefined || !isDeleting(pod)) waiting.delete(key);
      return undefined;
    }
    const node = caches.nodes.get(pod.spec?.nodeName ?? '');
    const taints = noExecute(node);
    const known = waiting.get(key);
    const since = known?.uid === uidOf(pod) ? known.since : world.now();
    const due = taints.length === 0 ? null : evictionTime(pod.spec?.tolerations, taints, since, world.pace);
    if (due === null) {
      if (known?.uid === uidOf(pod)) tell(key, 'Cancelling deletion of');
      waiting.delete(key);
      return undefined;
    }
    if (due > world.now()) {
      waiting.set(key, { uid: uidOf(pod), since });
      return due - world.now();
    }
    waiting.delete(key);
    tell(key, 'Marking for deletion');
    const conditions = setCondition(
      pod.status?.conditions ?? [],
      {
        type: 'DisruptionTarget',
        status: 'True',
        ...observedOf(pod, minorOf(world.profile.version)),
        lastProbeTime: null,
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
      },
      world.now(),
    );
    const marked = await updateStatus(world.clients.manager, PODS, caches.pods, pod, { ...pod.status, conditions });
    await deletePod(world, marked);
    return undefined;
  }

  const podsOn = (node: string) => podsOnNode(caches, node).map(objectKey);
  return runController(world, {
    name: 'taint-eviction',
    reconcile,
    watch: [
      {
        cache: caches.nodes,
        on: (node, previous) => (sameValue(noExecute(node), noExecute(previous)) ? undefined : podsOn(nameOf(node))),
      },
      {
        cache: caches.pods,
        on: (pod, _previous, deleted) =>
          deleted && waiting.has(objectKey(pod))
            ? objectKey(pod)
            : !deleted && pod.spec?.nodeName && noExecute(caches.nodes.get(pod.spec.nodeName)).length > 0
              ? objectKey(pod)
              : undefined,
      },
    ],
  });
}

function noExecute(node: KubeObject | undefined): Taint[] {
  return ((node?.spec?.taints ?? []) as Taint[]).filter((taint) => taint.effect === 'NoExecute');
}

/**
 * When the pod has to leave: at once, later, or never (null). `since`: when its taints were first seen, whatever the date
 * that they carry: a pod that comes to a node which was tainted long ago has its time as well. Of several tolerations of a
 * taint the first counts. Tolerated time is simulated time, so it is scaled.
 */
export function evictionTime(
  tolerations: Json[] | undefined,
  taints: readonly Taint[],
  since: number,
  pace: number,
): number | null {
  let due: number | null = null;
  for (const taint of taints) {
    const matching = (tolerations ?? []).find((toleration) => tolerates([toleration], taint));
    if (matching === undefined) return since;
    if (matching.tolerationSeconds === undefined) continue;
    const leave = since + Math.max(0, matching.tolerationSeconds) * 1000 * pace;
    due = due === null ? leave : Math.min(due, leave);
  }
  return due;
}
