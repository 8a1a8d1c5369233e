/**
 * The simulated container runtime: what every container of one pod is doing and when that changes. `advance` moves it
 * to a point in time and tells which events that caused; status.ts shows it as a PodStatus. No I/O, time is given.
 */
import { createHash } from 'node:crypto';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import { HEX } from '../sim/random.ts';
import { backOffSeconds, durationText, SLOWEST_PACE } from './back-off.ts';
import { type Behaviour, behaviourOf, behaviourWish } from './behaviour.ts';
import { hasStartHook } from './hooks.ts';
import { parseImage } from './images.ts';
import { leave, nextProbe, planProbes, probeOf, takeAnswers } from './probing.ts';
import { begin, CREATE_AGAIN_MS, delay, pullStep, type Tell } from './pulling.ts';
import { pendingResize, RESIZES_SINCE, resizeEvents, resizing, TELLS_SINCE } from './resize.ts';
import { ruleFor, startOver, startsOver } from './restart-all.ts';
import {
  type ContainerRun,
  containersOf,
  type Ending,
  endReason,
  graceOf,
  imageVolumesOf,
  NEVER,
  newContainer,
  type PodRun,
  type RunEnvironment,
  type RunEvent,
} from './run-state.ts';

/** A container that ran for so long starts over with its back-off. */
const BACK_OFF_RESET_MS = 10 * 60 * 1000;

export function newRun(pod: KubeObject, now: number, env: RunEnvironment): PodRun {
  return {
    uid: uidOf(pod),
    startedAt: now,
    sandboxDue: now + delay(env, 250, 700),
    mountTries: 0,
    mountDue: 0,
    ip: null,
    resize: null,
    leaving: false,
    containers: containersOf(pod, env.wish ?? behaviourWish(pod)),
    images: imageVolumesOf(pod, env.wish ?? behaviourWish(pod)),
    wish: env.wish ?? behaviourWish(pod),
  };
}

/** A running pod was edited: another image restarts its container, other resources and another behaviour take effect at once. */
export function adopt(run: PodRun, pod: KubeObject, now: number, env: RunEnvironment): RunEvent[] {
  const events: RunEvent[] = [];
  const specs: Json[] = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const wish = env.wish ?? behaviourWish(pod);
  for (const spec of pod.spec?.ephemeralContainers ?? []) {
    const known = run.containers.some((container) => container.spec.name === spec.name);
    if (!known) run.containers.push(newContainer(pod, spec, 'ephemeral', wish));
  }
  const wanted = (container: ContainerRun): Json | undefined =>
    container.role === 'init' ? undefined : specs.find((candidate) => candidate.name === container.spec.name);
  const asked =
    env.minor >= RESIZES_SINCE &&
    run.containers.some((container) => resizing(container.spec, wanted(container) ?? container.spec) !== 'none');
  const waits = waitsForRoom(run, pod, asked, now, env, events);
  let resized = false;
  for (const container of run.containers) {
    const found = wanted(container);
    if (found === undefined) continue;
    const spec = waits ? { ...found, resources: container.spec.resources } : found;
    const size = env.minor < RESIZES_SINCE ? 'none' : resizing(container.spec, spec);
    resized ||= size !== 'none';
    if (size === 'live') container.spec = { ...container.spec, resources: spec.resources };
    const changed = spec.image !== container.spec.image || size === 'restart';
    if (!changed && wish === run.wish) continue;
    const message =
      size === 'restart'
        ? `Container ${spec.name} resize requires restart`
        : `Container ${spec.name} definition changed, will be restarted`;
    container.spec = spec;
    if (container.role === 'main') container.behaviour = behaviourOf(pod, spec, wish);
    if (!changed) {
      if (container.step === 'running') plan(container, env, now);
      // What made it wait is over, as far as anybody knows: no reason to wait for the rest of five minutes.
      else if (container.step === 'backOff' || container.step === 'pullBackOff') {
        container.due = now;
        container.crashes = 0;
        container.pulls = 0;
      }
      continue;
    }
    if (container.step === 'running') {
      events.push({ type: 'Normal', reason: 'Killing', message, container: spec.name, role: container.role });
      container.ending = askedToEnd(graceOf(pod), true);
    } else change(container);
  }
  run.wish = wish;
  if (resized)
    for (const event of resizeEvents(pod, env.minor))
      events.push({ type: 'Normal', ...event, container: '', role: 'main' });
  return events;
}

