/**
 * Where a pod may run: the filters of the default scheduler that a person notices, as pure functions; where it runs best is
 * in scores.ts. Reasons are the scheduler's own words. Source: Kubernetes documentation "Scheduling Framework".
 */

import { add, type Resources } from '#shared/kubernetes/pod-requests.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isDeleting, nameOf } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { type Taint, tolerates } from '../sim/selectors.ts';
import {
  affinityFilter,
  matchesNodeAffinity,
  type NamespaceLabels,
  spreadFilter,
  untolerated,
} from './fit-topology.ts';
import { NEVER_PREEMPTS, type Preemption, victimsFor } from './preemption.ts';
import { requestsOf } from './requests.ts';
import { type Kin, scoreNodes } from './scores.ts';

export interface NodeState {
  node: KubeObject;
  labels: Record<string, string>;
  allocatable: Resources;
  used: Resources;
  pods: KubeObject[];
}

export type Plugin =
  | 'InterPodAffinity'
  | 'NodeAffinity'
  | 'NodePorts'
  | 'NodeResourcesFit'
  | 'NodeUnschedulable'
  | 'NodeVolumeLimits'
  | 'PodTopologySpread'
  | 'TaintToleration'
  | 'VolumeBinding';

export interface Placement {
  /** Node chosen, or null. */
  node: string | null;
  /** Where other pods would have to go first; only when there is no node. */
  preemption?: Preemption;
  /** Whose refusals keep it from the nodes; only when there is no node. */
  plugins?: ReadonlySet<Plugin>;
  /** `0/3 nodes are available: ...` when there is none. */
  message: string;
}

export interface Refusal {
  /** Who of the scheduler's plugins says so. */
  plugin: Plugin;
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

/** What a decision needs beside nodes and pods. */
export interface Surroundings {
  namespaces: NamespaceLabels;
  /** What the volumes of the pod say about a node. */
  volumes(state: NodeState): Refusal | undefined;
  /** What the pod is spread by where it does not say so. */
  kin?(pod: KubeObject): Kin | undefined;
  /** Minor version of the scheduler whose words are used; default: that of 1.33. */
  minor?: number;
}

/** The plugin for resource claims has its say before preemption since 1.34. */
export function preemptionText(minor: number, text: string): string {
  return minor < 34 ? `preemption: ${text}` : `no new claims to deallocate, preemption: ${text}`;
}

const NOTHING_ELSE: Surroundings = { namespaces: () => undefined, volumes: () => undefined };

export function place(
  pod: KubeObject,
  states: readonly NodeState[],
  surroundings: Surroundings = NOTHING_ELSE,
): Placement {
  if (states.length === 0) return { node: null, message: 'no nodes available to schedule pods' };
  const refuse = filterFor(pod, states, surroundings);
  const feasible: NodeState[] = [];
  const refused: Refusal[][] = [];
  for (const state of states) {
    const reasons = refuse(state);
    if (reasons.length === 0) feasible.push(state);
    else refused.push(reasons);
  }
  if (feasible.length === 0) {
    const { minor = 33 } = surroundings;
    const message = `0/${states.length} nodes are available: ${counts(refused)}.`;
    const plugins = new Set(refused.flat().map(({ plugin }) => plugin));
    if (pod.spec?.preemptionPolicy === 'Never')
      return { node: null, plugins, message: `${message} ${preemptionText(minor, NEVER_PREEMPTS)}` };
    const { best, reasons } = victimsFor(pod, states, refuse, (others) => filterFor(pod, others, surroundings));
    if (best !== null) return { node: null, plugins, preemption: best, message };
    const none = counted(tally(reasons));
    const tried = preemptionText(minor, `0/${states.length} nodes are available: ${none}.`);
    return { node: null, plugins, message: `${message} ${tried}` };
  }
  const [only] = feasible;
  if (feasible.length === 1 && only !== undefined) return { node: nameOf(only.node), message: '' };
  const { namespaces, kin, minor = 33 } = surroundings;
  const scores = scoreNodes({ pod, feasible, all: states, namespaces, kin: kin?.(pod), minor });
  return { node: nameOf(bestOf(feasible, scores).node), message: '' };
}

/** The highest score; among equals the one with the fewest pods, then the first by name. The real one draws lots. */
function bestOf(feasible: readonly NodeState[], scores: readonly number[]): NodeState {
  let best = 0;
  for (const [index, state] of feasible.entries()) {
    const other = feasible[best] as NodeState;
    const better =
      (scores[index] ?? 0) - (scores[best] ?? 0) ||
      other.pods.length - state.pods.length ||
      (nameOf(state.node) < nameOf(other.node) ? 1 : -1);
    if (index > 0 && better > 0) best = index;
  }
  return feasible[best] as NodeState;
}

function counts(nodes: readonly Refusal[][]): string {
  return counted(tally(nodes.flat().map(({ reason }) => reason)));
}

function tally(reasons: readonly string[]): Map<string, number> {
  const byReason = new Map<string, number>();
  for (const reason of reasons) byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
  return byReason;
}

function counted(counts: Map<string, number>): string {
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}

/** Reasons of the first filter that refuses a node, in the scheduler's order of filters; empty when it fits. */
export type Refuse = (state: NodeState) => Refusal[];

function filterFor(
  pod: KubeObject,
  all: readonly NodeState[],
  { namespaces, volumes, minor = 33 }: Surroundings,
): Refuse {
  const spec = pod.spec ?? {};
  const tolerations: Json[] | undefined = spec.tolerations;
  const ports = hostPorts(spec);
  const spread = spreadFilter(pod, all);
  const affinity = affinityFilter(pod, all, namespaces);
  const named = namedNodes(spec);
  return (state) => {
    if (named !== null && !named.has(nameOf(state.node)))
      return [
        { plugin: 'NodeAffinity', reason: "node(s) didn't satisfy plugin(s) [NodeAffinity]", preemptionHelps: false },
      ];
    const unschedulable: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
    if (state.node.spec?.unschedulable === true && !tolerates(tolerations, unschedulable)) {
      return [{ plugin: 'NodeUnschedulable', reason: 'node(s) were unschedulable', preemptionHelps: false }];
    }
    const taint = untolerated(state.node, tolerations);
    if (taint !== undefined) {
      const which = minor < 36 ? ` {${taint.key}: ${taint.value ?? ''}}` : '(s)';
      return [{ plugin: 'TaintToleration', reason: `node(s) had untolerated taint${which}`, preemptionHelps: false }];
    }
    if (!matchesNodeAffinity(spec, state)) {
      return [
        { plugin: 'NodeAffinity', reason: "node(s) didn't match Pod's node affinity/selector", preemptionHelps: false },
      ];
    }
    if (ports.length > 0 && state.pods.some((other) => portsTaken(ports, hostPorts(other.spec)))) {
      return [
        {
          plugin: 'NodePorts',
          reason: "node(s) didn't have free ports for the requested pod ports",
          preemptionHelps: true,
        },
      ];
    }
    const short = insufficient(pod, state);
    if (short.length > 0) return short;
    const refusal = volumes(state) ?? spread(state) ?? affinity(state);
    return refusal === undefined ? [] : [refusal];
  };
}

/** The nodes that a pod asks for by name, as pods of DaemonSets do; the others are not looked at. */
function namedNodes(spec: Json): ReadonlySet<string> | null {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms: Json[] = required?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return null;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const asked: Json[] = matchFields.filter(({ key, operator }: Json) => key === 'metadata.name' && operator === 'In');
    if (asked.length === 0) return null;
    const [first, ...rest] = asked;
    for (const name of first.values) if (rest.every(({ values }) => values.includes(name))) names.add(name);
  }
  return names;
}

