/**
 * Assigns nodes to pods: one at a time, the highest priority first, with the pure rules of fit.ts. A pod whose claims wait
 * for their first consumer keeps the node it was given until its volumes are bound, and is bound then.
 */
import { isConflict, isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { minorOf } from '../profiles/node-object.ts';
import { runController } from '../sim/controller.ts';
import { podsInNamespace } from '../sim/indexes.ts';
import {
  type Condition,
  controllerOf,
  isDeleting,
  nameOf,
  namespaceOf,
  sameValue,
  setCondition,
} from '../sim/objects.ts';
import { isFinished, observedOf } from '../sim/pods.ts';
import { DEVICE_CLASSES, PODS, VOLUME_CLAIMS, VOLUMES } from '../sim/refs.ts';
import { matchesMap } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { deletePod } from './common.ts';
import { type NodeState, type Plugin, place, preemptionText } from './fit.ts';
import type { NamespaceLabels } from './fit-topology.ts';
import { NodeStates, roomChanged } from './node-states.ts';
import { groupRefusal, isOfGroup } from './pod-groups.ts';
import { type Expected, type Preemption, priorityOf, stillLeaving, VICTIMS_LEAVE, withExpected } from './preemption.ts';
import { CLAIMS_SINCE_MINOR, claimName } from './resource-claims.ts';
import type { Kin } from './scores.ts';
import { type Change, worthASecondLook } from './second-look.ts';
import { bestVolume, boundTo, isBound, SELECTED_NODE, type VolumeLookup, volumeNeeds } from './volume-fit.ts';

const COMPONENT = 'default-scheduler';
/** Unschedulable pods are looked at again after this long even when nothing seems to have changed. */
const FLUSH_MS = 5 * 60 * 1000;
/** A pod that could not be bound is tried again after this long. */
const BACK_OFF_MS = 10_000;
const SPREAD_OWNERS = new Set(['ReplicaSet', 'ReplicationController', 'StatefulSet']);
const STORAGE_ALONE: ReadonlySet<Plugin> = new Set(['VolumeBinding']);

export function runScheduler(world: World): Controller {
  const { caches } = world;
  const client = world.clients.scheduler;
  const minor = minorOf(world.profile.version);
  const nodes = new NodeStates(caches);
  /** Pods found unschedulable, by whom: looked at again when something changed that may help. */
  const waiting = new Map<string, ReadonlySet<Plugin> | 'anything'>();
  /** Keys of pods whose victims are leaving. */
  const promised = new Set<string>();

  /** Nodes of pods whose volumes are being bound. */
  const assumed = new Map<string, string>();
  const lookup: VolumeLookup = {
    claim: (key) => caches.volumeClaims.get(key),
    volume: (name) => caches.volumes.get(name),
    volumes: () => caches.volumes.list(),
    storageClass: (claim) => caches.storageClasses.get(claim.spec?.storageClassName ?? ''),
    limit: (node, driver) =>
      (caches.csiNodes.get(node)?.spec?.drivers ?? []).find((one: Json) => one.name === driver)?.allocatable?.count,
  };

  function expected(): Expected[] {
    const out: Expected[] = [];
    for (const key of promised) {
      const pod = caches.pods.get(key);
      if (pod !== undefined && needsNode(pod)) out.push({ pod, node: pod.status?.nominatedNodeName ?? '' });
    }
    for (const [key, node] of assumed) {
      const pod = caches.pods.get(key);
      if (pod !== undefined && needsNode(pod)) out.push({ pod, node, sure: true });
      else assumed.delete(key);
    }
    return out;
  }

  const namespaceLabels: NamespaceLabels = (name) => caches.namespaces.get(name)?.metadata.labels;
  /** The others of its kind: of its owner, or else of its Services. */
  const kinOf = (pod: KubeObject): Kin | undefined => {
    const owner = controllerOf(pod);
    if (owner !== undefined && SPREAD_OWNERS.has(owner.kind)) return { owner: owner.uid };
    const served = caches.services
      .byIndex('namespace', namespaceOf(pod))
      .filter(({ spec }) => matchesMap(spec?.selector, pod.metadata.labels))
      .map(({ spec }) => spec?.selector);
    return served.length === 0 ? undefined : { selector: { matchLabels: Object.assign({}, ...served) } };
  };
  /** Of those that wait. */
  const helped = (change: Change): string[] => {
    const keys: string[] = [];
    for (const [key, plugins] of waiting) {
      const pod = caches.pods.get(key);
      if (plugins === 'anything' || pod === undefined || worthASecondLook(pod, plugins, change, namespaceLabels))
        keys.push(key);
    }
    return keys;
  };

  async function reconcile(key: string): Promise<number | undefined> {
    waiting.delete(key);
    const pod = caches.pods.get(key);
    if (pod === undefined || !needsNode(pod)) {
      promised.delete(key);
      assumed.delete(key);
      return undefined;
    }
    if (pod.status?.nominatedNodeName) promised.add(key);
    if ((pod.spec?.schedulingGates?.length ?? 0) > 0) {
      await markUnscheduled(pod, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates');
      return undefined;
    }
    const devices = await deviceRefusal(pod);
    if (devices === 'later') return BACK_OFF_MS * Math.max(world.pace, SLOWEST_PACE);
    if (devices !== null) return await unschedulable(pod, devices);
    const total = caches.nodes.size;
    const alone = groupRefusal(pod, podsInNamespace(caches, namespaceOf(pod)));
    if (alone !== null) return await unschedulable(pod, refusedAtOnce(total, alone, minor));
    const needs = volumeNeeds(pod, lookup);
    const given = assumed.get(key);
    if (given !== undefined && needs.refusal === undefined) return await whenBound(pod, given, needs.delayed);
    assumed.delete(key);
    if (needs.refusal !== undefined)
      return await unschedulable(pod, refusedAtOnce(total, needs.refusal, minor), STORAGE_ALONE);
    const states = withExpected(nodes.list(), expected(), pod);
    const choice = place(pod, states, {
      namespaces: namespaceLabels,
      kin: kinOf,
      volumes: needs.judge,
      minor,
    });
    if (choice.node === null) {
      const leaving = stillLeaving(pod, states);
      if (choice.preemption !== undefined && !leaving) await preempt(pod, choice.preemption);
      else if (!leaving && pod.status?.nominatedNodeName) {
        // What it was promised has gone to others; who waits because of it gets a turn.
        await giveBack(pod);
        for (const other of [...waiting.keys()]) controller.enqueue(other);
      }
      const message = leaving
        ? `${choice.message.replace(/ (no new claims to deallocate, )?preemption: .*/, '')} ${preemptionText(minor, VICTIMS_LEAVE)}`
        : choice.message;
      return await unschedulable(caches.pods.get(key) ?? pod, message, choice.plugins);
    }
    if (needs.delayed.length === 0) {
      await bind(pod, choice.node);
      return undefined;
    }
    const chosen = states.find((state) => nameOf(state.node) === choice.node);
    assumed.set(key, choice.node);
    // Where it will be is said since 1.35 (KEP-5278).
    if (minor >= 35 && pod.status?.nominatedNodeName !== choice.node)
      await updateStatus(client, PODS, caches.pods, pod, { ...pod.status, nominatedNodeName: choice.node });
    for (const claim of needs.delayed) await askForVolume(claim, choice.node, chosen);
    return undefined;
  }

  /**
   * No driver of dynamic resources runs in these clusters, so nothing is ever allocated (KEP-4381). A pod whose claims
   * are not there is not even tried, in silence.
   */
  async function deviceRefusal(pod: KubeObject): Promise<string | null> {
    const wanted: Json[] = pod.spec?.resourceClaims ?? [];
    if (wanted.length === 0) return null;
    const total = caches.nodes.size;
    const claims: KubeObject[] = [];
    for (const one of wanted) {
      const name = claimName(pod, one);
      if (name === null) continue;
      const claim = caches.resourceClaims.get(`${namespaceOf(pod)}/${name ?? ''}`);
      if (claim === undefined) return 'later';
      claims.push(claim);
    }
    if (claims.length === 0) return null;
    const unknown = minor < CLAIMS_SINCE_MINOR ? null : await unknownClass(claims);
    const reason = unknown ?? `${total} cannot allocate all claims`;
    const tried =
      minor < CLAIMS_SINCE_MINOR ? '' : unknown === null ? 'still not schedulable, ' : 'no new claims to deallocate, ';
    return `0/${total} nodes are available: ${reason}. ${tried}preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`;
  }

  /** What a claim asks for that there are no devices of by that name. */
  async function unknownClass(claims: readonly KubeObject[]): Promise<string | null> {
    for (const { spec } of claims)
      for (const { name, exactly, firstAvailable } of (spec?.devices?.requests ?? []) as Json[])
        for (const asked of exactly === undefined ? ((firstAvailable ?? []) as Json[]) : [exactly]) {
          const { deviceClassName } = asked;
          if ((await client.find(DEVICE_CLASSES, deviceClassName)) !== null) continue;
          const request = exactly === undefined ? `${name}/${asked.name}` : name;
          return `request ${request}: device class ${deviceClassName} does not exist`;
        }
    return null;
  }

  /** A volume made by hand is reserved for the claim; anything else is provisioned where the pod will be. */
  async function askForVolume(claim: KubeObject, node: string, state: NodeState | undefined): Promise<void> {
    const namespace = namespaceOf(claim);
    const volume = bestVolume(claim, caches.volumes.list(), state);
    if (volume !== undefined) {
      caches.volumes.wrote(await client.update(VOLUMES, boundTo(volume, claim)));
      return;
    }
    const change = { metadata: { annotations: { [SELECTED_NODE]: node } } };
    caches.volumeClaims.wrote(await client.patch(VOLUME_CLAIMS, nameOf(claim), 'merge', change, { namespace }));
  }

  async function whenBound(pod: KubeObject, node: string, unbound: readonly KubeObject[]): Promise<number | undefined> {
    if (unbound.length === 0) {
      assumed.delete(objectKey(pod));
      await bind(pod, node);
      return undefined;
    }
    const failed = unbound.find((claim) => {
      const reserved = caches.volumes.list().some((volume) => volume.spec?.claimRef?.uid === claim.metadata.uid);
      return !reserved && claim.metadata.annotations?.[SELECTED_NODE] !== node;
    });
    if (failed === undefined) return undefined;
    assumed.delete(objectKey(pod));
    const message = `running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "${nameOf(failed)}"`;
    await refused(pod, 'SchedulerError', message);
    return BACK_OFF_MS * Math.max(world.pace, SLOWEST_PACE);
  }

  async function bind(pod: KubeObject, node: string): Promise<void> {
    const namespace = namespaceOf(pod);
    try {
      await client.create(
        PODS,
        {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name: nameOf(pod), namespace, uid: pod.metadata.uid },
          target: { kind: 'Node', name: node },
        },
        { namespace, subresource: 'binding' },
      );
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      // Bound by somebody else meanwhile; the watch will tell.
    }
    const bound = await client.find(PODS, nameOf(pod), { namespace });
    if (bound !== null) caches.pods.wrote(bound);
    nodes.touch(node);
    promised.delete(objectKey(pod));
    world.events.record(pod, {
      component: COMPONENT,
      host: `${COMPONENT}-${world.profile.name}`,
      action: 'Binding',
      reason: 'Scheduled',
      message: `Successfully assigned ${objectKey(pod)} to ${node}`,
    });
  }

  async function giveBack(pod: KubeObject): Promise<void> {
    promised.delete(objectKey(pod));
    const { nominatedNodeName: _node, ...status } = pod.status ?? {};
    await updateStatus(client, PODS, caches.pods, pod, status);
  }

  /** The victims go gracefully; the pod is promised their node and looked at again when they are gone. */
  async function preempt(pod: KubeObject, { node, victims }: Preemption): Promise<void> {
    await updateStatus(client, PODS, caches.pods, pod, { ...pod.status, nominatedNodeName: node });
    promised.add(objectKey(pod));
    // Lesser ones that were promised the node may not find room there any more: they look again.
    for (const key of [...promised]) {
      const other = caches.pods.get(key);
      if (other?.status?.nominatedNodeName === node && needsNode(other) && priorityOf(other) < priorityOf(pod))
        await giveBack(other);
    }
    for (const chosen of victims) {
      // The view of a node does not follow every status of its pods.
      const victim = caches.pods.get(objectKey(chosen));
      if (victim === undefined || victim.metadata.uid !== chosen.metadata.uid) continue;
      const conditions = setCondition(
        victim.status?.conditions ?? [],
        {
          type: 'DisruptionTarget',
          status: 'True',
          ...observedOf(victim, minor),
          lastProbeTime: null,
          reason: 'PreemptionByScheduler',
          message: `${COMPONENT}: preempting to accommodate a higher priority pod`,
        },
        world.now(),
      );
      await updateStatus(client, PODS, caches.pods, victim, { ...victim.status, conditions });
      await deletePod(world, victim);
      world.events.record(victim, {
        component: COMPONENT,
        host: `${COMPONENT}-${world.profile.name}`,
        action: 'Preempting',
        reason: 'Preempted',
        message: `Preempted by pod ${pod.metadata.uid} on node ${node}`,
      });
    }
    nodes.touch(node);
  }

  async function unschedulable(
    pod: KubeObject,
    message: string,
    plugins: ReadonlySet<Plugin> | 'anything' = 'anything',
  ): Promise<number> {
    waiting.set(objectKey(pod), plugins);
    await refused(pod, 'Unschedulable', message);
    return FLUSH_MS;
  }

  async function refused(pod: KubeObject, reason: string, message: string): Promise<void> {
    if (await markUnscheduled(pod, reason, message)) {
      world.events.record(pod, {
        component: COMPONENT,
        host: `${COMPONENT}-${world.profile.name}`,
        action: 'Scheduling',
        type: 'Warning',
        reason: 'FailedScheduling',
        message,
      });
    }
  }

  async function markUnscheduled(pod: KubeObject, reason: string, message: string): Promise<boolean> {
    const old: Condition[] = pod.status?.conditions ?? [];
    const conditions = setCondition(
      old,
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null,
        reason,
        message,
        ...(reason === 'SchedulingGated' ? {} : observedOf(pod, minor)),
      },
      world.now(),
    );
    if (sameValue(conditions, old)) return false;
    await updateStatus(client, PODS, caches.pods, pod, { ...pod.status, phase: 'Pending', conditions });
    return true;
  }

  const controller = runController(world, {
    name: 'scheduler',
    // One at a time: each decision has to see the one before it.
    concurrency: 1,
    inOrder: true,
    priorityOf: (key) => {
      const pod = caches.pods.get(key);
      return pod === undefined ? 0 : priorityOf(pod);
    },
    reconcile,
    watch: [
      {
        cache: caches.pods,
        on: (pod, previous, deleted) => {
          // With it a group may be whole, and those that wait for it get their turn.
          if (!deleted && needsNode(pod)) return isOfGroup(pod) ? [objectKey(pod), ...waiting.keys()] : objectKey(pod);
          if (waiting.size === 0) return undefined;
          const before = holdsRoom(previous ?? (deleted ? pod : undefined));
          const after = holdsRoom(deleted ? undefined : pod);
          if (before === undefined && after === undefined) return undefined;
          const same = sameValue(before?.metadata.labels, after?.metadata.labels);
          return before !== undefined && after !== undefined && same ? undefined : helped({ of: 'pod', before, after });
        },
      },
      {
        cache: caches.nodes,
        on: (node, previous, deleted) =>
          waiting.size > 0 && !deleted && roomChanged(node, previous)
            ? helped({ of: 'node', before: previous, after: node })
            : undefined,
      },
      {
        cache: caches.volumeClaims,
        on: (claim, previous) => {
          const decided = isBound(claim) || previous?.metadata.annotations?.[SELECTED_NODE] !== undefined;
          const news = previous === undefined || (isBound(claim) && !isBound(previous));
          return [...(decided ? assumed.keys() : []), ...(news ? helped({ of: 'claim', claim }) : [])];
        },
      },
      {
        cache: caches.volumes,
        on: (volume, previous) =>
          volume.status?.phase !== previous?.status?.phase ? helped({ of: 'storage' }) : undefined,
      },
      { cache: caches.storageClasses, on: () => helped({ of: 'storage' }) },
      { cache: caches.csiNodes, on: () => helped({ of: 'storage' }) },
      {
        cache: caches.namespaces,
        on: (_namespace, previous) => (previous === undefined ? helped({ of: 'namespace' }) : undefined),
      },
    ],
  });
  return {
    ...controller,
    stop: async () => {
      nodes.stop();
      await controller.stop();
    },
  };
}

/**
 * No node is looked at. Since 1.34 the plugin for resource claims, asked for what it could free, finds that it has not
 * been asked before.
 */
function refusedAtOnce(total: number, reason: string, minor: number): string {
  const tried =
    minor < 34
      ? `preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`
      : 'not found';
  return `0/${total} nodes are available: ${reason}. ${tried}`;
}

/** A pod as others see it that is on a node and not finished; undefined otherwise. */
function holdsRoom(pod: KubeObject | undefined): KubeObject | undefined {
  return pod?.spec?.nodeName && !isFinished(pod) ? pod : undefined;
}

function needsNode(pod: KubeObject): boolean {
  return (
    !pod.spec?.nodeName && !isDeleting(pod) && !isFinished(pod) && (pod.spec?.schedulerName ?? COMPONENT) === COMPONENT
  );
}
