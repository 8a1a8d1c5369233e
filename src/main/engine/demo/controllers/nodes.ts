/**
 * Nodes of one simulated cluster: registered when absent, kept alive by leases (KEP-9) and a status heartbeat every
 * five minutes, tainted while cordoned or not ready. Pods of a node that was deleted are the API server's to collect.
 */
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { isDown } from '../kubelet/kubelet.ts';
import { conditionsFor, troublesOf } from '../profiles/node-conditions.ts';
import { csiNodeObject, nodeObject, nodeStatus } from '../profiles/node-object.ts';
import type { NodeProfile } from '../profiles/profile.ts';
import { runController } from '../sim/controller.ts';
import { findCondition, isDeleting, microTimeText, nameOf, sameValue, timeText, uidOf } from '../sim/objects.ts';
import { CSI_NODES, LEASES, NODES } from '../sim/refs.ts';
import type { Taint } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { inBatches } from './common.ts';

export const LEASE_NAMESPACE = 'kube-node-lease';
/** Real kubelets renew every 10 s; less often is as good, as long as no lease (40 s) runs out in between. */
const LEASE_INTERVAL_MS = 25_000;
const STATUS_INTERVAL_MS = 5 * 60_000;
const REGISTERED_AT_ONCE = 64;
const CORDON_TAINT = 'node.kubernetes.io/unschedulable';
const NOT_READY_TAINT = 'node.kubernetes.io/not-ready';

/** Resolves when all nodes are there. */
export async function registerNodes(world: World): Promise<void> {
  const { nodes } = world.profile;
  await inBatches(
    nodes.length,
    async (index) => {
      const node = nodes[index];
      if (node !== undefined) await register(world, node);
    },
    REGISTERED_AT_ONCE,
  );
}

async function register(world: World, profile: NodeProfile): Promise<void> {
  const client = world.clients.kubelet;
  const existing = await client.find(NODES, profile.name);
  if (existing !== null) {
    await registerDrivers(world, profile, existing);
    if (isDown(existing)) return;
    const { conditions: _conditions, ...wanted } = nodeStatus(world.profile, profile, world.now());
    const ready = findCondition(existing.status?.conditions, 'Ready')?.status === 'True';
    // Its kubelet would say what is known already: with a thousand nodes that is worth asking.
    if (ready && sameValue({ ...existing.status, ...wanted }, existing.status)) return;
    await updateStatus(client, NODES, world.caches.nodes, existing, {
      ...existing.status,
      ...wanted,
      conditions: conditionsFor(troublesOf(existing), existing.status?.conditions ?? [], world.now()),
    });
    return;
  }
  let node: KubeObject;
  try {
    node = await client.create(NODES, nodeObject(world.profile, profile));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return;
  }
  const updated = await updateStatus(
    client,
    NODES,
    world.caches.nodes,
    node,
    nodeStatus(world.profile, profile, world.now()),
  );
  tellRegistered(world, updated);
  await registerDrivers(world, profile, updated);
}

async function registerDrivers(world: World, machine: NodeProfile, node: KubeObject): Promise<void> {
  const known = world.caches.csiNodes.get(machine.name);
  if (known?.metadata.ownerReferences?.[0]?.uid === uidOf(node)) return;
  try {
    await world.clients.kubelet.create(CSI_NODES, csiNodeObject(world.profile, machine, uidOf(node)));
  } catch (error) {
    // That of a node of the same name may not have been collected yet.
    if (!isAlreadyExists(error)) throw error;
  }
}

/** What the first status of a healthy node tells. */
const FIRST_STATES = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'];

function tellRegistered(world: World, node: KubeObject): void {
  const name = nameOf(node);
  const about = { ...node, metadata: { name, uid: name } };
  const said: [reason: string, message: string][] = [
    ['Starting', 'Starting kubelet.'],
    ...FIRST_STATES.map((state): [string, string] => [state, `Node ${name} status is now: ${state}`]),
    ['NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods'],
    ['NodeReady', `Node ${name} status is now: NodeReady`],
  ];
  for (const [reason, message] of said)
    world.events.record(about, { component: 'kubelet', host: name, reason, message });
  world.events.record(node, {
    component: 'node-controller',
    reason: 'RegisteredNode',
    message: `Node ${name} event: Registered Node ${name} in Controller`,
  });
}

