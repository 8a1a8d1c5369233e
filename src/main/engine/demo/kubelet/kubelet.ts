/**
 * The kubelets of all nodes of one simulated cluster: pods that have a node are run (run.ts), their programs asked
 * (inquiries.ts), their status is written (status.ts), pods that are to go are stopped (endings.ts) and then removed.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import type { NodeProfile } from '../profiles/profile.ts';
import { unattached } from '../sim/attachments.ts';
import { runController } from '../sim/controller.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { findCondition, isDeleting, nameOf, namespaceOf, sameValue, timeText, uidOf } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { PODS } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { createAddresses } from './addresses.ts';
import { rejection } from './admission.ts';
import { mountBackOffMs, SLOWEST_PACE } from './back-off.ts';
import { behavioursOf, behaviourWish } from './behaviour.ts';
import { Endings, isAlive, SIGKILLED } from './endings.ts';
import { Inquiries } from './inquiries.ts';
import { isStorageLimited, storageExcess } from './local-storage.ts';
import { touch } from './probing.ts';
import { recoverRun } from './recover.ts';
import { type MissingReference, missingPullSecrets, missingReference } from './references.ts';
import { resizeRefusal } from './resize.ts';
import { adopt, advance, advanceLeaving, endAll, endProcess, newRun, nextDue, nextLeaving } from './run.ts';
import type { PodRun, RunEnvironment, RunEvent } from './run-state.ts';
import { observed, podStatus } from './status.ts';
import { forbiddenSysctl } from './sysctls.ts';
import { overLimit, sandboxTrouble } from './troubles.ts';
import { wishOf, wishWatches } from './wishes.ts';

/** Set on a node, `down` makes its kubelet fall silent: see controllers/node-health.ts. */
export function isDown(node: KubeObject | undefined): boolean {
  return behavioursOf(node).includes('down');
}

const RETRY_NODE_MS = 2000;
/** A resize that waits for room is tried again. */
const RESIZE_AGAIN_MS = 5000;
/** How often a kubelet looks at what pods have written. */
const LOOK_AT_DISK_MS = 10_000;
/** A sync that failed is repeated so much later. */
const SANDBOX_AGAIN_MS = 12_000;

