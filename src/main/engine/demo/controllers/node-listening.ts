/**
 * When a node that no machine stands behind was last heard of, as the node life-cycle controller knows it: somebody plays
 * its kubelet by posting its status or renewing its lease. A node whose status was never posted has a minute from its
 * creation. Source: kube-controller-manager, `tryUpdateNodeHealth`.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { type Condition, findCondition, nameOf, parseTime, timeText } from '../sim/objects.ts';
import { LEASES } from '../sim/refs.ts';
import type { World } from '../sim/world.ts';
import { LEASE_NAMESPACE } from './nodes.ts';

/** --node-startup-grace-period */
const STARTUP_GRACE_MS = 60_000;
/** What only a kubelet can say. Whether the network is there others say. */
const OF_KUBELET = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

interface Heard {
  /** Ms since the epoch. */
  at: number;
  /** Of its condition Ready, as it was then; undefined: there was none. */
  ready: Condition | undefined;
}

export interface Listening {
  isNew(node: KubeObject): boolean;
  /** What its condition Ready was when it was last asked about. */
  last(node: KubeObject): Condition['status'] | undefined;
  /** When it counts as silent if nothing more is heard of it; null where it does so already. */
  silentAt(node: KubeObject): Promise<number | null>;
  forget(node: string): void;
}

export function createListening(world: World, graceMs: number): Listening {
  const heard = new Map<string, Heard>();

  function hear(node: KubeObject, ready: Condition | undefined): Heard {
    const known = heard.get(nameOf(node));
    const first = ready === undefined ? parseTime(node.metadata.creationTimestamp) : world.now();
    const at = known === undefined ? first : isSameReport(known.ready, ready) ? known.at : world.now();
    const latest = { at, ready };
    heard.set(nameOf(node), latest);
    return latest;
  }

  return {
    isNew: (node) => !heard.has(nameOf(node)),
    last: (node) => heard.get(nameOf(node))?.ready?.status,
    async silentAt(node) {
      const ready = findCondition(node.status?.conditions, 'Ready');
      const known = hear(node, ready);
      if (ready?.status === 'Unknown') return null;
      // At any pace somebody who plays a kubelet must be able to keep up.
      const grace = (ready === undefined ? STARTUP_GRACE_MS : graceMs) * Math.max(world.pace, SLOWEST_PACE);
      if (known.at + grace > world.now()) return known.at + grace;
      // Only now does it matter what its lease says.
      const lease = await world.clients.manager.find(LEASES, nameOf(node), { namespace: LEASE_NAMESPACE });
      const renewed = parseTime(lease?.spec?.renewTime);
      if (renewed > known.at) known.at = Math.min(renewed, world.now());
      return known.at + grace;
    },
    forget: (node) => void heard.delete(node),
  };
}

/** A report is known by its heartbeat, whatever it says. */
function isSameReport(a: Condition | undefined, b: Condition | undefined): boolean {
  return (a === undefined) === (b === undefined) && a?.lastHeartbeatTime === b?.lastHeartbeatTime;
}

/** Nobody knows how the node is: each condition of its kubelet, whether or not it ever was posted. Pure. */
export function unknownConditions(node: KubeObject, now: number): Condition[] {
  const conditions: Condition[] = node.status?.conditions ?? [];
  const unknown = { status: 'Unknown', lastTransitionTime: timeText(now) } as const;
  const known = conditions.map((condition) =>
    OF_KUBELET.includes(condition.type) && condition.status !== 'Unknown'
      ? {
          ...condition,
          ...unknown,
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
        }
      : condition,
  );
  const missing = OF_KUBELET.filter((type) => findCondition(conditions, type) === undefined);
  return [
    ...known,
    ...missing.map((type) => ({
      type,
      ...unknown,
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: node.metadata.creationTimestamp ?? timeText(now),
    })),
  ];
}
