/**
 * Where a pod may run and where it runs best: the filters and scores of the default scheduler that a person notices,
 * as pure functions. Reasons are the scheduler's own words. Source: Kubernetes documentation "Scheduling Framework".
 */

import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { controllerOf, isDeleting, nameOf, namespaceOf } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { add, podRequests, type Resources } from '../sim/quantities.ts';
import { matchesNodeSelector, matchesNodeTerm, matchesSelector, type Taint, tolerates } from '../sim/selectors.ts';
import { type Preemption, victimsFor } from './preemption.ts';

export interface NodeState {
  node: KubeObject;
  labels: Record<string, string>;
  allocatable: Resources;
  used: Resources;
  pods: KubeObject[];
}

export interface Placement {
  /** Node chosen, or null. */
  node: string | null;
  /** Where other pods would have to go first; only when there is no node. */
  preemption?: Preemption;
  /** `0/3 nodes are available: ...` when there is none. */
  message: string;
}

export interface Refusal {
  reason: string;
  /** Whether taking other pods away could help: resources yes, labels and taints no. */
  preemptionHelps: boolean;
}

/** Usage of every node by the pods assigned to it. */
export function nodeStates(nodes: readonly KubeObject[], pods: readonly KubeObject[]): NodeState[] {
  const states = new Map<string, NodeState>();
  for (const node of nodes) {
    if (isDeleting(node)) continue;
    const allocatable: Resources = {};
    for (const [name, value] of Object.entries(node.status?.allocatable ?? {}))
      allocatable[name] = parseQuantity(value);
    states.set(nameOf(node), { node, labels: node.metadata.labels ?? {}, allocatable, used: {}, pods: [] });
  }
  for (const pod of pods) {
    const state = states.get(pod.spec?.nodeName ?? '');
    if (state === undefined || isFinished(pod)) continue;
    state.pods.push(pod);
    add(state.used, requestsOf(pod));
  }
  return [...states.values()];
}

const requests = new WeakMap<KubeObject, Resources>();
function requestsOf(pod: KubeObject): Resources {
  const known = requests.get(pod);
  if (known !== undefined) return known;
  const computed = podRequests(pod.spec);
  requests.set(pod, computed);
  return computed;
}

