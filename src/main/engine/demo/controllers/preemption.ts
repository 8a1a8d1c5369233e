/** Who would have to go so that a pod of higher priority fits. Pure. Source: Kubernetes documentation "Pod Priority and Preemption". */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isDeleting, nameOf, parseTime } from '../sim/objects.ts';
import { add, podRequests } from '../sim/quantities.ts';
import type { NodeState, Refusal } from './fit.ts';

export interface Preemption {
  node: string;
  victims: KubeObject[];
}

type Refuse = (pod: KubeObject, state: NodeState, all: readonly NodeState[]) => Refusal[];

/** Null when no node can be made to fit, or the pod does not preempt. */
export function victimsFor(pod: KubeObject, states: readonly NodeState[], refuse: Refuse): Preemption | null {
  if (pod.spec?.preemptionPolicy === 'Never') return null;
  const candidates: Preemption[] = [];
  for (const state of states) {
    if (!state.pods.some((other) => priorityOf(other) < priorityOf(pod))) continue;
    if (!refuse(pod, state, states).every((refusal) => refusal.preemptionHelps)) continue;
    const victims = victimsOn(pod, state, states, refuse);
    if (victims !== null && victims.length > 0) candidates.push({ node: nameOf(state.node), victims });
  }
  return candidates.sort(compare)[0] ?? null;
}

export function priorityOf(pod: KubeObject): number {
  return pod.spec?.priority ?? 0;
}

/** All of lower priority go at first; then as many as possible stay, the most important first. */
function victimsOn(
  pod: KubeObject,
  state: NodeState,
  states: readonly NodeState[],
  refuse: Refuse,
): KubeObject[] | null {
  const lower = state.pods.filter((other) => priorityOf(other) < priorityOf(pod));
  const fits = (gone: ReadonlySet<KubeObject>) => {
    const left = without(state, gone);
    return (
      refuse(
        pod,
        left,
        states.map((other) => (other === state ? left : other)),
      ).length === 0
    );
  };
  const gone = new Set(lower);
  if (!fits(gone)) return null;
  for (const spared of [...lower].sort((a, b) => priorityOf(b) - priorityOf(a) || startOf(a) - startOf(b))) {
    gone.delete(spared);
    if (!fits(gone)) gone.add(spared);
  }
  return [...gone];
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

/** The nodes as `incoming` has to see them: what victims make room for is taken, unless it is for something lesser. */
export function withPromised(
  states: readonly NodeState[],
  promised: readonly KubeObject[],
  incoming: KubeObject,
): readonly NodeState[] {
  const ahead = promised.filter(
    (pod) => pod.metadata.uid !== incoming.metadata.uid && priorityOf(pod) >= priorityOf(incoming),
  );
  if (ahead.length === 0) return states;
  return states.map((state) => {
    const pods = ahead.filter((pod) => pod.status?.nominatedNodeName === nameOf(state.node));
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
