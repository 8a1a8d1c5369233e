/**
 * What is asked of a cluster for its figures. Nodes and their usage are lists as long as there are nodes; pods are counted
 * by the server. Only what pods request has to be added up from the pods themselves, page by page, nothing being kept.
 */
import type { Amounts, ClusterFigures } from '#shared/contract/statistics.ts';
import { podRequests } from '#shared/kubernetes/pod-requests.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { type KubeClient, nextTurn } from '../kube/index.ts';

const NODES = { group: '', version: 'v1', resource: 'nodes' };
const PODS = { group: '', version: 'v1', resource: 'pods' };
const NODE_METRICS = { group: 'metrics.k8s.io', version: 'v1beta1', resource: 'nodes' };
const PAGE = 500;

export type NodeFigures = Pick<ClusterFigures, 'nodes' | 'capacity' | 'allocatable'>;

export async function measureNodes(client: KubeClient, signal: AbortSignal): Promise<NodeFigures> {
  const figures: NodeFigures = {
    nodes: { total: 0, ready: 0 },
    capacity: { cpuCores: 0, memoryBytes: 0 },
    allocatable: { cpuCores: 0, memoryBytes: 0, pods: 0 },
  };
  for await (const node of all(client, NODES, signal)) {
    figures.nodes.total += 1;
    const conditions: unknown = node.status?.conditions;
    if (!Array.isArray(conditions) || !conditions.some((one) => one?.type === 'Ready' && one?.status === 'True'))
      continue;
    figures.nodes.ready += 1;
    if (node.metadata.labels?.['type'] === 'virtual-kubelet') continue;
    const { capacity, allocatable } = (node.status ?? {}) as Record<string, Record<string, unknown> | undefined>;
    addTo(figures.capacity, capacity);
    addTo(figures.allocatable, allocatable);
    figures.allocatable.pods += parseQuantity(allocatable?.['pods']);
  }
  return figures;
}

/** The server says how many there are beyond a page of one. Null when it does not (API concepts, remainingItemCount). */
export async function countPods(client: KubeClient, signal: AbortSignal): Promise<number | null> {
  const { items, metadata } = await client.list(PODS, { limit: 1, metadataOnly: true, signal });
  const remaining: unknown = metadata?.remainingItemCount;
  if (typeof remaining === 'number') return items.length + remaining;
  return metadata?.continue === undefined || metadata.continue === '' ? items.length : null;
}

/** Null where nobody measures, or may not be asked. */
export async function measureUsage(client: KubeClient, signal: AbortSignal): Promise<Amounts | null> {
  try {
    const { items } = await client.list(NODE_METRICS, { signal });
    if (items.length === 0) return null;
    const used = { cpuCores: 0, memoryBytes: 0 };
    for (const { usage } of items) addTo(used, usage);
    return used;
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}

/** As the scheduler counts: pods that are bound to a node and not finished. */
export async function sumRequests(client: KubeClient, signal: AbortSignal): Promise<Amounts> {
  const sum = { cpuCores: 0, memoryBytes: 0 };
  for await (const pod of all(client, PODS, signal)) {
    const { spec, status } = pod;
    if (typeof spec?.nodeName !== 'string' || status?.phase === 'Succeeded' || status?.phase === 'Failed') continue;
    const requests = requestsOf(spec);
    sum.cpuCores += requests['cpu'] ?? 0;
    sum.memoryBytes += requests['memory'] ?? 0;
  }
  return sum;
}

/** Objects of a cluster may be shaped as no schema allows. */
function requestsOf(spec: Parameters<typeof podRequests>[0]): Record<string, number> {
  try {
    return podRequests(spec);
  } catch {
    return {};
  }
}

function addTo(sum: Amounts, amounts: unknown): void {
  const { cpu, memory } = (amounts ?? {}) as Record<string, unknown>;
  sum.cpuCores += parseQuantity(cpu);
  sum.memoryBytes += parseQuantity(memory);
}

/** Page after page, others having their turn in between. */
async function* all(client: KubeClient, ref: ResourceRef, signal: AbortSignal): AsyncGenerator<KubeObject> {
  let next: string | undefined;
  do {
    const page = await client.list(ref, { limit: PAGE, signal, ...(next === undefined ? {} : { continue: next }) });
    yield* page.items;
    next = page.metadata?.continue;
    await nextTurn();
  } while (next !== undefined && next !== '');
}