function askedToEnd(graceSeconds: number, anew: boolean): Ending {
  return { graceSeconds, anew, begun: false, exitCode: null };
}

/** From the beginning, with what is wanted now. */
function change(container: ContainerRun): void {
  container.image = parseImage(container.spec.image ?? '')?.full ?? container.spec.image ?? '';
  container.ending = null;
  container.pulls = 0;
  container.step = 'idle';
  container.terminated = null;
  container.waiting = { reason: 'ContainerCreating' };
}

/** Whether a resize has to wait, which is told once for each wish. */
function waitsForRoom(
  run: PodRun,
  pod: KubeObject,
  asked: boolean,
  now: number,
  env: RunEnvironment,
  events: RunEvent[],
): boolean {
  const refusal = asked ? (env.refusesResize?.() ?? null) : null;
  if (refusal === null) {
    run.resize = null;
    return false;
  }
  const { pending, event } = pendingResize(pod, refusal, run.resize, now);
  run.resize = pending;
  if (event !== null && env.minor >= TELLS_SINCE)
    events.push({ type: 'Warning', ...event, container: '', role: 'main' });
  return true;
}

/** Moves the run on to `now`. Returns what happened; `nextDue` says when to come back. */
export function advance(run: PodRun, pod: KubeObject, now: number, env: RunEnvironment): RunEvent[] {
  const events: RunEvent[] = [];
  if (run.ip === null) {
    if (run.sandboxDue > now) return events;
    run.ip = env.allocateAddress();
    run.sandboxDue = NEVER;
  }
  // Each pass may let the next container start; every step moves on or waits, so this ends.
  for (let pass = 0; pass < 50; pass++) {
    let moved = false;
    for (const image of run.images) {
      const tell: Tell = (type, reason, message) =>
        events.push({ type, reason, message, container: '', role: image.role });
      if (pullStep(image, now, env, tell)) moved = true;
    }
    for (const container of run.containers) {
      if (step(run, container, pod, now, env, events)) moved = true;
    }
    if (!moved) break;
  }
  return events;
}

/** The same of a pod that is to go: its containers are ended by others, and only readiness is still asked for. */
export function advanceLeaving(run: PodRun, now: number, env: RunEnvironment): RunEvent[] {
  const events: RunEvent[] = [];
  for (const container of run.containers) {
    if (!run.leaving) leave(container, now, env);
    if (container.step !== 'running') continue;
    takeAnswers(container, run.ip ?? '', now, env, (type, reason, message) =>
      events.push({ type, reason, message, container: container.spec.name, role: container.role }),
    );
  }
  run.leaving = true;
  return events;
}

/** When it has to be looked at again. */
export function nextLeaving({ containers }: PodRun): number {
  return Math.min(NEVER, ...containers.filter(({ step }) => step === 'running').map(nextProbe));
}

/** When something changes next; Infinity when nothing does by itself. */
export function nextDue(run: PodRun, now: number): number {
  if (run.ip === null) return run.sandboxDue;
  let next = NEVER;
  for (const { due } of run.images) next = Math.min(next, due);
  for (const container of run.containers) {
    if (container.step === 'running') {
      next = Math.min(
        next,
        container.exitAt,
        nextProbe(container),
        container.readyAt > now ? container.readyAt : NEVER,
      );
    } else next = Math.min(next, container.due);
  }
  return next;
}

