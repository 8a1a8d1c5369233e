/**
 * What the node life-cycle controller does when a kubelet falls silent. A person stages that with the annotation
 * `demo.fleetdeck/behaviour: down` on the node: after the grace period its conditions are Unknown, it is tainted as
 * unreachable (the taint controller then moves its pods), and its pods are no longer ready. Without the annotation the
 * node comes back. Source: Kubernetes documentation "Nodes", KEP-166 (taint based eviction).
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isDown } from '../kubelet/kubelet.ts';
import { conditionsFor, troublesOf } from '../profiles/node-conditions.ts';
import { minorOf } from '../profiles/node-object.ts';
import { runController } from '../sim/controller.ts';
import { podsOnNode } from '../sim/indexes.ts';
import {
  type Condition,
  findCondition,
  isDeleting,
  nameOf,
  parseTime,
  setCondition,
  timeText,
} from '../sim/objects.ts';
import { isFinished, isReady, observedOf } from '../sim/pods.ts';
import { NODES, PODS } from '../sim/refs.ts';
import type { Taint } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const COMPONENT = 'node-controller';
/** --node-monitor-grace-period: longer since 1.32. */
const graceMs = (version: string): number => (minorOf(version) >= 32 ? 50_000 : 40_000);

export function runNodeHealth(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  /** When the silence began, by node. */
  const silent = new Map<string, number>();

  async function reconcile(key: string): Promise<number | undefined> {
    const node = caches.nodes.get(key);
    if (node === undefined || isDeleting(node)) {
      silent.delete(key);
      return undefined;
    }
    const ready = findCondition(node.status?.conditions, 'Ready');
    if (!isDown(node)) {
      silent.delete(key);
      if (ready?.status === 'Unknown') await recover(node);
      return undefined;
    }
    if (ready?.status !== 'Unknown') {
      const since = silent.get(key) ?? world.now();
      silent.set(key, since);
      const due = since + graceMs(world.profile.version) * world.pace;
      if (due > world.now()) return due - world.now();
      await markUnknown(node);
    }
    await markPods(nameOf(node));
    return undefined;
  }

  async function markUnknown(node: KubeObject): Promise<void> {
    let conditions: Condition[] = node.status?.conditions ?? [];
    for (const type of ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']) {
      const heartbeat = findCondition(conditions, type)?.lastHeartbeatTime;
      conditions = setCondition(
        conditions,
        {
          type,
          status: 'Unknown',
          ...(heartbeat === undefined ? {} : { lastHeartbeatTime: heartbeat }),
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
        },
        world.now(),
      );
    }
    const updated = await updateStatus(client, NODES, caches.nodes, node, { ...node.status, conditions });
    const timeAdded = timeText(world.now());
    await setTaints(updated, [
      ...withoutUnreachable(updated),
      { key: UNREACHABLE, effect: 'NoSchedule', timeAdded },
      { key: UNREACHABLE, effect: 'NoExecute', timeAdded },
    ]);
    tell(node, 'NodeNotReady', `Node ${nameOf(node)} status is now: NodeNotReady`);
  }

  async function recover(node: KubeObject): Promise<void> {
    const now = world.now();
    const updated = await updateStatus(client, NODES, caches.nodes, node, {
      ...node.status,
      conditions: conditionsFor(troublesOf(node), node.status?.conditions ?? [], now),
    });
    await setTaints(updated, withoutUnreachable(updated));
    // What comes back tells so itself.
    const message = `Node ${nameOf(node)} status is now: NodeReady`;
    world.events.record(node, { component: 'kubelet', host: nameOf(node), reason: 'NodeReady', message });
  }

  async function setTaints(node: KubeObject, taints: Taint[]): Promise<void> {
    const { taints: _old, ...spec } = node.spec ?? {};
    const updated = await client.update(NODES, { ...node, spec: taints.length === 0 ? spec : { ...spec, taints } });
    caches.nodes.wrote(updated);
  }

  /** Nobody can say whether they still run: they get no traffic. */
  async function markPods(node: string): Promise<void> {
    for (const pod of podsOnNode(caches, node)) {
      if (isFinished(pod) || !isReady(pod)) continue;
      const conditions = setCondition(
        pod.status?.conditions ?? [],
        {
          type: 'Ready',
          status: 'False',
          lastProbeTime: null,
          ...observedOf(pod, minorOf(world.profile.version)),
        },
        world.now(),
      );
      await updateStatus(client, PODS, caches.pods, pod, { ...pod.status, conditions });
      world.events.record(pod, {
        component: COMPONENT,
        type: 'Warning',
        reason: 'NodeNotReady',
        message: 'Node is not ready',
      });
    }
  }

  function tell(node: KubeObject, reason: string, message: string): void {
    world.events.record(node, { component: COMPONENT, reason, message });
  }

  return runController(world, {
    name: 'node-health',
    reconcile,
    watch: [
      {
        cache: caches.nodes,
        on: (node, previous, deleted) =>
          deleted || isDown(node) || isDown(previous) || isUnknown(node) ? nameOf(node) : undefined,
      },
    ],
  });
}

function isUnknown(node: KubeObject): boolean {
  const ready = findCondition(node.status?.conditions, 'Ready');
  return ready?.status === 'Unknown' && !Number.isNaN(parseTime(ready.lastTransitionTime));
}

function withoutUnreachable(node: KubeObject): Taint[] {
  return ((node.spec?.taints ?? []) as Taint[]).filter((taint) => taint.key !== UNREACHABLE);
}
