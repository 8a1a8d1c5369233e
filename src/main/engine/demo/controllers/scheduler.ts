/** Assigns nodes to pods: one at a time, in the order of their priority and age, with the pure rules of fit.ts. */
import { isConflict, isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { type Condition, isDeleting, nameOf, namespaceOf, sameValue, setCondition } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { PODS } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { deletePod } from './common.ts';
import { place } from './fit.ts';
import { NodeStates } from './node-states.ts';
import { type Preemption, stillLeaving, withPromised } from './preemption.ts';

const COMPONENT = 'default-scheduler';
/** Unschedulable pods are looked at again after this long even when nothing seems to have changed. */
const FLUSH_MS = 5 * 60 * 1000;

export function runScheduler(world: World): Controller {
  const { caches } = world;
  const client = world.clients.scheduler;
  const nodes = new NodeStates(caches);
  /** Keys found unschedulable: looked at again when a node or a pod made room. */
  const waiting = new Set<string>();
  /** Keys of pods whose victims are leaving. */
  const promised = new Set<string>();

  function promisedPods(): KubeObject[] {
    return [...promised].flatMap((key) => {
      const pod = caches.pods.get(key);
      return pod !== undefined && needsNode(pod) ? [pod] : [];
    });
  }

  async function reconcile(key: string): Promise<number | undefined> {
    waiting.delete(key);
    const pod = caches.pods.get(key);
    if (pod === undefined || !needsNode(pod)) {
      promised.delete(key);
      return undefined;
    }
    if (pod.status?.nominatedNodeName) promised.add(key);
    if ((pod.spec?.schedulingGates?.length ?? 0) > 0) {
      await markUnscheduled(pod, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates');
      return undefined;
    }
    const unbound = unboundClaim(pod);
    if (unbound !== undefined) return await unschedulable(pod, unbound);
    const states = withPromised(nodes.list(), promisedPods(), pod);
    const choice = place(pod, states);
    if (choice.node === null) {
      const taken = choice.preemption === undefined || stillLeaving(pod, states) ? undefined : choice.preemption;
      if (taken !== undefined) await preempt(pod, taken);
      return await unschedulable(caches.pods.get(key) ?? pod, choice.message);
    }
    await bind(pod, choice.node);
    return undefined;
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

  /** The victims go gracefully; the pod is promised their node and looked at again when they are gone. */
  async function preempt(pod: KubeObject, { node, victims }: Preemption): Promise<void> {
    await updateStatus(client, PODS, caches.pods, pod, { ...pod.status, nominatedNodeName: node });
    promised.add(objectKey(pod));
    for (const victim of victims) {
      const conditions = setCondition(
        victim.status?.conditions ?? [],
        {
          type: 'DisruptionTarget',
          status: 'True',
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

  async function unschedulable(pod: KubeObject, message: string): Promise<number> {
    waiting.add(objectKey(pod));
    const changed = await markUnscheduled(pod, 'Unschedulable', message);
    if (changed) {
      world.events.record(pod, {
        component: COMPONENT,
        host: `${COMPONENT}-${world.profile.name}`,
        action: 'Scheduling',
        type: 'Warning',
        reason: 'FailedScheduling',
        message,
      });
    }
    return FLUSH_MS;
  }

  async function markUnscheduled(pod: KubeObject, reason: string, message: string): Promise<boolean> {
    const old: Condition[] = pod.status?.conditions ?? [];
    const conditions = setCondition(
      old,
      { type: 'PodScheduled', status: 'False', lastProbeTime: null, reason, message },
      world.now(),
    );
    if (sameValue(conditions, old)) return false;
    await updateStatus(client, PODS, caches.pods, pod, { ...pod.status, phase: 'Pending', conditions });
    return true;
  }

  /** The scheduler's words when a claim stands in the way. */
  function unboundClaim(pod: KubeObject): string | undefined {
    const total = caches.nodes.size;
    for (const volume of pod.spec?.volumes ?? []) {
      const name = claimName(pod, volume);
      if (name === undefined) continue;
      const claim = caches.volumeClaims.get(`${namespaceOf(pod)}/${name}`);
      if (claim === undefined) {
        return volume.ephemeral === undefined
          ? `0/${total} nodes are available: persistentvolumeclaim "${name}" not found. preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`
          : `0/${total} nodes are available: waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}".`;
      }
      if (claim.status?.phase === 'Bound') continue;
      return `0/${total} nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`;
    }
    return undefined;
  }

  const controller = runController(world, {
    name: 'scheduler',
    // One at a time: each decision has to see the one before it.
    concurrency: 1,
    reconcile,
    watch: [
      {
        cache: caches.pods,
        on: (pod, previous, deleted) => {
          if (!deleted && needsNode(pod)) return objectKey(pod);
          const leaves = deleted || (isFinished(pod) && previous !== undefined && !isFinished(previous));
          return leaves && waiting.size > 0 ? [...waiting] : undefined;
        },
      },
      {
        cache: caches.nodes,
        on: (node, previous) => (waiting.size > 0 && roomChanged(node, previous) ? [...waiting] : undefined),
      },
      {
        cache: caches.volumeClaims,
        on: (claim) => (waiting.size > 0 && claim.status?.phase === 'Bound' ? [...waiting] : undefined),
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

function needsNode(pod: KubeObject): boolean {
  return (
    !pod.spec?.nodeName && !isDeleting(pod) && !isFinished(pod) && (pod.spec?.schedulerName ?? COMPONENT) === COMPONENT
  );
}

/** Heartbeats change nodes all the time; only what scheduling looks at matters. */
function roomChanged(node: KubeObject, previous: KubeObject | undefined): boolean {
  if (previous === undefined) return true;
  return !(
    sameValue(node.spec, previous.spec) &&
    sameValue(node.metadata.labels, previous.metadata.labels) &&
    sameValue(node.status?.allocatable, previous.status?.allocatable)
  );
}

function claimName(pod: KubeObject, volume: Json): string | undefined {
  if (volume.persistentVolumeClaim !== undefined) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral === undefined ? undefined : `${nameOf(pod)}-${volume.name}`;
}
