/**
 * What happens on a machine time and again while somebody wants it so: `demo.fleetdeck/behaviour` on the node, `reboots`
 * (a new boot id, every container ended) or `system-oom` (the kernel kills the process that is missed least). Both come
 * once a minute of simulated time. Source: kubelet's events Rebooted and SystemOOM.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { behavioursOf } from '../kubelet/behaviour.ts';
import { isDown } from '../kubelet/kubelet.ts';
import { uuid } from '../profiles/providers.ts';
import { runController } from '../sim/controller.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { isDeleting, nameOf } from '../sim/objects.ts';
import { isActive } from '../sim/pods.ts';
import { NODES } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { evictionOrder } from './node-conditions.ts';

/** The behaviours that ask for one. */
export const INCIDENTS = ['system-oom', 'reboots'] as const;
const INCIDENT_INTERVAL_MS = 60_000;

export function runNodeIncidents(world: World): Controller {
  const { caches } = world;
  /** When the next one of a node is due. */
  const incidents = new Map<string, number>();

  async function reconcile(key: string): Promise<number | undefined> {
    const node = caches.nodes.get(key);
    const what = incidentOf(node);
    if (node === undefined || what === undefined || isDeleting(node) || isDown(node)) {
      incidents.delete(key);
      return undefined;
    }
    const now = world.now();
    const due = incidents.get(key) ?? now;
    if (due > now) return due - now;
    const interval = INCIDENT_INTERVAL_MS * Math.max(world.pace, SLOWEST_PACE);
    incidents.set(key, now + interval);
    if (what === 'reboots') await reboot(node);
    else outOfMemory(node);
    return interval;
  }

  /** The kernel's choice, not kubelet's: no eviction, a container that is killed. */
  function outOfMemory(node: KubeObject): void {
    const pod = evictionOrder(podsOnNode(caches, nameOf(node))).find((one) => one.status?.phase === 'Running');
    const [container] = pod?.spec?.containers ?? [];
    if (pod === undefined || container === undefined) return;
    const victim =
      String(container.image ?? '')
        .replace(/^.*\//, '')
        .replace(/[:@].*$/, '') || container.name;
    world.events.record(
      { ...node, metadata: { ...node.metadata, uid: nameOf(node) } },
      {
        component: 'kubelet',
        host: nameOf(node),
        type: 'Warning',
        reason: 'SystemOOM',
        message: `System OOM encountered, victim process: ${victim}, pid: ${world.random.integer(2000, 30_000)}`,
      },
    );
    world.signals.terminate(pod, container.name, 137);
  }

  async function reboot(node: KubeObject): Promise<void> {
    const bootID = uuid(world.random);
    const nodeInfo = { ...node.status?.nodeInfo, bootID };
    const current = caches.nodes.get(nameOf(node)) ?? node;
    await updateStatus(world.clients.kubelet, NODES, caches.nodes, current, { ...current.status, nodeInfo });
    const host = nameOf(node);
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
      world.events.record(
        { ...node, metadata: { ...node.metadata, uid: host } },
        { component: 'kubelet', host, type, reason, message },
      );
    tell('Normal', 'Starting', 'Starting kubelet.');
    tell('Warning', 'Rebooted', `Node ${host} has been rebooted, boot id: ${bootID}`);
    tell('Normal', 'NodeNotReady', `Node ${host} status is now: NodeNotReady`);
    tell('Normal', 'NodeReady', `Node ${host} status is now: NodeReady`);
    for (const pod of podsOnNode(caches, host).filter(isActive))
      for (const container of pod.spec?.containers ?? []) world.signals.terminate(pod, container.name, 255);
  }

  return runController(world, {
    name: 'node-incidents',
    reconcile,
    watch: [
      {
        cache: caches.nodes,
        on: (node, previous) => (incidentOf(node) !== incidentOf(previous) ? nameOf(node) : undefined),
      },
    ],
  });
}

function incidentOf(node: KubeObject | undefined): (typeof INCIDENTS)[number] | undefined {
  const asked = behavioursOf(node);
  return INCIDENTS.find((one) => asked.includes(one));
}
