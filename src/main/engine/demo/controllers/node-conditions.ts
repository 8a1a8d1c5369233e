/**
 * What kubelet and node life-cycle controller do when a node is in trouble but still talks: conditions, taints, events,
 * and under pressure the eviction of pods. A person stages it with `demo.fleetdeck/behaviour` on the node: `not-ready`,
 * `runtime-down`, `csi-not-ready`, `memory-pressure`, `disk-pressure`, `pid-pressure`, `read-only`, `kernel-deadlock`,
 * `clock-wrong`. Source: Kubernetes documentation, "Node-pressure Eviction".
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isDown } from '../kubelet/kubelet.ts';
import {
  conditionsFor,
  isTroubled,
  PRESSURES,
  PROBLEMS,
  type Pressure,
  pressuresOn,
  taintsFor,
  troublesOf,
} from '../profiles/node-conditions.ts';
import { runController } from '../sim/controller.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { type Condition, findCondition, isDeleting, nameOf, parseTime, sameValue, timeText } from '../sim/objects.ts';
import { isActive } from '../sim/pods.ts';
import { NODES, PODS } from '../sim/refs.ts';
import type { Taint } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';

/** kubelet looks at its signals so often and evicts one pod each time. */
const EVICTION_INTERVAL_MS = 10_000;
/** What the simulated leak gives back: after so many pods the node holds on, still under pressure. */
const EVICTED_AT_MOST = 3;
const CRITICAL_PRIORITY = 2_000_000_000;

export function runNodeConditions(world: World): Controller {
  const { caches } = world;
  /** Evictions of the present pressure, by node. */
  const evictions = new Map<string, { count: number; due: number }>();

  async function reconcile(key: string): Promise<number | undefined> {
    const node = caches.nodes.get(key);
    if (node === undefined || isDeleting(node) || isDown(node)) return undefined;
    // Whoever plays the kubelet of a node that is an object alone says how it is (node-listening.ts).
    if (world.machines.get(key) === undefined) return undefined;
    const ready = findCondition(node.status?.conditions, 'Ready');
    // A node that was silent comes back first (node-health.ts).
    if (ready?.status === 'Unknown') return undefined;
    await keepConditions(node);
    await keepTaints(caches.nodes.get(key) ?? node);
    return await evict(node);
  }

  async function keepConditions(node: KubeObject): Promise<void> {
    const old: Condition[] = node.status?.conditions ?? [];
    const wanted = conditionsFor(troublesOf(node), old, world.now());
    if (statuses(wanted) === statuses(old)) return;
    await updateStatus(world.clients.kubelet, NODES, caches.nodes, node, { ...node.status, conditions: wanted });
    for (const condition of wanted) {
      const problem = Object.values(PROBLEMS).find(({ type }) => type === condition.type);
      if (problem !== undefined) {
        tellProblem(node, problem, condition, findCondition(old, condition.type)?.status ?? 'False');
        continue;
      }
      const before = findCondition(old, condition.type)?.status;
      if (before === undefined || before === condition.status) continue;
      const status = condition.type === 'Ready' ? (condition.status === 'True' ? 'NodeReady' : 'NodeNotReady') : '';
      const reason = status !== '' ? status : `Node${(condition.reason ?? '').replace(/^Kubelet/, '')}`;
      world.events.record(node, {
        component: 'kubelet',
        host: nameOf(node),
        reason,
        message: `Node ${nameOf(node)} status is now: ${reason}`,
      });
    }
  }

  function tellProblem(
    node: KubeObject,
    { component }: { component: string },
    { type, status, reason, message }: Condition,
    before: string,
  ): void {
    if (status === before) return;
    const about = `Node condition ${type} is now: ${status}, reason: ${reason}, message: ${JSON.stringify(message)}`;
    world.events.record(node, {
      component,
      host: nameOf(node),
      type: status === 'True' ? 'Warning' : 'Normal',
      reason: reason ?? type,
      message: about,
    });
  }

  async function keepTaints(node: KubeObject): Promise<void> {
    const taints: Taint[] = node.spec?.taints ?? [];
    const wanted = taintsFor(node.status?.conditions ?? [], taints, world.now());
    if (sameValue(wanted, taints)) return;
    const { taints: _old, ...spec } = node.spec ?? {};
    const updated = await world.clients.manager.update(NODES, {
      ...node,
      spec: wanted.length === 0 ? spec : { ...spec, taints: wanted },
    });
    caches.nodes.wrote(updated);
  }

  /** One pod at a time, the one that is missed least first. */
  async function evict(node: KubeObject): Promise<number | undefined> {
    const name = nameOf(node);
    const [pressure] = pressuresOn(node);
    if (pressure === undefined) {
      evictions.delete(name);
      return undefined;
    }
    const now = world.now();
    const interval = Math.max(100, EVICTION_INTERVAL_MS * world.pace);
    const state = evictions.get(name) ?? { count: 0, due: now + interval };
    evictions.set(name, state);
    if (state.count >= EVICTED_AT_MOST) return undefined;
    if (state.due > now) return state.due - now;
    world.events.record(node, {
      component: 'kubelet',
      host: name,
      type: 'Warning',
      reason: 'EvictionThresholdMet',
      message: `Attempting to reclaim ${PRESSURES[pressure].resource}`,
    });
    const pod = evictionOrder(podsOnNode(caches, name))[0];
    state.due = now + interval;
    state.count += 1;
    if (pod !== undefined) await evictPod(pod, name, pressure);
    return interval;
  }

  async function evictPod(pod: KubeObject, host: string, pressure: Pressure): Promise<void> {
    const message = evictionMessage(pod, pressure);
    const ended = timeText(world.now());
    // What its containers were is not told any more: the pod's own reason is what shows.
    const { containerStatuses: _containers, ...status } = pod.status ?? {};
    await updateStatus(world.clients.kubelet, PODS, caches.pods, pod, {
      ...status,
      phase: 'Failed',
      reason: 'Evicted',
      message,
      conditions: (pod.status?.conditions ?? []).map((condition: Condition) =>
        condition.type === 'Ready' || condition.type === 'ContainersReady'
          ? { ...condition, status: 'False', reason: 'PodFailed', lastTransitionTime: ended }
          : condition,
      ),
    });
    world.events.record(pod, { component: 'kubelet', host, type: 'Warning', reason: 'Evicted', message });
  }

  return runController(world, {
    name: 'node-conditions',
    reconcile,
    watch: [
      {
        cache: caches.nodes,
        on: (node, previous, deleted) =>
          !deleted && (isTroubled(node) || isTroubled(previous)) ? nameOf(node) : undefined,
      },
    ],
  });
}