export interface HostPort {
  /** `TCP/8080` */
  port: string;
  ip: string;
}

const ANY = '0.0.0.0';

/** Ports of the node that a pod takes, those of its sidecars too. Source: the scheduler's GetHostPorts. */
export function hostPorts(spec: Json): HostPort[] {
  const sidecars = ((spec?.initContainers ?? []) as Json[]).filter((one) => one.restartPolicy === 'Always');
  return [...sidecars, ...((spec?.containers ?? []) as Json[])].flatMap((container) =>
    ((container.ports ?? []) as Json[])
      .filter((port) => (port.hostPort ?? 0) > 0)
      .map((port) => ({ port: `${port.protocol ?? 'TCP'}/${port.hostPort}`, ip: port.hostIP || ANY })),
  );
}

/** Whether one of the ports is taken: at the same address, or by one of the two at all addresses. */
export function portsTaken(wanted: readonly HostPort[], taken: readonly HostPort[]): boolean {
  return wanted.some(({ port, ip }) =>
    taken.some((other) => other.port === port && (other.ip === ip || other.ip === ANY || ip === ANY)),
  );
}

function insufficient(pod: KubeObject, state: NodeState): Refusal[] {
  const out: Refusal[] = [];
  const podLimit = state.allocatable.pods;
  if (podLimit !== undefined && state.pods.length + 1 > podLimit)
    out.push({ plugin: 'NodeResourcesFit', reason: 'Too many pods', preemptionHelps: true });
  for (const [name, amount] of Object.entries(requestsOf(pod))) {
    if (amount <= 0) continue;
    const have = state.allocatable[name] ?? 0;
    // More than the whole node has: no victim could make room.
    if (amount > have - (state.used[name] ?? 0) + 1e-9) {
      out.push({ plugin: 'NodeResourcesFit', reason: `Insufficient ${name}`, preemptionHelps: amount <= have });
    }
  }
  return out;
}