function step(
  run: PodRun,
  container: ContainerRun,
  pod: KubeObject,
  now: number,
  env: RunEnvironment,
  events: RunEvent[],
): boolean {
  const tell = (type: RunEvent['type'], reason: string, message: string) =>
    events.push({ type, reason, message, container: container.spec.name, role: container.role });
  switch (container.step) {
    case 'idle':
      if (!mayStart(run, container)) return false;
      begin(container, now, env, tell);
      return true;
    case 'pulling':
    case 'pullFailed':
    case 'pullBackOff':
      return pullStep(container, now, env, tell);
    case 'backOff':
      if (container.due > now) return false;
      container.restarts += 1;
      begin(container, now, env, tell);
      return true;
    case 'starting':
      if (container.due > now) return false;
      if (cannotConfigure(container, now, env, tell) || cannotCreate(container, now, env, tell)) return true;
      tell('Normal', 'Created', createdText(container.spec.name, env.minor));
      if (cannotStart(container, pod, now, env, tell)) return true;
      tell('Normal', 'Started', env.minor < 36 ? `Started container ${container.spec.name}` : 'Container started');
      container.terminated = null;
      container.startedAt = now;
      container.containerId = containerIdOf(pod, container.spec.name, container.restarts);
      plan(container, env);
      if (hasStartHook(container.spec)) {
        // Whoever runs it comes back; until then the container does not count as running.
        container.step = 'hooked';
        container.due = NEVER;
        container.startHook = null;
        return true;
      }
      container.step = 'running';
      container.waiting = null;
      return true;
    case 'hooked':
      return hooked(container, now, env, tell);
    case 'running':
      return running(container, pod, run.ip ?? '', now, env, tell);
    case 'exited':
      if (container.due > now) return false;
      if (startsOver(container, env.minor)) events.push(...startOver(run));
      else restart(container, pod, now, env, tell);
      return true;
    default:
      return false;
  }
}

/** As the kubelet of that minor version says it. */
function createdText(name: string, minor: number): string {
  if (minor >= 36) return 'Container created';
  return minor < 32 ? `Created container ${name}` : `Created container: ${name}`;
}

/** Until its hook is over the containers after it are not made. */
const BEFORE_HOOK = new Set<ContainerRun['step']>(['idle', 'pulling', 'starting', 'hooked']);

/** Init containers one after the other, a sidecar lets the next one go as soon as it runs, then all others together. */
function mayStart(run: PodRun, container: ContainerRun): boolean {
  for (const image of run.images) {
    const mounted = (container.spec.volumeMounts ?? []).some(({ name }: Json) => name === image.spec.name);
    if (!mounted || image.step === 'finished') continue;
    if (image.step === 'pullFailed' || image.step === 'pullBackOff') container.waiting = image.waiting;
    return false;
  }
  for (const other of run.containers) {
    if (other === container || container.role === 'ephemeral') return true;
    if (other.role === 'main' && hasStartHook(other.spec) && BEFORE_HOOK.has(other.step)) return false;
    if (other.role === 'main' || other.role === 'ephemeral') continue;
    const done =
      other.role === 'sidecar'
        ? other.step === 'running' && other.started
        : other.step === 'finished' && other.terminated?.exitCode === 0;
    if (!done) return false;
  }
  return true;
}

/** What its variables come from is not there: kubelet asks again with each sync. */
function cannotConfigure(container: ContainerRun, now: number, env: RunEnvironment, tell: Tell): boolean {
  const message = env.broken?.get(container.spec.name);
  if (message === undefined) return false;
  return later(container, { reason: 'CreateContainerConfigError', message }, now, env, tell);
}

/** The runtime refuses; kubelet asks again with each sync and does not count that as a restart. */
function cannotCreate(container: ContainerRun, now: number, env: RunEnvironment, tell: Tell): boolean {
  if (!container.behaviour.unmade) return false;
  const message = `failed to generate container "${env.random.text(64, HEX)}" spec: failed to generate spec: no command specified`;
  return later(container, { reason: 'CreateContainerError', message }, now, env, tell);
}

/** What was created cannot be run: the container ends before its program began, which counts as an end like any other. */
function cannotStart(container: ContainerRun, pod: KubeObject, now: number, env: RunEnvironment, tell: Tell): boolean {
  const { noProgram } = container.behaviour;
  if (noProgram === null) return false;
  const found = noProgram.includes('/')
    ? `stat ${noProgram}: no such file or directory`
    : 'executable file not found in $PATH';
  const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${noProgram}": ${found}`;
  tell('Warning', 'Failed', `Error: ${message}`);
  container.containerId = containerIdOf(pod, container.spec.name, container.restarts);
  container.waiting = null;
  container.startedAt = 0;
  terminate(container, now, 128, 'StartError', env);
  if (container.terminated !== null) container.terminated.message = message;
  return true;
}

