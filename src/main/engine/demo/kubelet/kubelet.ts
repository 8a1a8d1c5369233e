/**
 * The kubelets of all nodes of one simulated cluster: pods that have a node are run (run.ts), their status is written
 * (status.ts), pods that are to go are stopped within their grace period and then removed.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { isDeleting, nameOf, namespaceOf, sameValue, uidOf } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { PODS } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { createAddresses } from './addresses.ts';
import { behavioursOf, isStaged } from './behaviour.ts';
import { recoverRun } from './recover.ts';
import { missingReference } from './references.ts';
import { adopt, advance, endProcess, newRun, nextDue, type PodRun, type RunEnvironment, type RunEvent } from './run.ts';
import { podStatus } from './status.ts';
import { wishOf, wishWatches } from './wishes.ts';

/** Set on a node, `down` makes its kubelet fall silent: see controllers/node-health.ts. */
export function isDown(node: KubeObject | undefined): boolean {
  return behavioursOf(node).includes('down');
}

const RETRY_MOUNT_MS = 2000;

export function runKubelets(world: World): Controller {
  const { caches } = world;
  const client = world.clients.kubelet;
  const runs = new Map<string, PodRun>();
  /** Keys of the runs, so that a pod that vanished takes its run along. */
  const uids = new Map<string, string>();
  const stopping = new Map<string, number>();
  const images = new Map<string, Set<string>>();
  const addresses = createAddresses(world);
  const nodes = new Map(world.profile.nodes.map((node) => [node.name, node]));

  function forget(key: string): void {
    const uid = uids.get(key);
    if (uid === undefined) return;
    uids.delete(key);
    runs.delete(uid);
    stopping.delete(uid);
  }

  async function reconcile(key: string): Promise<number | undefined> {
    const pod = caches.pods.get(key);
    const known = uids.get(key);
    if (known !== undefined && known !== pod?.metadata.uid) forget(key);
    if (pod === undefined) return undefined;
    const node = nodes.get(pod.spec?.nodeName ?? '');
    const nodeKey = node?.name ?? '';
    if (node === undefined || isDown(caches.nodes.get(nodeKey))) return undefined;
    if (isDeleting(pod)) return await stop(pod);
    if (isStaged(pod)) return undefined;
    if (isFinished(pod)) {
      forget(key);
      return undefined;
    }
    const now = world.now();
    const env = environment(pod, nodeKey);
    let run = runs.get(uidOf(pod));
    const events: RunEvent[] = [];
    if (run === undefined) {
      run = pod.status?.startTime === undefined ? newRun(pod, now, env) : recoverRun(pod, now, env);
      runs.set(uidOf(pod), run);
      uids.set(key, uidOf(pod));
    } else events.push(...adopt(run, pod, now, env));

    if (run.ip === null && run.sandboxDue <= now && !(await mounted(pod, nodeKey))) {
      await write(pod, run, node);
      return RETRY_MOUNT_MS;
    }
    events.push(...advance(run, pod, now, env));
    for (const event of events) tell(pod, nodeKey, event);
    await write(pod, run, node);
    const due = nextDue(run, now);
    return Number.isFinite(due) ? Math.max(1, due - world.now()) : undefined;
  }

  function environment(pod: KubeObject, node: string): RunEnvironment {
    const present = images.get(node) ?? new Set<string>();
    images.set(node, present);
    return {
      pace: world.pace,
      random: world.random,
      images: present,
      wish: wishOf(caches, pod),
      allocateAddress: () => addresses.allocate(pod, node),
    };
  }

  async function write(pod: KubeObject, run: PodRun, node: { ip: string }): Promise<void> {
    const status = podStatus(pod, run, node, world.now());
    if (!sameValue(status, pod.status)) await updateStatus(client, PODS, caches.pods, pod, status);
  }

  async function mounted(pod: KubeObject, node: string): Promise<boolean> {
    const missing = await missingReference(client, pod);
    if (missing === null) return true;
    world.events.record(pod, { component: 'kubelet', host: node, type: 'Warning', ...missing });
    return false;
  }

  function tell(pod: KubeObject, node: string, event: RunEvent): void {
    const list = {
      main: 'containers',
      ephemeral: 'ephemeralContainers',
      init: 'initContainers',
      sidecar: 'initContainers',
    }[event.role];
    world.events.record(pod, {
      component: 'kubelet',
      host: node,
      type: event.type,
      reason: event.reason,
      message: event.message,
      fieldPath: `spec.${list}{${event.container}}`,
    });
  }

  /** A grace of zero and nothing left to run: the API server lets the object go. */
  async function stop(pod: KubeObject): Promise<number | undefined> {
    const uid = uidOf(pod);
    uids.set(objectKey(pod), uid);
    const now = world.now();
    let due = stopping.get(uid);
    if (due === undefined) {
      const grace = (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000;
      const running = (pod.status?.containerStatuses ?? []).filter(
        (status: { state?: { running?: unknown } }) => status.state?.running !== undefined,
      );
      for (const status of running) {
        tell(pod, pod.spec?.nodeName ?? '', {
          type: 'Normal',
          reason: 'Killing',
          message: `Stopping container ${status.name}`,
          container: status.name,
          role: 'main',
        });
      }
      const takes = running.length === 0 ? 0 : world.random.between(400, 1500) * world.pace;
      due = now + Math.min(grace, takes);
      stopping.set(uid, due);
    }
    if (due === Number.POSITIVE_INFINITY) return undefined;
    if (due > now) return due - now;
    try {
      await client.delete(PODS, nameOf(pod), {
        namespace: namespaceOf(pod),
        gracePeriodSeconds: 0,
        preconditions: { uid },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    // Finalizers may keep the object; there is nothing left to stop.
    stopping.set(uid, Number.POSITIVE_INFINITY);
    return undefined;
  }

  world.signals.terminate = (pod, name, exitCode) => {
    const container = runs.get(uidOf(pod))?.containers.find((one) => one.spec.name === name);
    if (container?.step !== 'running') return;
    endProcess(container, world.now(), exitCode);
    controller.enqueue(objectKey(pod));
  };
  const controller = runController(world, {
    name: 'kubelet',
    concurrency: 16,
    reconcile,
    watch: [
      {
        cache: caches.pods,
        on: (pod, previous, deleted) => {
          if (deleted) return objectKey(pod);
          if (!pod.spec?.nodeName) return undefined;
          return onlyStatusChanged(pod, previous) ? undefined : objectKey(pod);
        },
      },
      {
        cache: caches.nodes,
        on: (node, previous) =>
          previous !== undefined && isDown(previous) && !isDown(node) ? podsOn(nameOf(node)) : undefined,
      },
      ...wishWatches(caches),
    ],
  });
  return controller;

  function podsOn(node: string): string[] {
    return podsOnNode(caches, node).map(objectKey);
  }
}

/** Echo of the kubelet's own writes: nothing to do. */
function onlyStatusChanged(pod: KubeObject, previous: KubeObject | undefined): boolean {
  return (
    previous !== undefined &&
    previous.spec?.nodeName === pod.spec?.nodeName &&
    pod.metadata.generation === previous.metadata.generation &&
    pod.metadata.deletionTimestamp === previous.metadata.deletionTimestamp &&
    pod.metadata.deletionGracePeriodSeconds === previous.metadata.deletionGracePeriodSeconds &&
    sameValue(pod.metadata.annotations, previous.metadata.annotations) &&
    sameValue(pod.spec, previous.spec)
  );
}