export function place(pod: KubeObject, states: readonly NodeState[]): Placement {
  if (states.length === 0) return { node: null, message: 'no nodes available to schedule pods' };
  const feasible: NodeState[] = [];
  const refused: Refusal[][] = [];
  const shy = shyPods(states);
  for (const state of states) {
    const reasons = refuse(pod, state, states, shy);
    if (reasons.length === 0) feasible.push(state);
    else refused.push(reasons);
  }
  if (feasible.length === 0) {
    const preemption = victimsFor(pod, states, refuse);
    return preemption === null
      ? { node: null, message: unavailable(refused) }
      : { node: null, preemption, message: `0/${states.length} nodes are available: ${counts(refused)}.` };
  }
  const [only] = feasible;
  if (feasible.length === 1 && only !== undefined) return { node: nameOf(only.node), message: '' };
  const spread = ownerSpread(pod, states);
  const best = feasible
    .map((state) => ({ state, score: score(pod, state, states, spread) }))
    .sort((a, b) => b.score - a.score || nameOf(a.state.node).localeCompare(nameOf(b.state.node)))[0];
  return { node: best === undefined ? null : nameOf(best.state.node), message: '' };
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: ...` */
function unavailable(nodes: readonly Refusal[][]): string {
  const total = nodes.length;
  let hopeless = 0;
  for (const reasons of nodes) {
    if (!reasons.every((refusal) => refusal.preemptionHelps)) hopeless += 1;
  }
  const preemption = new Map<string, number>();
  if (hopeless > 0) preemption.set('Preemption is not helpful for scheduling', hopeless);
  if (total > hopeless) preemption.set('No preemption victims found for incoming pod', total - hopeless);
  return (
    `0/${total} nodes are available: ${counts(nodes)}. ` +
    `preemption: 0/${total} nodes are available: ${counted(preemption)}.`
  );
}

function counts(nodes: readonly Refusal[][]): string {
  const byReason = new Map<string, number>();
  for (const { reason } of nodes.flat()) byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
  return counted(byReason);
}

function counted(counts: Map<string, number>): string {
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}

/** Reasons of the first filter that refuses the node, in the scheduler's order of filters; empty when it fits. */
function refuse(
  pod: KubeObject,
  state: NodeState,
  all: readonly NodeState[],
  shy: readonly ShyPod[] = shyPods(all),
): Refusal[] {
  const spec = pod.spec ?? {};
  const tolerations: Json[] | undefined = spec.tolerations;
  const unschedulable: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  if (state.node.spec?.unschedulable === true && !tolerates(tolerations, unschedulable)) {
    return [{ reason: 'node(s) were unschedulable', preemptionHelps: false }];
  }
  const taint = untolerated(state.node, tolerations);
  if (taint !== undefined) {
    return [{ reason: `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`, preemptionHelps: false }];
  }
  if (!matchesNodeAffinity(spec, state)) {
    return [{ reason: "node(s) didn't match Pod's node affinity/selector", preemptionHelps: false }];
  }
  const ports = hostPorts(spec);
  if (ports.length > 0 && state.pods.some((other) => hostPorts(other.spec).some((port) => ports.includes(port)))) {
    return [{ reason: "node(s) didn't have free ports for the requested pod ports", preemptionHelps: true }];
  }
  const short = insufficient(pod, state);
  if (short.length > 0) return short;
  const spread = violatesSpread(pod, state, all);
  if (spread !== undefined) return [spread];
  return interPodAffinity(pod, state, all, shy);
}

function untolerated(node: KubeObject, tolerations: Json[] | undefined): Taint | undefined {
  const taints: Taint[] = node.spec?.taints ?? [];
  return taints.find(
    (taint) =>
      taint.effect !== 'PreferNoSchedule' &&
      // Its own filter answers for this one.
      taint.key !== 'node.kubernetes.io/unschedulable' &&
      !tolerates(tolerations, taint),
  );
}

/** nodeSelector and required node affinity; also what a DaemonSet asks before it makes a pod. */
export function matchesNodeAffinity(spec: Json, state: { node: KubeObject; labels: Record<string, string> }): boolean {
  for (const [key, value] of Object.entries(spec?.nodeSelector ?? {})) {
    if (state.labels[key] !== value) return false;
  }
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, { name: nameOf(state.node), labels: state.labels });
}

function hostPorts(spec: Json): string[] {
  return (spec?.containers ?? []).flatMap((container: Json) =>
    (container.ports ?? [])
      .filter((port: Json) => (port.hostPort ?? 0) > 0)
      .map((port: Json) => `${port.protocol ?? 'TCP'}/${port.hostPort}`),
  );
}

function insufficient(pod: KubeObject, state: NodeState): Refusal[] {
  const out: Refusal[] = [];
  const podLimit = state.allocatable.pods;
  if (podLimit !== undefined && state.pods.length + 1 > podLimit)
    out.push({ reason: 'Too many pods', preemptionHelps: true });
  for (const [name, amount] of Object.entries(requestsOf(pod))) {
    if (amount <= 0) continue;
    const have = state.allocatable[name] ?? 0;
    // More than the whole node has: no victim could make room.
    if (amount > have - (state.used[name] ?? 0) + 1e-9) {
      out.push({ reason: `Insufficient ${name}`, preemptionHelps: amount <= have });
    }
  }
  return out;
}

function violatesSpread(pod: KubeObject, state: NodeState, all: readonly NodeState[]): Refusal | undefined {
  const constraints: Json[] = (pod.spec?.topologySpreadConstraints ?? []).filter(
    (constraint: Json) => (constraint.whenUnsatisfiable ?? 'DoNotSchedule') === 'DoNotSchedule',
  );
  for (const constraint of constraints) {
    const domain = state.labels[constraint.topologyKey];
    if (domain === undefined) {
      return {
        reason: "node(s) didn't match pod topology spread constraints (missing required label)",
        preemptionHelps: false,
      };
    }
    const counts = new Map<string, number>();
    for (const other of all) {
      const otherDomain = other.labels[constraint.topologyKey];
      if (otherDomain === undefined || !matchesNodeAffinity(pod.spec, other)) continue;
      const matching = other.pods.filter(
        (candidate) =>
          namespaceOf(candidate) === namespaceOf(pod) &&
          !isDeleting(candidate) &&
          matchesSelector(constraint.labelSelector, candidate.metadata.labels),
      ).length;
      counts.set(otherDomain, (counts.get(otherDomain) ?? 0) + matching);
    }
    const self = matchesSelector(constraint.labelSelector, pod.metadata.labels) ? 1 : 0;
    const fewest = Math.min(...counts.values());
    if ((counts.get(domain) ?? 0) + self - fewest > (constraint.maxSkew ?? 1)) {
      return { reason: "node(s) didn't match pod topology spread constraints", preemptionHelps: true };
    }
  }
  return undefined;
}

function interPodAffinity(
  pod: KubeObject,
  state: NodeState,
  all: readonly NodeState[],
  shy: readonly ShyPod[],
): Refusal[] {
  const affinity = pod.spec?.affinity ?? {};
  for (const term of affinity.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    if (podsInDomain(pod, term, state, all).length > 0) continue;
    // The first of a group that wants to be together has to start somewhere.
    const nobody = all.every((other) => matching(pod, term, other).length === 0);
    const self = matchesSelector(term.labelSelector, pod.metadata.labels);
    if (!(nobody && self && state.labels[term.topologyKey] !== undefined)) {
      return [{ reason: "node(s) didn't match pod affinity rules", preemptionHelps: false }];
    }
  }
  for (const term of affinity.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    if (podsInDomain(pod, term, state, all).length > 0) {
      return [{ reason: "node(s) didn't match pod anti-affinity rules", preemptionHelps: true }];
    }
  }
  if (keptAwayByOthers(pod, state, shy)) {
    return [{ reason: "node(s) didn't satisfy existing pods anti-affinity rules", preemptionHelps: true }];
  }
  return [];
}

/** A pod with required anti-affinity, and where it is. */
interface ShyPod {
  pod: KubeObject;
  terms: Json[];
  labels: Record<string, string>;
}

function shyPods(states: readonly NodeState[]): ShyPod[] {
  const out: ShyPod[] = [];
  for (const { pods, labels } of states) {
    for (const pod of pods) {
      const terms: Json[] | undefined =
        pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      if (terms !== undefined) out.push({ pod, terms, labels });
    }
  }
  return out;
}

/** Anti-affinity holds in both directions: who is there already may not want this one. */
function keptAwayByOthers(pod: KubeObject, state: NodeState, shy: readonly ShyPod[]): boolean {
  return shy.some((existing) =>
    existing.terms.some((term) => {
      const domain = existing.labels[term.topologyKey];
      return domain !== undefined && domain === state.labels[term.topologyKey] && selects(existing.pod, term, pod);
    }),
  );
}

function podsInDomain(pod: KubeObject, term: Json, state: NodeState, all: readonly NodeState[]): KubeObject[] {
  const domain = state.labels[term.topologyKey];
  if (domain === undefined) return [];
  return all
    .filter((other) => other.labels[term.topologyKey] === domain)
    .flatMap((other) => matching(pod, term, other));
}

function matching(pod: KubeObject, term: Json, state: NodeState): KubeObject[] {
  return state.pods.filter((other) => !isDeleting(other) && selects(pod, term, other));
}

/** Whether a term of `owner` means `other`. A namespace selector is read as far as it needs no namespaces: all of them. */
function selects(owner: KubeObject, term: Json, other: KubeObject): boolean {
  const everywhere = term.namespaceSelector !== undefined && Object.keys(term.namespaceSelector).length === 0;
  const namespaces: string[] = term.namespaces?.length > 0 ? term.namespaces : [namespaceOf(owner)];
  return (
    (everywhere || namespaces.includes(namespaceOf(other))) &&
    matchesSelector(term.labelSelector, other.metadata.labels)
  );
}

/** How many pods of the same owner are on each node and in each zone. */
interface OwnerSpread {
  nodes: ReadonlyMap<NodeState, number>;
  zones: ReadonlyMap<string, number>;
}

const NO_SPREAD: OwnerSpread = { nodes: new Map(), zones: new Map() };

function zoneOf(state: NodeState): string {
  return state.labels['topology.kubernetes.io/zone'] ?? '';
}

/** Counted once for each decision, not once for each node: a thousand nodes would take a million steps. */
function ownerSpread(pod: KubeObject, all: readonly NodeState[]): OwnerSpread {
  const owner = controllerOf(pod)?.uid;
  if (owner === undefined) return NO_SPREAD;
  const nodes = new Map<NodeState, number>();
  const zones = new Map<string, number>();
  for (const state of all) {
    let count = 0;
    for (const other of state.pods) if (controllerOf(other)?.uid === owner && !isDeleting(other)) count += 1;
    if (count === 0) continue;
    nodes.set(state, count);
    zones.set(zoneOf(state), (zones.get(zoneOf(state)) ?? 0) + count);
  }
  return { nodes, zones };
}

/** Spread of the same owner's pods over nodes and zones first, then the emptier node; preferences shift it. */
function score(pod: KubeObject, state: NodeState, all: readonly NodeState[], spread: OwnerSpread): number {
  const same = spread.nodes.get(state) ?? 0;
  const sameInZone = spread.zones.get(zoneOf(state)) ?? 0;
  const wanted = requestsOf(pod);
  const free = (name: string): number => {
    const have = state.allocatable[name] ?? 0;
    return have <= 0 ? 0 : (have - (state.used[name] ?? 0) - (wanted[name] ?? 0)) / have;
  };
  let total = (free('cpu') + free('memory')) * 50 - same * 100 - sameInZone * 20 - state.pods.length;
  for (const preference of pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    const node = { name: nameOf(state.node), labels: state.labels };
    if (matchesNodeTerm(preference.preference, node)) total += (preference.weight ?? 1) * 5;
  }
  for (const preference of pod.spec?.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    total -= podsInDomain(pod, preference.podAffinityTerm, state, all).length * (preference.weight ?? 1);
  }
  for (const taint of (state.node.spec?.taints ?? []) as Taint[]) {
    if (taint.effect === 'PreferNoSchedule' && !tolerates(pod.spec?.tolerations, taint)) total -= 150;
  }
  return total;
}