export function runNodes(world: World): Controller {
  const { caches } = world;
  let stopped = false;

  async function reconcile(key: string): Promise<number | undefined> {
    const node = caches.nodes.get(key);
    if (node === undefined || isDeleting(node)) return undefined;
    const machine = world.machines.get(key);
    // One that was never heard of, or was taken out and comes back: kubelet tells about its machine.
    if (machine !== undefined && !node.status?.nodeInfo?.kubeletVersion) await join(node, machine);
    else {
      await keepTaints(node);
      if (machine !== undefined && !isDown(node)) await offer(caches.nodes.get(key) ?? node);
    }
    return undefined;
  }

  async function join(node: KubeObject, machine: NodeProfile): Promise<void> {
    const { metadata, spec } = nodeObject(world.profile, machine);
    const client = world.clients.kubelet;
    const registered = await client.update(NODES, {
      ...node,
      metadata: {
        ...node.metadata,
        labels: { ...metadata.labels, ...node.metadata.labels },
        annotations: { ...metadata.annotations, ...node.metadata.annotations },
      },
      spec: { ...node.spec, podCIDR: spec?.podCIDR, podCIDRs: spec?.podCIDRs },
    });
    const updated = await updateStatus(client, NODES, caches.nodes, registered, {
      ...nodeStatus(world.profile, machine, world.now()),
      conditions: conditionsFor(troublesOf(node), [], world.now()),
    });
    tellRegistered(world, updated);
    await registerDrivers(world, machine, updated);
    await renewLease(updated);
  }

  /** What somebody says the machine has beside what kubelet finds may be asked for. */
  async function offer(node: KubeObject): Promise<void> {
    const { capacity = {}, allocatable = {} } = node.status ?? {};
    const wanted = withExtended(allocatable, capacity);
    if (sameValue(wanted, allocatable)) return;
    await updateStatus(world.clients.kubelet, NODES, caches.nodes, node, { ...node.status, allocatable: wanted });
  }

  async function keepTaints(node: KubeObject): Promise<void> {
    const taints: Taint[] = node.spec?.taints ?? [];
    const wanted = lifeCycleTaints(node, taints, world.now());
    if (sameValue(wanted, taints)) return;
    const { taints: _old, ...spec } = node.spec ?? {};
    const updated = await world.clients.manager.update(NODES, {
      ...node,
      spec: wanted.length === 0 ? spec : { ...spec, taints: wanted },
    });
    caches.nodes.wrote(updated);
    const cordoned = wanted.some((taint) => taint.key === CORDON_TAINT);
    if (cordoned === taints.some((taint) => taint.key === CORDON_TAINT)) return;
    const status = cordoned ? 'NodeNotSchedulable' : 'NodeSchedulable';
    world.events.record(updated, {
      component: 'kubelet',
      host: nameOf(node),
      reason: status,
      message: `Node ${nameOf(node)} status is now: ${status}`,
    });
  }

  async function renewLeases(): Promise<void> {
    for (const { name } of world.machines.list()) {
      const node = caches.nodes.get(name);
      if (stopped || node === undefined || isDown(node)) continue;
      await renewLease(node);
    }
  }

  async function renewLease(node: KubeObject): Promise<void> {
    const name = nameOf(node);
    const client = world.clients.kubelet;
    const renewTime = microTimeText(world.now());
    try {
      await client.patch(LEASES, name, 'merge', { spec: { renewTime } }, { namespace: LEASE_NAMESPACE });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const lease = leaseObject(name, world.now(), node.metadata.uid);
      await client.create(LEASES, lease, { namespace: LEASE_NAMESPACE });
    }
  }

  async function heartbeat(): Promise<void> {
    for (const { name } of world.machines.list()) {
      const node = caches.nodes.get(name);
      if (stopped || node === undefined || isDown(node)) continue;
      await updateStatus(world.clients.kubelet, NODES, caches.nodes, node, {
        ...node.status,
        conditions: conditionsFor(troublesOf(node), node.status?.conditions ?? [], world.now()),
      });
    }
  }

  const repeat = (work: () => Promise<void>, every: number, what: string) => {
    const timer = setInterval(() => {
      work().catch((error: unknown) => {
        if (!stopped) world.report(error, what);
      });
    }, every);
    return () => clearInterval(timer);
  };
  const timers = [
    repeat(renewLeases, LEASE_INTERVAL_MS, 'node leases'),
    repeat(heartbeat, STATUS_INTERVAL_MS, 'node heartbeat'),
  ];
  renewLeases().catch((error: unknown) => world.report(error, 'node leases'));

  const controller = runController(world, {
    name: 'node-controller',
    reconcile,
    watch: [{ cache: caches.nodes, on: (node) => objectKey(node) }],
  });
  return {
    name: controller.name,
    async stop() {
      stopped = true;
      for (const stop of timers) stop();
      await controller.stop();
    },
  };
}

/** As kubelet makes it; `uid` is that of the node where it is known. */
export function leaseObject(node: string, now: number, uid?: string): KubeObject {
  const owner = { apiVersion: 'v1', kind: 'Node', name: node, uid: uid ?? '' };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: node,
      namespace: LEASE_NAMESPACE,
      ...(uid === undefined ? {} : { ownerReferences: [owner] }),
    },
    spec: { holderIdentity: node, leaseDurationSeconds: 40, renewTime: microTimeText(now) },
  };
}

/** A cordoned node is tainted; the taint every node is born with goes when it is ready. */
export function lifeCycleTaints(node: KubeObject, taints: readonly Taint[], now: number): Taint[] {
  const cordoned = node.spec?.unschedulable === true;
  const ready = findCondition(node.status?.conditions, 'Ready')?.status === 'True';
  const kept = taints.filter(
    (taint) => !(ready && taint.key === NOT_READY_TAINT) && (cordoned || taint.key !== CORDON_TAINT),
  );
  if (!cordoned || kept.some((taint) => taint.key === CORDON_TAINT)) return kept;
  return [...kept, { key: CORDON_TAINT, effect: 'NoSchedule', timeAdded: timeText(now) }];
}

/** What may be asked for, with the extended resources that the capacity has now. Source: kubelet's setters of the node status. */
export function withExtended(
  allocatable: Readonly<Record<string, string>>,
  capacity: Readonly<Record<string, string>>,
): Record<string, string> {
  const own = Object.entries(allocatable).filter(([name]) => !isExtended(name));
  const extended = Object.entries(capacity).filter(([name]) => isExtended(name));
  return Object.fromEntries([...own, ...extended]);
}

/** Of a domain that is not the system's own. */
function isExtended(name: string): boolean {
  const [domain = '', ...rest] = name.split('/');
  return rest.length > 0 && !/(^|\.)kubernetes\.io$/.test(domain);
}
