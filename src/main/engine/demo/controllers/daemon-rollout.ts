/**
 * What the DaemonSet controller thinks of the pods on its nodes: which count, which are too many, which are replaced
 * next and how. Pure. Source: Kubernetes documentation "DaemonSet", kube-controller-manager's behaviour.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isDeleting, nameOf, parseTime } from '../sim/objects.ts';
import { availableIn, isFinished, isReady } from '../sim/pods.ts';

/** A node and the pods of the set that are there, those on their way out as well. */
export interface NodePods {
  node: string;
  /** A pod is made there when there is none. */
  starts: boolean;
  pods: readonly KubeObject[];
}

/** What is asked of a pod. */
export interface PodView {
  /** Made from the template of now. */
  updated(pod: KubeObject): boolean;
  available(pod: KubeObject): boolean;
}

export interface Step {
  /** Nodes that get a pod. */
  create: string[];
  remove: KubeObject[];
}

/** The one that counts comes first: one that has its node, then the oldest. */
export function oldestFirst(pods: readonly KubeObject[]): KubeObject[] {
  const age = (pod: KubeObject) => parseTime(pod.metadata.creationTimestamp) || 0;
  const waits = (pod: KubeObject) => (pod.spec?.nodeName ? 0 : 1);
  return [...pods].sort((a, b) => waits(a) - waits(b) || age(a) - age(b) || (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** Of the running pods of one node in a set that surges: those beyond one old and one new, and the old one when it is no longer needed. */
export function tooMany(running: readonly KubeObject[], { updated, available }: PodView): KubeObject[] {
  if (running.length <= 1) return [];
  const sorted = oldestFirst(running);
  const next = sorted.find(updated);
  const old = sorted.find((pod) => !updated(pod));
  const out = sorted.filter((pod) => pod !== next && pod !== old);
  if (next !== undefined && old !== undefined && (!isReady(old) || available(next))) out.push(old);
  return out;
}

/** The old and the new pod of a node; null while there are more than one of either, which is mended first. */
function pairOf(pods: readonly KubeObject[], { updated }: PodView): { next?: KubeObject; old?: KubeObject } | null {
  const living = pods.filter((pod) => !isDeleting(pod));
  const [next, ...more] = living.filter(updated);
  const [old, ...others] = living.filter((pod) => !updated(pod));
  if (more.length + others.length > 0) return null;
  return { ...(next === undefined ? {} : { next }), ...(old === undefined ? {} : { old }) };
}

/** Old pods that go first and are replaced then: broken ones at once, working ones as far as `limit` allows. */
export function replaceStep(nodes: readonly NodePods[], view: PodView, limit: number): Step {
  const broken: KubeObject[] = [];
  const working: KubeObject[] = [];
  let unavailable = 0;
  for (const { pods } of nodes) {
    const pair = pairOf(pods, view);
    const [one, other] = pair === null ? [] : [pair.old, pair.next].filter((pod) => pod !== undefined);
    const good = one !== undefined && other === undefined && view.available(one);
    if (!good) unavailable += 1;
    if (one === undefined || other !== undefined || view.updated(one)) continue;
    (good ? working : broken).push(one);
  }
  return { create: [], remove: [...broken, ...working.slice(0, Math.max(0, limit - unavailable))] };
}

/**
 * New pods beside the old ones, old ones away where the new one works. Old pods on nodes that the set no longer wants go
 * when as many as there should be work elsewhere.
 */
export function surgeStep(nodes: readonly NodePods[], view: PodView, surge: number): Step {
  const step: Step = { create: [], remove: [] };
  const waiting: string[] = [];
  const unwanted: KubeObject[] = [];
  let used = 0;
  let good = 0;
  for (const { node, starts, pods } of nodes) {
    const pair = pairOf(pods, view);
    if (pair === null) {
      used += 1;
      continue;
    }
    const { next, old } = pair;
    const counts = old ?? next;
    const works = counts !== undefined && view.available(counts);
    if (works) good += 1;
    if (old === undefined) continue;
    if (next !== undefined) {
      if (view.available(next)) step.remove.push(old);
      else used += 1;
    } else if (!starts) (works ? unwanted : step.remove).push(old);
    // A broken pod needs no budget to be replaced.
    else if (works) waiting.push(node);
    else step.create.push(node);
  }
  const desired = nodes.filter(({ starts }) => starts).length;
  step.remove.push(...unwanted.slice(0, Math.max(0, good - desired)));
  step.create.push(...waiting.slice(0, Math.max(0, surge - used)));
  return step;
}

/** What the status says, and in how many ms a pod that is ready becomes available. */
export function countsOf(
  nodes: readonly NodePods[],
  updated: (pod: KubeObject) => boolean,
  minReadySeconds: number,
  now: number,
) {
  const status = {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
    updatedNumberScheduled: 0,
    numberAvailable: 0,
    numberUnavailable: 0,
  };
  let next: number | undefined;
  for (const { starts, pods } of nodes) {
    const [pod] = oldestFirst(pods);
    if (!starts) {
      if (pod !== undefined) status.numberMisscheduled += 1;
      continue;
    }
    status.desiredNumberScheduled += 1;
    if (pod === undefined) continue;
    status.currentNumberScheduled += 1;
    if (isReady(pod)) status.numberReady += 1;
    const wait = availableIn(pod, minReadySeconds, now);
    if (wait === 0) status.numberAvailable += 1;
    else if (wait !== null) next = Math.min(next ?? wait, wait);
    if (updated(pod)) status.updatedNumberScheduled += 1;
  }
  status.numberUnavailable = status.desiredNumberScheduled - status.numberAvailable;
  return { status, next };
}

/** By node, but for those that have ended and wait for somebody's finalizer: nobody waits for these. */
export function podsByNode(
  pods: readonly KubeObject[],
  nodeOf: (pod: KubeObject) => string,
): Map<string, KubeObject[]> {
  const out = new Map<string, KubeObject[]>();
  for (const pod of pods) {
    if (isDeleting(pod) && isFinished(pod)) continue;
    const node = nodeOf(pod);
    const known = out.get(node);
    if (known === undefined) out.set(node, [pod]);
    else known.push(pod);
  }
  return out;
}
