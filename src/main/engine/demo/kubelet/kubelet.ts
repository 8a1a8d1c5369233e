/**
 * The kubelets of all nodes of one simulated cluster: pods that have a node are run (run.ts), their status is written
 * (status.ts), pods that are to go are stopped within their grace period and then removed.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import type { NodeProfile } from '../profiles/profile.ts';
import { environmentOf } from '../runtime/environment.ts';
import { pause } from '../runtime/logs.ts';
import { unattached } from '../sim/attachments.ts';
import { runController } from '../sim/controller.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { findCondition, isDeleting, nameOf, namespaceOf, sameValue, timeText, uidOf } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { PODS } from '../sim/refs.ts';
import { type Controller, type LiveScript, updateStatus, type World } from '../sim/world.ts';
import { createAddresses } from './addresses.ts';
import { rejection } from './admission.ts';
import { mountBackOffMs, SLOWEST_PACE } from './back-off.ts';
import { behavioursOf, behaviourWish } from './behaviour.ts';
import { PodStop } from './pod-stop.ts';
import { answerKey, openProbes, type ProbeAnswer, probeOf, touch } from './probing.ts';
import { recoverRun } from './recover.ts';
import { brokenSettings, missingPullSecrets, missingReference } from './references.ts';
import { resizeRefusal } from './resize.ts';
import { adopt, advance, endAll, endProcess, endStopped, leftSidecars, newRun, nextDue } from './run.ts';
import type { ContainerRun, PodRun, RunEnvironment, RunEvent, Terminated } from './run-state.ts';
import { initialized, observed, podStatus } from './status.ts';
import { stopContainers } from './stopping.ts';
import { forbiddenSysctl } from './sysctls.ts';
import { overLimit, sandboxTrouble } from './troubles.ts';
import { wishOf, wishWatches } from './wishes.ts';

/** Set on a node, `down` makes its kubelet fall silent: see controllers/node-health.ts. */
export function isDown(node: KubeObject | undefined): boolean {
  return behavioursOf(node).includes('down');
}

/** Exit code of what has been killed. */
const SIGKILLED = 137;
/** A script that does not wait for anything. */
const ENDS_AFTER_S = 0.5;
const RETRY_NODE_MS = 2000;
/** A resize that waits for room is tried again. */
const RESIZE_AGAIN_MS = 5000;
/** A sync that failed is repeated so much later. */
const SANDBOX_AGAIN_MS = 12_000;