export function runKubelets(world: World): Controller {
  const { caches } = world;
  const client = world.clients.kubelet;
  const runs = new Map<string, PodRun>();
  /** Keys of the runs, so that a pod that vanished takes its run along. */
  const uids = new Map<string, string>();
  /** Pods whose containers are ended and that the API server has been told of. */
  const gone = new Set<string>();
  const images = new Map<string, Set<string>>();
  const addresses = createAddresses(world);
  const inquiries = new Inquiries(world);
  const endings = new Endings(world, tell, (key) => controller.enqueue(key));

  function forget(key: string): void {
    const uid = uids.get(key);
    if (uid === undefined) return;
    uids.delete(key);
    runs.delete(uid);
    gone.delete(uid);
    endings.forget(uid);
  }

  async function reconcile(key: string): Promise<number | undefined> {
    const pod = caches.pods.get(key);
    const known = uids.get(key);
    if (known !== undefined && known !== pod?.metadata.uid) forget(key);
    if (pod === undefined) return undefined;
    const nodeKey: string = pod.spec?.nodeName ?? '';
    const node = world.machines.get(nodeKey);
    const behaviours = behavioursOf(caches.nodes.get(nodeKey));
    if (node === undefined || behaviours.includes('down') || behaviours.includes('ignores-pods')) return undefined;
    // The machine is there, its kubelet has not registered it yet.
    if (!caches.nodes.get(nodeKey)?.status?.nodeInfo?.kubeletVersion) return RETRY_NODE_MS * world.pace;
    if (isDeleting(pod)) return await stop(pod, node);
    if (isFinished(pod)) {
      forget(key);
      return undefined;
    }
    const now = world.now();
    const env = environment(pod, nodeKey);
    let run = runs.get(uidOf(pod));
    const events: RunEvent[] = [];
    if (run === undefined) {
      if (await refused(pod, nodeKey)) return undefined;
      run = pod.status?.startTime === undefined ? newRun(pod, now, env) : recoverRun(pod, now, env);
      runs.set(uidOf(pod), run);
      uids.set(key, uidOf(pod));
    } else events.push(...adopt(run, pod, now, env));

    const left = deadlineMs(pod, run, now);
    if (left <= 0) return await expire(pod, run, node);
    const starting = run.ip === null && run.sandboxDue <= now;
    const held = starting ? await heldUp(pod, nodeKey, run, env.wish ?? '') : null;
    if (held !== null) {
      await write(pod, run, node);
      return held;
    }
    if (starting) {
      run.ip = env.allocateAddress();
      run.sandboxDue = Number.POSITIVE_INFINITY;
    }
    // A script may ask for the addresses, which the status has not been told of yet.
    const addressed = {
      ...pod.status,
      hostIP: node.ip,
      ...(run.ip === null ? {} : { podIP: run.ip, podIPs: [{ ip: run.ip }] }),
    };
    const live = { ...pod, status: addressed };
    if (run.containers.some(({ step }) => step !== 'running' && step !== 'finished'))
      await inquiries.settings(live, run, env);
    // A behaviour that was asked for goes before what a script would do.
    const asked = (env.wish ?? '') !== '';
    if (run.ip !== null && !asked) await inquiries.foresee(live, run);
    events.push(...advance(run, pod, now, env));
    if (!asked) await inquiries.begin(live, run);
    endings.startHooks(live, run);
    // A probe's answer may end a container, and one that starts is probed in its turn.
    while (await inquiries.probed(pod, run, now, env)) events.push(...advance(run, pod, now, env));
    const unlocked = events.some(({ reason }) => reason === 'Pulling') ? await missingPullSecrets(client, pod) : null;
    if (unlocked !== null)
      world.events.record(pod, { component: 'kubelet', host: nodeKey, type: 'Warning', ...unlocked });
    endings.stopSingle(live, run);
    endings.stopSidecars(live, run);
    await hear(pod, run, node);
    for (const event of events) tell(pod, event);
    const grown = overLimit(pod, run, env.wish ?? '', world.now(), world.pace) ?? (await excess(live));
    if (typeof grown === 'string') {
      await evict(pod, nodeKey, grown);
      return undefined;
    }
    await write(pod, run, node);
    const again =
      run.resize === null ? Number.POSITIVE_INFINITY : now + RESIZE_AGAIN_MS * Math.max(world.pace, SLOWEST_PACE);
    const due = Math.min(again, nextDue(run, now), now + left, grown === null ? Number.POSITIVE_INFINITY : now + grown);
    return Number.isFinite(due) ? Math.max(1, due - world.now()) : undefined;
  }

  /** How long the pod may still be active. */
  function deadlineMs(pod: KubeObject, run: PodRun, now: number): number {
    const seconds: number | undefined = pod.spec?.activeDeadlineSeconds;
    return seconds === undefined ? Number.POSITIVE_INFINITY : run.startedAt + endings.graceMs(seconds) - now;
  }

  /** Its containers are ended, and then it has failed. */
  async function expire(pod: KubeObject, run: PodRun, node: NodeProfile): Promise<undefined> {
    const why = {
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    };
    const first = () =>
      world.events.record(pod, { component: 'kubelet', host: pod.spec?.nodeName ?? '', type: 'Normal', ...why });
    if (!endings.expired(pod, run, first)) return;
    endAll(run, world.now(), SIGKILLED);
    await hear(pod, run, node);
    const status = podStatus(pod, run, { ip: node.ip, minor: minorOfNode(node) }, world.now(), 'Failed');
    await updateStatus(client, PODS, caches.pods, pod, { ...status, ...why });
  }

  function environment(pod: KubeObject, node: string): RunEnvironment {
    const present = images.get(node) ?? new Set<string>();
    images.set(node, present);
    return {
      pace: world.pace,
      minor: minorOfNode(world.machines.get(node)),
      random: world.random,
      images: present,
      wish: wishOf(caches, pod),
      answers: new Map(),
      allocateAddress: () => addresses.allocate(pod, node),
      refusesResize: () => {
        const found = caches.nodes.get(node);
        return found === undefined
          ? null
          : resizeRefusal(pod, found, takenBeside(pod, node), minorOfNode(world.machines.get(node)));
      },
    };
  }

  function minorOfNode(node: NodeProfile | undefined): number {
    return minorOf(node?.kubelet ?? world.profile.version);
  }

  async function hear(pod: KubeObject, run: PodRun, node: NodeProfile): Promise<void> {
    const minor = minorOfNode(node);
    await inquiries.hear(run, () => ({ ...pod, status: podStatus(pod, run, { ip: node.ip, minor }, world.now()) }));
  }

  async function write(pod: KubeObject, run: PodRun, node: NodeProfile): Promise<void> {
    const status = podStatus(pod, run, { ip: node.ip, minor: minorOfNode(node) }, world.now());
    if (!sameValue(status, pod.status)) await updateStatus(client, PODS, caches.pods, pod, status);
  }

  /** What else the node has taken and what has not ended. */
  function takenBeside(pod: KubeObject, node: string): KubeObject[] {
    return podsOnNode(caches, node).filter(
      (other) => other.status?.startTime !== undefined && !isFinished(other) && uidOf(other) !== uidOf(pod),
    );
  }

  /** A pod that kubelet does not take is over before it began. */
  async function refused(pod: KubeObject, name: string): Promise<boolean> {
    const node = caches.nodes.get(name);
    if (node === undefined || pod.status?.startTime !== undefined) return false;
    const sysctl = forbiddenSysctl(pod);
    const found =
      sysctl === null ? rejection(pod, node, takenBeside(pod, name)) : { reason: 'SysctlForbidden', message: sysctl };
    if (found === null) return false;
    world.events.record(pod, { component: 'kubelet', host: name, type: 'Warning', ...found });
    await fail(pod, found.reason, `Pod was rejected: ${found.message}`);
    return true;
  }

  async function fail(pod: KubeObject, reason: string, message: string): Promise<void> {
    const startTime = pod.status?.startTime ?? timeText(world.now());
    const { containerStatuses: _containers, ...status } = pod.status ?? {};
    await updateStatus(client, PODS, caches.pods, pod, {
      ...status,
      ...observed(pod, minorOfNode(world.machines.get(pod.spec?.nodeName ?? ''))),
      phase: 'Failed',
      reason,
      message,
      startTime,
    });
    forget(objectKey(pod));
  }

  /** Milliseconds until its volumes and its sandbox are tried again, and null when they are there. What is wrong is told each time. */
  async function heldUp(pod: KubeObject, host: string, run: PodRun, wish: string): Promise<number | null> {
    const pace = Math.max(world.pace, SLOWEST_PACE);
    // Attaching has its own events, from its own controller.
    if (unattached(caches, pod, host).length > 0) return RETRY_NODE_MS;
    const now = world.now();
    if (run.mountDue > now) return run.mountDue - now;
    const missing = (await missingReference(client, pod)) ?? (await unmountable(pod));
    const trouble = missing ?? sandboxTrouble(pod, caches.nodes.get(host), wish, addresses.exhausted(pod, host));
    if (trouble === null) return null;
    world.events.record(pod, { component: 'kubelet', host, type: 'Warning', ...trouble });
    if (missing === null) return SANDBOX_AGAIN_MS * pace;
    run.mountTries += 1;
    run.mountDue = now + mountBackOffMs(run.mountTries) * pace;
    return run.mountDue - now;
  }

  async function unmountable(pod: KubeObject): Promise<MissingReference | null> {
    const message = await world.signals.mountTrouble(pod);
    return message === null ? null : { reason: 'FailedMount', message };
  }

  /** Why the pod has to go for what it wrote, or the milliseconds until that is looked at again; null where nothing bounds it. */
  async function excess(pod: KubeObject): Promise<string | number | null> {
    if (!isStorageLimited(pod)) return null;
    const use = await world.signals.storage(pod);
    return (use === null ? null : storageExcess(pod, use)) ?? LOOK_AT_DISK_MS * Math.max(world.pace, SLOWEST_PACE);
  }

  /** What a pod writes beside its volumes is bounded by its limits (`fills-disk`). */
  async function evict(pod: KubeObject, host: string, message: string): Promise<void> {
    await fail(pod, 'Evicted', message);
    world.events.record(pod, { component: 'kubelet', host, type: 'Warning', reason: 'Evicted', message });
  }

  function tell(pod: KubeObject, event: RunEvent): void {
    const list = {
      main: 'containers',
      ephemeral: 'ephemeralContainers',
      init: 'initContainers',
      sidecar: 'initContainers',
    }[event.role];
    world.events.record(pod, {
      component: 'kubelet',
      host: pod.spec?.nodeName ?? '',
      type: event.type,
      reason: event.reason,
      message: event.message,
      ...(event.container === '' ? {} : { fieldPath: `spec.${list}{${event.container}}` }),
    });
  }

  /** A grace of zero and nothing left to run: the API server lets the object go. */
  async function stop(pod: KubeObject, node: NodeProfile): Promise<number | undefined> {
    const uid = uidOf(pod);
    uids.set(objectKey(pod), uid);
    let run = runs.get(uid);
    if (run === undefined && !isFinished(pod) && pod.status?.startTime !== undefined) {
      run = recoverRun(pod, world.now(), environment(pod, pod.spec?.nodeName ?? ''));
      runs.set(uid, run);
    }
    const grace: number = pod.metadata.deletionGracePeriodSeconds ?? 30;
    if (!endings.stopped(pod, uid, run, grace)) return run === undefined ? undefined : await leaving(pod, run, node);
    if (gone.has(uid)) return undefined;
    // Who holds on to the pod, or looks at it, sees how it ended.
    if (run !== undefined && !isFinished(pod)) {
      endAll(run, world.now(), SIGKILLED);
      await hear(pod, run, node);
      await write(pod, run, node);
    }
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
    gone.add(uid);
    return undefined;
  }

  /** Until its containers have ended a pod may become ready or not. Milliseconds until it is to be asked again. */
  async function leaving(pod: KubeObject, run: PodRun, node: NodeProfile): Promise<number | undefined> {
    const now = world.now();
    const env = environment(pod, pod.spec?.nodeName ?? '');
    const events = advanceLeaving(run, now, env);
    const asked = await inquiries.probed(pod, run, now, env);
    if (asked) events.push(...advanceLeaving(run, now, env));
    for (const event of events) tell(pod, event);
    if (asked && !endings.stopped(pod, run.uid, run, Number.POSITIVE_INFINITY)) await write(pod, run, node);
    const due = nextLeaving(run);
    return Number.isFinite(due) ? Math.max(1, due - world.now()) : undefined;
  }

  world.signals.terminate = (pod, name, exitCode) => {
    const container = runs.get(uidOf(pod))?.containers.find((one) => one.spec.name === name);
    if (container === undefined || !isAlive(container)) return;
    endProcess(container, world.now(), exitCode);
    controller.enqueue(objectKey(pod));
  };
  world.signals.touched = (pod, name) => {
    const container = runs.get(uidOf(pod))?.containers.find((one) => one.spec.name === name);
    if (container?.step !== 'running' || isDeleting(pod)) return;
    touch(container, world.now(), environment(pod, pod.spec?.nodeName ?? ''));
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
        cache: caches.volumeAttachments,
        on: (attachment) =>
          attachment.status?.attached === true ? podsOn(attachment.spec?.nodeName ?? '') : undefined,
      },
      {
        cache: caches.nodes,
        on: (node, previous) =>
          previous !== undefined && behaviourWish(node) !== behaviourWish(previous) ? podsOn(nameOf(node)) : undefined,
      },
      ...wishWatches(caches),
    ],
  });
  return controller;

  function podsOn(node: string): string[] {
    return podsOnNode(caches, node).map(objectKey);
  }
}

/** Conditions that others set and readiness waits for. */
function gatesOf({ spec, status }: KubeObject): (string | undefined)[] {
  return ((spec?.readinessGates ?? []) as Json[]).map(
    ({ conditionType }) => findCondition(status?.conditions, conditionType)?.status,
  );
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
    sameValue(gatesOf(pod), gatesOf(previous)) &&
    sameValue(pod.spec, previous.spec)
  );
}
