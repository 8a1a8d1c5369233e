/** Who would have to go so that a pod of higher priority fits. Pure. Source: Kubernetes documentation "Pod Priority and Preemption". */

import { add, podRequests } from '#shared/kubernetes/pod-requests.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isDeleting, nameOf, parseTime } from '../sim/objects.ts';
import type { NodeState, Refuse } from './fit.ts';

export interface Preemption {
  node: string;
  victims: KubeObject[];
}

/** Nodes looked at before the best of them is taken, as the real scheduler looks at a tenth and at least so many. */
const CANDIDATES = 100;

/** Why nothing can be taken away for a pod; the scheduler's own words. */
export const NEVER_PREEMPTS = 'not eligible due to preemptionPolicy=Never.';
export const VICTIMS_LEAVE = 'not eligible due to a terminating pod on the nominated node.';
const NOT_HELPFUL = 'Preemption is not helpful for scheduling';
const NO_VICTIMS = 'No preemption victims found for incoming pod';

/** What a look at all nodes for victims has come to. */
export interface Trial {
  /** Null when no node can be made to fit. */
  best: Preemption | null;
  /** Why not, one or several words for each node. */
  reasons: string[];
}

/** `refuse` judges nodes as they are, `refuseAmong` makes a judge of others. */
export function victimsFor(
  pod: KubeObject,
  states: readonly NodeState[],
  refuse: Refuse,
  refuseAmong: (states: readonly NodeState[]) => Refuse,
): Trial {
  const candidates: Preemption[] = [];
  const reasons: string[] = [];
  const most = Math.max(CANDIDATES, Math.ceil(states.length / 10));
  for (const state of states) {
    if (!refuse(state).every((refusal) => refusal.preemptionHelps)) {
      reasons.push(NOT_HELPFUL);
      continue;
    }
    const lower = state.pods.filter((other) => priorityOf(other) < priorityOf(pod));
    if (lower.length === 0) {
      reasons.push(NO_VICTIMS);
      continue;
    }
    const found = victimsOn(state, lower, states, refuseAmong);
    if (found.victims.length > 0) candidates.push({ node: nameOf(state.node), victims: found.victims });
    else reasons.push(...found.refusals);
    if (candidates.length >= most) break;
  }
  return { best: candidates.sort(compare)[0] ?? null, reasons };
}

export function priorityOf(pod: KubeObject): number {
  return pod.spec?.priority ?? 0;
}

/** All of lower priority go at first; then as many as possible stay, the most important first. */
function victimsOn(
  state: NodeState,
  lower: readonly KubeObject[],
  states: readonly NodeState[],
  refuseAmong: (states: readonly NodeState[]) => Refuse,
): { victims: KubeObject[]; refusals: string[] } {
  const refusals = (gone: ReadonlySet<KubeObject>) => {
    const left = without(state, gone);
    return refuseAmong(states.map((other) => (other === state ? left : other)))(left);
  };
  const gone = new Set(lower);
  const still = refusals(gone);
  if (still.length > 0) return { victims: [], refusals: still.map(({ reason }) => reason) };
  for (const spared of [...lower].sort((a, b) => priorityOf(b) - priorityOf(a) || startOf(a) - startOf(b))) {
    gone.delete(spared);
    if (refusals(gone).length > 0) gone.add(spared);
  }
  return { victims: [...gone], refusals: [] };
}

function without(state: NodeState, gone: ReadonlySet<KubeObject>): NodeState {
  const used = { ...state.used };
  for (const pod of gone) {
    for (const [name, amount] of Object.entries(podRequests(pod.spec))) used[name] = (used[name] ?? 0) - amount;
  }
  return { ...state, used, pods: state.pods.filter((pod) => !gone.has(pod)) };
}

/** The node whose victims matter least: lowest highest priority, lowest sum, fewest, then youngest. */
function compare(a: Preemption, b: Preemption): number {
  const keys = ({ victims }: Preemption) => {
    const priorities = victims.map(priorityOf);
    const sum = priorities.reduce((total, one) => total + one, 0);
    return [Math.max(...priorities), sum, victims.length, -Math.max(...victims.map(startOf))];
  };
  const [left, right] = [keys(a), keys(b)];
  for (const [index, key] of left.entries()) {
    const difference = key - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.node < b.node ? -1 : 1;
}

function startOf(pod: KubeObject): number {
  return parseTime(pod.status?.startTime) || 0;
}

/** A pod that will be on a node without being bound to it yet. */
export interface Expected {
  pod: KubeObject;
  node: string;
  /** Nothing can take its place any more: its volumes are being bound. */
  sure?: boolean;
}

/** The nodes as `incoming` has to see them: what victims make room for is taken, unless it is for something lesser. */
export function withExpected(
  states: readonly NodeState[],
  expected: readonly Expected[],
  incoming: KubeObject,
): readonly NodeState[] {
  const ahead = expected.filter(
    ({ pod, sure }) =>
      pod.metadata.uid !== incoming.metadata.uid && (sure === true || priorityOf(pod) >= priorityOf(incoming)),
  );
  if (ahead.length === 0) return states;
  return states.map((state) => {
    const pods = ahead.filter(({ node }) => node === nameOf(state.node)).map(({ pod }) => pod);
    if (pods.length === 0) return state;
    const used = { ...state.used };
    for (const pod of pods) add(used, podRequests(pod.spec));
    return { ...state, used, pods: [...state.pods, ...pods] };
  });
}

/** Pods on their way out of the node that a pod has been promised: it waits for them instead of taking more. */
export function stillLeaving(pod: KubeObject, states: readonly NodeState[]): boolean {
  const promised: string = pod.status?.nominatedNodeName ?? '';
  const state = states.find((one) => nameOf(one.node) === promised);
  return state?.pods.some((other) => isDeleting(other) && priorityOf(other) < priorityOf(pod)) ?? false;
}
