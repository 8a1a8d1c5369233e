/** Figures of a member cluster for its Cluster object: nodes, capacity, conditions, taints. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { ClusterStatus, Condition, Quantities } from '../api.ts';
import { requirementsOf } from '../interpreter/requests.ts';
import { addQuantities, formatBytes, formatMilli, milliValue } from '../quantity.ts';

/** What is kept of a node. */
export interface NodeFacts extends KubeObject {
  ready: boolean;
  allocatable: Quantities;
}
/** What is kept of a pod: requests by resource in thousandths. */
export interface PodFacts extends KubeObject {
  scheduled: boolean;
  requests: Record<string, number>;
}

export function nodeFacts(node: KubeObject): NodeFacts {
  const conditions: Json[] = node.status?.conditions ?? [];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node.metadata.name },
    ready: conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    allocatable: node.status?.allocatable ?? {},
  };
}

/** A finished pod asks for nothing. */
export function podFacts(pod: KubeObject): PodFacts {
  const finished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  const wanted = finished ? {} : (requirementsOf(pod.spec)?.resourceRequest ?? {});
  const requests: Record<string, number> = {};
  for (const [name, quantity] of Object.entries(wanted)) requests[name] = milliValue(quantity);
  if (!finished) requests.pods = 1000;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod.metadata.name, namespace: pod.metadata.namespace },
    scheduled: Boolean(pod.spec?.nodeName),
    requests,
  };
}

export function summarise(
  nodes: Iterable<NodeFacts>,
  pods: Iterable<PodFacts>,
): Required<Pick<ClusterStatus, 'nodeSummary' | 'resourceSummary'>> {
  let totalNum = 0;
  let readyNum = 0;
  const allocatable: Quantities = {};
  for (const node of nodes) {
    totalNum += 1;
    if (node.ready) readyNum += 1;
    for (const [name, quantity] of Object.entries(node.allocatable))
      allocatable[name] = allocatable[name] === undefined ? quantity : addQuantities(allocatable[name], quantity);
  }
  const allocated: Record<string, number> = {};
  const allocating: Record<string, number> = {};
  for (const { scheduled, requests } of pods) {
    const into = scheduled ? allocated : allocating;
    for (const [name, milli] of Object.entries(requests)) into[name] = (into[name] ?? 0) + milli;
  }
  return {
    nodeSummary: { totalNum, readyNum },
    resourceSummary: { allocatable, allocated: written(allocated), allocating: written(allocating) },
  };
}

function written(sums: Record<string, number>): Quantities {
  const entries = Object.entries(sums).map(([name, milli]) => {
    const bytes = name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-');
    return [name, bytes && milli % 1000 === 0 ? formatBytes(milli / 1000) : formatMilli(milli)] as const;
  });
  return Object.fromEntries(entries);
}

export interface ReadyMemory {
  status: string;
  since: number;
}

/**
 * A change of Ready counts only after it has lasted; the first observation counts at once. Returns what to report and
 * what to remember.
 */
export function adjustedReady(
  observed: Condition,
  reported: Condition | undefined,
  memory: ReadyMemory | undefined,
  time: number,
  thresholdMs: number,
): { condition: Condition; memory: ReadyMemory } {
  const next =
    memory !== undefined && memory.status === observed.status ? memory : { status: observed.status, since: time };
  if (reported === undefined || reported.status === observed.status) return { condition: observed, memory: next };
  const lasted = time - next.since >= thresholdMs;
  return { condition: lasted ? observed : reported, memory: next };
}