function statuses(conditions: readonly Condition[]): string {
  return conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).join();
}

/** By quality of service, priority and age, as kubelet ranks them; what the node cannot do without never goes. */
export function evictionOrder(pods: readonly KubeObject[]): KubeObject[] {
  const rank: Record<string, number> = { BestEffort: 0, Burstable: 1, Guaranteed: 2 };
  const keys = (pod: KubeObject): number[] => [
    rank[pod.status?.qosClass ?? 'BestEffort'] ?? 0,
    pod.spec?.priority ?? 0,
    -(parseTime(pod.metadata.creationTimestamp) || 0),
  ];
  return pods
    .filter((pod) => isActive(pod) && (pod.spec?.priority ?? 0) < CRITICAL_PRIORITY)
    .map((pod) => ({ pod, keys: keys(pod) }))
    .sort((a, b) => {
      for (const [index, key] of a.keys.entries()) {
        const difference = key - (b.keys[index] ?? 0);
        if (difference !== 0) return difference;
      }
      return nameOf(a.pod).localeCompare(nameOf(b.pod));
    })
    .map(({ pod }) => pod);
}

function evictionMessage(pod: KubeObject, pressure: Pressure): string {
  const { resource, threshold, available } = PRESSURES[pressure];
  const low = `The node was low on resource: ${resource}. Threshold quantity: ${threshold}, available: ${available}. `;
  if (pressure !== 'memory') return low;
  const container = pod.spec?.containers?.[0];
  const request = container?.resources?.requests?.memory ?? '0';
  return `${low}Container ${container?.name ?? ''} was using 412Mi, request is ${request}, has larger consumption of memory. `;
}