/** No other container has it, and the same seed gives it again. */
export function containerIdOf(pod: KubeObject, name: string, restarts: number): string {
  return `containerd://${createHash('sha256')
    .update(`${uidOf(pod)}/${name}/${restarts}`)
    .digest('hex')}`;
}

function later(
  container: ContainerRun,
  waiting: { reason: string; message: string },
  now: number,
  env: RunEnvironment,
  tell: Tell,
): true {
  container.waiting = waiting;
  tell('Warning', 'Failed', `Error: ${waiting.message}`);
  // From the image on, as every sync does.
  container.step = 'pullBackOff';
  container.due = now + CREATE_AGAIN_MS * Math.max(env.pace, SLOWEST_PACE);
  return true;
}

/** A container whose postStart hook fails is killed before it counts as running. */
function hooked(container: ContainerRun, now: number, env: RunEnvironment, tell: Tell): boolean {
  if (container.startHook !== 'done' && container.startHook !== 'failed') return false;
  container.waiting = null;
  if (container.startHook === 'done') {
    container.step = 'running';
    return true;
  }
  tell('Warning', 'FailedPostStartHook', 'PostStartHook failed');
  tell('Normal', 'Killing', 'FailedPostStartHook');
  terminate(container, now, 137, 'Error', env);
  return true;
}

function running(
  container: ContainerRun,
  pod: KubeObject,
  ip: string,
  now: number,
  env: RunEnvironment,
  tell: Tell,
): boolean {
  const { ending, behaviour } = container;
  const stopped = ending?.exitCode ?? null;
  if (stopped !== null || container.exitAt <= now) {
    const exitCode = stopped ?? behaviour.exitCode;
    const reason = stopped === null ? behaviour.reason : endReason(stopped);
    terminate(container, now, exitCode, reason, env);
    if (ending?.anew !== true) return true;
    container.last = container.terminated;
    container.restarts += 1;
    change(container);
    return true;
  }
  const { moved, killed } = takeAnswers(container, ip, now, env, tell);
  if (killed !== null)
    container.ending = askedToEnd(
      probeOf(container.spec, killed)?.terminationGracePeriodSeconds ?? graceOf(pod),
      false,
    );
  return moved;
}

function terminate(
  container: ContainerRun,
  now: number,
  exitCode: number,
  reason: Behaviour['reason'] | 'StartError',
  env: RunEnvironment,
): void {
  const { startedAt, containerId } = container;
  container.terminated = { startedAt, finishedAt: now, exitCode, reason, containerId };
  container.ending = null;
  container.step = 'exited';
  container.due = now + (container.role === 'init' ? 0 : delay(env, 300, 900));
}

/** What a container's own policy and its rules say of that exit code; null: the pod's policy decides. Source: ContainerShouldRestart. */
export function restartsByItself(spec: Json, exitCode: number): boolean | null {
  const { restartPolicy } = spec;
  if (restartPolicy === undefined) return null;
  if (ruleFor(spec, exitCode) === 'Restart') return true;
  return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
}

