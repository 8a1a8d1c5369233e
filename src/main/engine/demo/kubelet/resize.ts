/**
 * Resizing a pod where it runs: what kubelet does with a container whose resources were changed, and how it tells. What
 * finds no room beside the other pods waits for it, what the node could never hold is infeasible. Source: kubelet, KEP-1287;
 * events since 1.34. Pure.
 */
import { podRequests } from '#shared/kubernetes/pod-requests.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { sameValue } from '../sim/objects.ts';
import { type Rejection, rejection } from './admission.ts';

/** The first kubelet that resizes where nobody switched it on. */
export const RESIZES_SINCE = 33;
export const TELLS_SINCE = 34;

/** What a change from `before` to `after` asks for: a restart where the policy of a changed resource says so. */
export function resizing(before: Json, after: Json): 'none' | 'live' | 'restart' {
  const [was, is]: [Json, Json] = [before.resources ?? {}, after.resources ?? {}];
  if (sameValue(was, is)) return 'none';
  const changed = (name: string): boolean =>
    ['requests', 'limits'].some((list) => was[list]?.[name] !== is[list]?.[name]);
  const restarts = ((after.resizePolicy ?? []) as Json[]).some(
    ({ resourceName, restartPolicy }) => restartPolicy === 'RestartContainer' && changed(resourceName),
  );
  return restarts ? 'restart' : 'live';
}

/** Why a resize waits: the condition PodResizePending. */
export interface ResizePending {
  reason: 'Deferred' | 'Infeasible';
  message: string;
  /** Of the pod whose resources were asked for. */
  generation: number;
  /** Since when, ms since the epoch. */
  since: number;
}

/** From 1.36 on the API server refuses what the node could never hold. */
const REFUSED_EARLIER_SINCE = 36;

/** Why the node's kubelet does not give the pod what it asks for; null: it does. `others`: what runs beside it. */
export function resizeRefusal(
  pod: KubeObject,
  node: KubeObject,
  others: readonly KubeObject[],
  minor: number,
): Rejection | null {
  const requests = podRequests(pod.spec);
  for (const [resource, unit] of minor < REFUSED_EARLIER_SINCE ? CAPACITIES : []) {
    const [wanted, have] = [requests[resource] ?? 0, parseQuantity(node.status?.allocatable?.[resource])];
    if (wanted <= have + 1e-9) continue;
    const amounts = `${resource}, requested: ${Math.round(wanted * unit)}, capacity: ${Math.round(have * unit)}`;
    return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${amounts}` };
  }
  return rejection(pod, node, others);
}

const CAPACITIES: readonly (readonly [resource: string, unit: number])[] = [
  ['memory', 1],
  ['cpu', 1000],
];

/** The state after a refusal, and the event that tells it when there was none like it. */
export function pendingResize(
  pod: KubeObject,
  refusal: Rejection,
  before: ResizePending | null,
  now: number,
): { pending: ResizePending; event: { reason: string; message: string } | null } {
  const reason = refusal.reason === 'Infeasible' ? 'Infeasible' : 'Deferred';
  const generation = pod.metadata.generation ?? 0;
  const since = before?.reason === reason ? before.since : now;
  const told = before?.reason === reason && before.generation === generation;
  const message = `Pod resize ${refusal.reason}: ${summaryOf(pod, refusal.message)}`;
  return {
    pending: { reason, message: refusal.message, generation, since },
    event: told ? null : { reason: `Resize${reason}`, message },
  };
}

/** Events of the pod as a whole: `Pod resize started: {...}`. */
export function resizeEvents(pod: KubeObject, minor: number): { reason: string; message: string }[] {
  if (minor < TELLS_SINCE) return [];
  const summary = summaryOf(pod);
  return [
    { reason: 'ResizeStarted', message: `Pod resize started: ${summary}` },
    { reason: 'ResizeCompleted', message: `Pod resize completed: ${summary}` },
  ];
}

function summaryOf(pod: KubeObject, error?: string): string {
  const allocations = (list: Json[] | undefined) =>
    (list ?? []).map(({ name, resources = {} }: Json) => ({ name, resources: inOrder(resources) }));
  const { initContainers, containers } = pod.spec ?? {};
  return JSON.stringify({
    ...(initContainers === undefined ? {} : { initContainers: allocations(initContainers) }),
    containers: allocations(containers),
    generation: pod.metadata.generation ?? 0,
    ...(error === undefined ? {} : { error }),
  });
}

/** As Go writes them: limits first, names in order. */
function inOrder({ limits, requests }: Json): Json {
  const sorted = (list: Json) => Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...(limits === undefined ? {} : { limits: sorted(limits) }),
    ...(requests === undefined ? {} : { requests: sorted(requests) }),
  };
}