export function runKubelets(world: World): Controller {
  const { caches } = world;
  const client = world.clients.kubelet;
  const runs = new Map<string, PodRun>();
  /** Keys of the runs, so that a pod that vanished takes its run along. */
  const uids = new Map<string, string>();
  /** Pods that are to go, and sidecars of those whose main containers have ended. */
  const stops = new Map<string, PodStop>();
  const leaving = new Map<string, PodStop>();
  /** Pods that have been active for longer than they may. */
  const expiring = new Map<string, PodStop>();
  /** Pods whose containers are ended and that the API server has been told of. */
  const gone = new Set<string>();
  /** Hooks at the start that are under way. */
  const hooks = new Map<string, AbortController>();
  const images = new Map<string, Set<string>>();
  /** Ends whose last words have been asked for. */
  const heard = new WeakSet<Terminated>();
  const addresses = createAddresses(world);

  function forget(key: string): void {
    const uid = uids.get(key);
    if (uid === undefined) return;
    uids.delete(key);
    runs.delete(uid);
    gone.delete(uid);
    for (const one of [stops, leaving, expiring]) {
      one.get(uid)?.cancel();
      one.delete(uid);
    }
    hooks.get(uid)?.abort();
    hooks.delete(uid);
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
    if (isDeleting(pod)) {
      await stop(pod, node);
      return undefined;
    }
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
    if (run.containers.some(({ step }) => step !== 'running' && step !== 'finished')) await settings(live, run, env);
    if (run.ip !== null) await foresee(live, run, env.wish ?? '');
    events.push(...advance(run, pod, now, env));
    await begin(live, run, env.wish ?? '');
    startHooks(live, run);
    // A probe's answer may end a container, and one that starts is probed in its turn.
    while (await probed(pod, run, now, env)) events.push(...advance(run, pod, now, env));
    const unlocked = events.some(({ reason }) => reason === 'Pulling') ? await missingPullSecrets(client, pod) : null;
    if (unlocked !== null)
      world.events.record(pod, { component: 'kubelet', host: nodeKey, type: 'Warning', ...unlocked });
    stopSidecars(live, run);
    await hear(pod, run, node);
    for (const event of events) tell(pod, nodeKey, event);
    const grown = overLimit(pod, run, env.wish ?? '', world.now(), world.pace);
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
    return seconds === undefined ? Number.POSITIVE_INFINITY : run.startedAt + graceMs(seconds) - now;
  }

  /** Its containers are ended, and then it has failed. */
  async function expire(pod: KubeObject, run: PodRun, node: NodeProfile): Promise<undefined> {
    const why = {
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    };
    const ending = kept(expiring, run.uid, () => {
      world.events.record(pod, { component: 'kubelet', host: pod.spec?.nodeName ?? '', type: 'Normal', ...why });
      return stopping(pod, run.containers.filter(isAlive), pod.spec?.terminationGracePeriodSeconds ?? 30);
    });
    if (!ending.done) return;
    endAll(run, world.now(), SIGKILLED);
    await hear(pod, run, node);
    const status = podStatus(pod, run, { ip: node.ip, minor: minorOfNode(node) }, world.now(), 'Failed');
    await updateStatus(client, PODS, caches.pods, pod, { ...status, ...why });
  }

  /** What containers need that are not made yet; one that waited for what is there now is tried at once. */
  async function settings(pod: KubeObject, run: PodRun, env: RunEnvironment): Promise<void> {
    const services = caches.services.list();
    const node = caches.nodes.get(pod.spec?.nodeName ?? '');
    const broken = await brokenSettings(client, pod, (container) =>
      environmentOf(client, pod, container, services, '/', node),
    );
    env.broken = broken;
    for (const container of run.containers)
      if (container.waiting?.reason === 'CreateContainerConfigError' && !broken.has(container.spec.name))
        container.due = world.now();
  }

  /** How scripts will end that are about to be run once; a behaviour that was asked for goes before. */
  async function foresee(pod: KubeObject, run: PodRun, wish: string): Promise<void> {
    if (wish !== '') return;
    const ready = initialized(run);
    for (const container of run.containers) {
      // What has to wait for others may find what they write.
      const waits = container.role !== 'init' && !ready;
      if (waits || ['running', 'finished', 'exited'].includes(container.step)) continue;
      if (world.signals.lives(pod, container.spec)) {
        container.behaviour = {
          ...container.behaviour,
          runsFor: Number.POSITIVE_INFINITY,
          exitCode: 0,
          reason: 'Completed',
        };
        continue;
      }
      const attempt = container.restarts + (container.step === 'backOff' ? 1 : 0);
      const exitCode = await world.signals.outcome(pod, container.spec.name, attempt).catch(() => null);
      if (exitCode === null) continue;
      const runsFor = Math.min(container.behaviour.runsFor, ENDS_AFTER_S);
      container.behaviour = {
        ...container.behaviour,
        runsFor,
        exitCode,
        reason: exitCode === 0 ? 'Completed' : 'Error',
      };
    }
  }

  /** What runs is told of, so that its script is run with it; a behaviour that was asked for goes before. */
  async function begin(pod: KubeObject, run: PodRun, wish: string): Promise<void> {
    if (wish !== '') return;
    for (const { step, spec, containerId } of run.containers)
      if (step === 'running' || step === 'hooked') await world.signals.begin(pod, { spec, containerId });
  }

  /** What containers that have ended since have said at last. */
  async function hear(pod: KubeObject, run: PodRun, node: NodeProfile): Promise<void> {
    for (const { last, terminated, spec } of run.containers)
      for (const ended of [last, terminated]) {
        if (ended === null || heard.has(ended)) continue;
        heard.add(ended);
        if (ended.message !== undefined) continue;
        const told = { ...pod, status: podStatus(pod, run, { ip: node.ip, minor: minorOfNode(node) }, world.now()) };
        const words = await world.signals.lastWords(told, { spec, containerId: ended.containerId }, ended.exitCode);
        if (words !== '') ended.message = words;
      }
  }

  /** Asks the probes that are due; false: there were none. */
  async function probed(pod: KubeObject, run: PodRun, now: number, env: RunEnvironment): Promise<boolean> {
    const answers = new Map<string, ProbeAnswer>();
    for (const container of run.containers)
      for (const kind of openProbes(container, now)) {
        const { spec, containerId } = container;
        const request = { spec, containerId, probe: probeOf(spec, kind), ip: run.ip ?? '' };
        const answer = await world.signals.probe(pod, request).catch(() => null);
        answers.set(answerKey(spec.name, kind), answer ?? { failure: null });
      }
    env.answers = answers;
    return answers.size > 0;
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
    const missing = await missingReference(client, pod);
    const trouble = missing ?? sandboxTrouble(pod, caches.nodes.get(host), wish, addresses.exhausted(pod, host));
    if (trouble === null) return null;
    world.events.record(pod, { component: 'kubelet', host, type: 'Warning', ...trouble });
    if (missing === null) return SANDBOX_AGAIN_MS * pace;
    run.mountTries += 1;
    run.mountDue = now + mountBackOffMs(run.mountTries) * pace;
    return run.mountDue - now;
  }

  /** What a pod writes beside its volumes is bounded by its limits (`fills-disk`). */
  async function evict(pod: KubeObject, host: string, message: string): Promise<void> {
    await fail(pod, 'Evicted', message);
    world.events.record(pod, { component: 'kubelet', host, type: 'Warning', reason: 'Evicted', message });
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
      ...(event.container === '' ? {} : { fieldPath: `spec.${list}{${event.container}}` }),
    });
  }

  /** Ends containers within a time, and comes back to the pod when they have ended. */
  function stopping(pod: KubeObject, running: ContainerRun[], graceSeconds: number): PodStop {
    const host = pod.spec?.nodeName ?? '';
    const work = (over: AbortSignal) =>
      stopContainers(
        running,
        {
          tell: ({ spec, role }, type, reason, message) =>
            tell(pod, host, { type, reason, message, container: spec.name, role }),
          hook: ({ spec, containerId }, hook, signal) => hooked(pod, { spec, containerId }, hook, signal),
          endingMs: (seconds) => (world.random.between(400, 1500) + seconds * 1000) * world.pace,
          pause,
          ended: (container, exitCode) => {
            const now = world.now();
            // Its program may have come to its own end before.
            endStopped(container, now, container.exitAt <= now ? container.behaviour.exitCode : exitCode);
          },
        },
        over,
      );
    return new PodStop(work, graceMs(graceSeconds), () => controller.enqueue(objectKey(pod)));
  }

  function graceMs(seconds: number): number {
    return seconds * 1000 * Math.max(world.pace, SLOWEST_PACE);
  }

  /** A hook that cannot be run at all has failed. */
  async function hooked(pod: KubeObject, live: LiveScript, hook: Json, signal: AbortSignal): Promise<boolean> {
    try {
      return await world.signals.hook(pod, live, hook, signal);
    } catch (error) {
      if (!signal.aborted) world.report(error, `hook of container ${live.spec.name}`);
      return false;
    }
  }

  /** Runs the hooks of containers that have just been made; they count as running when that is done. */
  function startHooks(pod: KubeObject, run: PodRun): void {
    for (const container of run.containers) {
      if (container.step !== 'hooked' || container.startHook !== null) continue;
      container.startHook = 'running';
      const { spec, containerId } = container;
      const gone = kept(hooks, run.uid, () => new AbortController());
      void hooked(pod, { spec, containerId }, spec.lifecycle.postStart, gone.signal).then((good) => {
        container.startHook = good ? 'done' : 'failed';
        controller.enqueue(objectKey(pod));
      });
    }
  }

  /** The last main container has ended for good: its sidecars follow. */
  function stopSidecars(pod: KubeObject, run: PodRun): void {
    if (leaving.has(run.uid)) return;
    const left = leftSidecars(run);
    for (const container of left)
      if (!isAlive(container)) endStopped(container, world.now(), container.terminated?.exitCode ?? SIGKILLED);
    const running = left.filter(isAlive);
    if (running.length > 0) leaving.set(run.uid, stopping(pod, running, pod.spec?.terminationGracePeriodSeconds ?? 30));
  }

  /** A grace of zero and nothing left to run: the API server lets the object go. */
  async function stop(pod: KubeObject, node: NodeProfile): Promise<void> {
    const uid = uidOf(pod);
    uids.set(objectKey(pod), uid);
    let run = runs.get(uid);
    if (run === undefined && !isFinished(pod) && pod.status?.startTime !== undefined) {
      run = recoverRun(pod, world.now(), environment(pod, pod.spec?.nodeName ?? ''));
      runs.set(uid, run);
    }
    const grace: number = pod.metadata.deletionGracePeriodSeconds ?? 30;
    const found = kept(stops, uid, () => stopping(pod, (run?.containers ?? []).filter(isAlive), grace));
    found.within(graceMs(grace));
    if (!found.done || gone.has(uid)) return;
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
  }

  world.signals.terminate = (pod, name, exitCode) => {
    const container = runs.get(uidOf(pod))?.containers.find((one) => one.spec.name === name);
    if (container === undefined || !isAlive(container)) return;
    endProcess(container, world.now(), exitCode);
    controller.enqueue(objectKey(pod));
  };
  world.signals.touched = (pod, name) => {
    const container = runs.get(uidOf(pod))?.containers.find((one) => one.spec.name === name);
    if (container?.step !== 'running') return;
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

/** Its program runs, whether or not it counts as running yet. */
function isAlive({ step }: ContainerRun): boolean {
  return step === 'running' || step === 'hooked';
}

function kept<T>(map: Map<string, T>, key: string, make: () => T): T {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
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