function restart(container: ContainerRun, pod: KubeObject, now: number, env: RunEnvironment, tell: Tell): void {
  const ended = container.terminated;
  const policy: string = pod.spec?.restartPolicy ?? 'Always';
  const failed = ended === null || ended.exitCode !== 0;
  const own = ended === null ? null : restartsByItself(container.spec, ended.exitCode);
  const again =
    container.role === 'sidecar' ||
    (container.role === 'init'
      ? failed && (own ?? policy !== 'Never')
      : container.role === 'main' && (own ?? (policy === 'Always' || (policy === 'OnFailure' && failed))));
  container.due = NEVER;
  if (!again || ended === null) {
    container.step = 'finished';
    return;
  }
  // What never began is dated at the beginning of time.
  if (ended.startedAt > 0 && ended.finishedAt - ended.startedAt > BACK_OFF_RESET_MS) container.crashes = 0;
  container.last = ended;
  container.terminated = null;
  const wait = backOffSeconds(container.crashes);
  container.crashes += 1;
  if (wait === 0) {
    container.restarts += 1;
    begin(container, now, env, tell);
    return;
  }
  const who = `${nameOf(pod)}_${namespaceOf(pod)}(${uidOf(pod)})`;
  container.waiting = {
    reason: 'CrashLoopBackOff',
    message: `back-off ${durationText(wait)} restarting failed container=${container.spec.name} pod=${who}`,
  };
  tell('Warning', 'BackOff', `Back-off restarting failed container ${container.spec.name} in pod ${who}`);
  container.step = 'backOff';
  container.due = now + wait * 1000 * Math.max(env.pace, SLOWEST_PACE);
}

/** The first process ends now, of its own accord. */
export function endProcess(container: ContainerRun, now: number, exitCode: number): void {
  container.exitAt = now;
  container.behaviour = { ...container.behaviour, exitCode, reason: endReason(exitCode) };
}

/** It was told to end, and does not start again. */
export function endStopped(container: ContainerRun, now: number, exitCode: number): void {
  const { startedAt, containerId } = container;
  container.terminated = { startedAt, finishedAt: now, exitCode, reason: endReason(exitCode), containerId };
  container.step = 'finished';
  container.due = NEVER;
  container.waiting = null;
}

/** Sidecars end after the last main container that does not start again; none where that is not so. */
export function leftSidecars({ containers }: PodRun): ContainerRun[] {
  const mains = containers.filter(({ role }) => role === 'main');
  if (!mains.every(({ step }) => step === 'finished')) return [];
  return containers.filter(({ role, step }) => role === 'sidecar' && step !== 'finished');
}

/** All that still runs has been stopped with its pod; of what was begun and is not there any more nobody knows how it ended. */
export function endAll(run: PodRun, now: number, exitCode: number): void {
  const begun = begunIn(run);
  for (const container of run.containers) {
    if (container.step === 'finished' || !begun.has(container)) continue;
    const ran = container.step === 'running';
    container.terminated = {
      startedAt: ran ? container.startedAt : now,
      finishedAt: now,
      exitCode: ran ? exitCode : 137,
      reason: ran ? 'Error' : 'ContainerStatusUnknown',
      containerId: container.containerId,
      ...(ran ? {} : { message: 'The container could not be located when the pod was terminated' }),
    };
    container.step = 'finished';
    container.waiting = null;
  }
}

/**
 * Containers that have been begun as far as a kubelet can tell: main containers once the init containers are through, of
 * those all up to the last one that was tried. Source: kubelet's status manager, hasPodInitialized and initializedContainers.
 */
function begunIn({ containers }: PodRun): Set<ContainerRun> {
  const tried = ({ step, last, terminated }: ContainerRun) =>
    step === 'running' || last !== null || terminated !== null;
  const inits = containers.filter(({ role }) => role === 'init' || role === 'sidecar');
  const others = containers.filter(({ role }) => role === 'main' || role === 'ephemeral');
  const end = inits.at(-1);
  const through = end === undefined || end.terminated?.exitCode === 0 || (end.role === 'sidecar' && end.started);
  const first = inits.slice(0, Math.max(1, inits.findLastIndex(tried) + 1));
  return new Set([...first, ...(through || others.some(tried) ? others : [])]);
}

/** `from`: when the behaviour took effect, if that was after the start. */
export function plan(container: ContainerRun, env: RunEnvironment, from = container.startedAt): void {
  const { behaviour } = container;
  planProbes(container, env, from, from > container.startedAt);
  // A program that ends takes its time even where starting takes none: a loop of them must not spin.
  const pace = Math.max(env.pace, SLOWEST_PACE);
  const ends =
    Number.isFinite(behaviour.runsFor) && container.restarts < (behaviour.settlesAfter ?? Number.POSITIVE_INFINITY);
  container.exitAt = ends ? from + behaviour.runsFor * 1000 * pace : NEVER;
}
