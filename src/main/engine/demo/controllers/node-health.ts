/**
 * What the node life-cycle controller does when a kubelet falls silent: after the grace period the conditions of its node
 * are Unknown, it is tainted as unreachable (the taint controller then moves its pods), and its pods are no longer ready.
 * A person stages that with the annotation `demo.fleetdeck/behaviour: down` on a node; without the annotation the node
 * comes back. A node that no machine stands behind is heard of as long as somebody posts its status or renews its lease
 * (node-listening.ts). Source: Kubernetes documentation "Nodes", KEP-166 (taint based eviction).
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isDown } from '../kubelet/kubelet.ts';
import { conditionsFor, taintsFor, troublesOf } from '../profiles/node-conditions.ts';
import { minorOf } from '../profiles/node-object.ts';
import { runController } from '../sim/controller.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { findCondition, isDeleting, nameOf, parseTime, sameValue, setCondition } from '../sim/objects.ts';
import { isFinished, isReady, observedOf } from '../sim/pods.ts';
import { NODES, PODS } from '../sim/refs.ts';
import type { Taint } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { createListening, unknownConditions } from './node-listening.ts';

const COMPONENT = 'node-controller';
/** --node-monitor-grace-period: longer since 1.32. */
const graceMs = (version: string): number => (minorOf(version) >= 32 ? 50_000 : 40_000);

export function runNodeHealth(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  /** When the silence began, by node. */
  const silent = new Map<string, number>();
  const listening = createListening(world, graceMs(world.profile.version));

  async function reconcile(key: string): Promise<number | undefined> {
    const node = caches.nodes.get(key);
    if (node === undefined || isDeleting(node)) {
      silent.delete(key);
      listening.forget(key);
      return undefined;
    }
    if (world.machines.get(key) === undefined) return await listen(node);
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

  /** Of a node that is an object alone. */
  async function listen(node: KubeObject): Promise<number | undefined> {
    const status = findCondition(node.status?.conditions, 'Ready')?.status;
    if (listening.isNew(node))
      tell(node, 'RegisteredNode', `Node ${nameOf(node)} event: Registered Node ${nameOf(node)} in Controller`);
    if (status === 'False' && listening.last(node) === 'True') tellNotReady(node);
    const due = await listening.silentAt(node);
    let latest = node;
    if (due !== null && due <= world.now()) latest = await markUnknown(node);
    else await setTaints(node, taintsFor(node.status?.conditions ?? [], node.spec?.taints ?? [], world.now()));
    const now = findCondition(latest.status?.conditions, 'Ready')?.status;
    if (now !== undefined && now !== 'True') await markPods(nameOf(node));
    return due === null || latest !== node ? undefined : due - world.now();
  }

  async function markUnknown(node: KubeObject): Promise<KubeObject> {
    const wasReady = findCondition(node.status?.conditions, 'Ready')?.status === 'True';
    const conditions = unknownConditions(node, world.now());
    const updated = await updateStatus(client, NODES, caches.nodes, node, { ...node.status, conditions });
    await setTaints(updated, taintsFor(conditions, updated.spec?.taints ?? [], world.now()));
    // Who never was ready has not become unready.
    if (wasReady) tellNotReady(node);
    return updated;
  }

  function tellNotReady(node: KubeObject): void {
    tell(node, 'NodeNotReady', `Node ${nameOf(node)} status is now: NodeNotReady`);
  }

  async function recover(node: KubeObject): Promise<void> {
    const now = world.now();
    const conditions = conditionsFor(troublesOf(node), node.status?.conditions ?? [], now);
    const updated = await updateStatus(client, NODES, caches.nodes, node, { ...node.status, conditions });
    await setTaints(updated, taintsFor(conditions, updated.spec?.taints ?? [], now));
    // What comes back tells so itself.
    const message = `Node ${nameOf(node)} status is now: NodeReady`;
    world.events.record(node, { component: 'kubelet', host: nameOf(node), reason: 'NodeReady', message });
  }

  async function setTaints(node: KubeObject, taints: Taint[]): Promise<void> {
    const { taints: old, ...spec } = node.spec ?? {};
    if (sameValue(taints, old ?? [])) return;
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
          deleted ||
          isDown(node) ||
          isDown(previous) ||
          isUnknown(node) ||
          world.machines.get(nameOf(node)) === undefined
            ? nameOf(node)
            : undefined,
      },
    ],
  });
}

function isUnknown(node: KubeObject): boolean {
  const ready = findCondition(node.status?.conditions, 'Ready');
  return ready?.status === 'Unknown' && !Number.isNaN(parseTime(ready.lastTransitionTime));
}
