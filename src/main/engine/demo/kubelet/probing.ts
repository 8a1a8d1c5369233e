/**
 * The probes of a running container: when each is asked, and what its answer changes. A startup probe goes before the
 * others; a readiness probe takes the container out after enough failures, the other two end it. Pure: answers are given.
 * Source: kubelet's prober and its workers (pkg/kubelet/prober), API reference Probe.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { durationText, SLOWEST_PACE } from './back-off.ts';
import type { FailingProbe } from './behaviour.ts';
import { type ContainerRun, NEVER, type RunEnvironment, type RunEvent } from './run-state.ts';

export type ProbeKind = FailingProbe['kind'];

export interface ProbeAnswer {
  /** What kubelet says of the failure; null: it succeeds. */
  failure: string | null;
  /** What a success leaves to be said. */
  warning?: string;
  /** The probe could not be made at all. */
  errored?: boolean;
  /** A success that nothing but a touch of the container (exec, a file written) can change. */
  settled?: boolean;
}

export interface ProbeState {
  /** When it is asked next; NEVER: not until something changes. */
  due: number;
  /** In a row. */
  failures: number;
  successes: number;
}

export type ProbeStates = Partial<Record<ProbeKind, ProbeState>>;

const KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];
const NAMES: Readonly<Record<ProbeKind, string>> = {
  startup: 'Startup',
  liveness: 'Liveness',
  readiness: 'Readiness',
};
/** Even without a delay a program needs a moment. */
const FIRST_MS = 500;
const GOOD: ProbeAnswer = { failure: null, settled: true };

export function probeOf(spec: Json, kind: ProbeKind): Json | undefined {
  return spec[`${kind}Probe`];
}

export function answerKey(container: string, kind: ProbeKind): string {
  return `${container}/${kind}`;
}

/** A container begins at `from`, or another behaviour takes hold of it: `keep` leaves it as ready as it is. */
export function planProbes(container: ContainerRun, env: RunEnvironment, from: number, keep: boolean): void {
  const { spec } = container;
  const asksStart = probeOf(spec, 'startup') !== undefined;
  container.probes = {};
  // Whoever stages a start that fails wants to see it, and not to wait for the next one.
  const begun = keep && container.started && staged(container, 'startup', '') === null;
  container.started = begun || !asksStart;
  for (const kind of KINDS) {
    if (probeOf(spec, kind) === undefined) continue;
    const waits = kind === 'startup' ? container.started : !container.started;
    container.probes[kind] = { due: waits ? NEVER : from + firstMs(container, kind, env), failures: 0, successes: 0 };
  }
  const ready = keep && container.started && container.readyAt <= from;
  if (!ready)
    container.readyAt =
      probeOf(spec, 'readiness') === undefined && container.started ? from + slowMs(container, env) : NEVER;
}

/** It had started before whoever runs it did. */
export function resumeProbes(container: ContainerRun, now: number): void {
  container.started = true;
  for (const kind of KINDS) {
    const state = container.probes[kind];
    if (state !== undefined) state.due = kind === 'startup' ? NEVER : now;
  }
  if (container.probes.readiness === undefined) container.readyAt = container.startedAt;
}

function firstMs(container: ContainerRun, kind: ProbeKind, env: RunEnvironment): number {
  const delay = (probeOf(container.spec, kind)?.initialDelaySeconds ?? 0) * 1000;
  return Math.max(FIRST_MS, delay) * env.pace + (kind === 'readiness' ? slowMs(container, env) : 0);
}

function slowMs({ behaviour }: ContainerRun, env: RunEnvironment): number {
  return behaviour.slow ? 60_000 * env.pace : 0;
}

/** When the next one is asked. */
export function nextProbe({ probes }: ContainerRun): number {
  return Math.min(NEVER, ...Object.values(probes).map(({ due }) => due));
}

/** Those that have to be asked now and whose answer the behaviour does not say. */
export function openProbes(container: ContainerRun, now: number): ProbeKind[] {
  if (container.step !== 'running') return [];
  return dueProbes(container, now).filter((kind) => staged(container, kind, '') === null);
}

/** Something in the container may have changed: what was settled is asked again, a period from now. */
export function touch(container: ContainerRun, now: number, env: RunEnvironment): void {
  if (container.ending !== null) return;
  for (const kind of KINDS) {
    const state = container.probes[kind];
    const over = kind === 'startup' ? container.started : !container.started;
    if (state !== undefined && state.due === NEVER && !over) state.due = now + periodMs(container, kind, env);
  }
}

/** Its pod is to go: from now on nobody asks whether it lives, only whether it is to have traffic, which may be another thing now. */
export function leave(container: ContainerRun, now: number, env: RunEnvironment): void {
  const { startup, liveness, readiness } = container.probes;
  for (const state of [startup, liveness]) if (state !== undefined) state.due = NEVER;
  if (readiness?.due === NEVER && container.started) readiness.due = now + periodMs(container, 'readiness', env);
}

/** Takes the answers there are; `killed`: by that probe the container has to be ended. */
export function takeAnswers(
  container: ContainerRun,
  ip: string,
  now: number,
  env: RunEnvironment,
  tell: (type: RunEvent['type'], reason: string, message: string) => void,
): { moved: boolean; killed: ProbeKind | null } {
  let moved = false;
  for (const kind of dueProbes(container, now)) {
    const key = answerKey(container.spec.name, kind);
    const answer = staged(container, kind, ip) ?? (env.answers === undefined ? GOOD : env.answers.get(key));
    if (answer === undefined) continue;
    env.answers?.delete(key);
    moved = true;
    if (answer.warning !== undefined)
      tell('Warning', 'ProbeWarning', `${NAMES[kind]} probe warning: ${answer.warning}`);
    if (answer.failure === null) succeeded(container, kind, answer.settled === true, now, env);
    else if (failed(container, kind, answer, now, env, tell)) return { moved, killed: kind };
  }
  return { moved, killed: null };
}

function dueProbes({ probes }: ContainerRun, now: number): ProbeKind[] {
  return KINDS.filter((kind) => (probes[kind]?.due ?? NEVER) <= now);
}

function periodMs({ spec }: ContainerRun, kind: ProbeKind, env: RunEnvironment): number {
  return Math.max(1, probeOf(spec, kind)?.periodSeconds ?? 10) * 1000 * Math.max(env.pace, SLOWEST_PACE);
}

function succeeded(container: ContainerRun, kind: ProbeKind, settled: boolean, now: number, env: RunEnvironment): void {
  const state = container.probes[kind];
  if (state === undefined) return;
  state.failures = 0;
  state.successes += 1;
  const enough = state.successes >= (probeOf(container.spec, kind)?.successThreshold ?? 1);
  state.due = settled && enough ? NEVER : now + periodMs(container, kind, env);
  if (!enough) return;
  if (kind === 'startup') {
    container.started = true;
    state.due = NEVER;
    const asksReady = container.probes.readiness !== undefined;
    for (const other of ['liveness', 'readiness'] as const) {
      const waiting = container.probes[other];
      if (waiting !== undefined) waiting.due = Math.max(now, container.startedAt + firstMs(container, other, env));
    }
    if (!asksReady) container.readyAt = now;
  }
  if (kind === 'readiness' && container.readyAt > now) container.readyAt = now;
}

function failed(
  container: ContainerRun,
  kind: ProbeKind,
  { failure, errored }: ProbeAnswer,
  now: number,
  env: RunEnvironment,
  tell: (type: RunEvent['type'], reason: string, message: string) => void,
): boolean {
  const state = container.probes[kind];
  if (state === undefined) return false;
  const how = errored === true ? 'errored and resulted in unknown state' : 'failed';
  tell('Warning', 'Unhealthy', `${NAMES[kind]} probe ${how}: ${failure}`);
  state.successes = 0;
  state.failures += 1;
  state.due = now + periodMs(container, kind, env);
  const probe = probeOf(container.spec, kind);
  const enough = state.failures >= Math.max(1, probe?.failureThreshold ?? 3);
  if (kind === 'readiness') {
    // What somebody has staged is to be seen at once.
    if (enough || staged(container, kind, '') !== null) container.readyAt = NEVER;
    return false;
  }
  if (!enough || container.ending !== null) return false;
  // Until another container is there nobody asks again.
  for (const other of ['startup', 'liveness'] as const) {
    const held = container.probes[other];
    if (held !== undefined) held.due = NEVER;
  }
  tell('Normal', 'Killing', `Container ${container.spec.name} failed ${kind} probe, will be restarted`);
  return true;
}

/** The answer that a behaviour says; null: it has to be found out. */
function staged({ behaviour, spec }: ContainerRun, kind: ProbeKind, ip: string): ProbeAnswer | null {
  const failing = behaviour.failingProbes.find((one) => one.kind === kind);
  return failing === undefined ? null : { failure: probeOutput(spec, failing, ip) };
}

/** As kubelet's probers word it. Source: pkg/probe. */
function probeOutput(spec: Json, { kind, answer }: FailingProbe, ip: string): string {
  const { tcpSocket, httpGet, grpc, exec, timeoutSeconds } = probeOf(spec, kind) ?? {};
  const asked: string | number | undefined = (httpGet ?? tcpSocket ?? grpc)?.port;
  const named = (spec.ports ?? []).find((one: Json) => one.name === asked);
  const address = `${httpGet?.host ?? tcpSocket?.host ?? ip}:${named?.containerPort ?? asked}`;
  const silent = answer === 'none';
  if (tcpSocket !== undefined) return `dial tcp ${address}: ${silent ? 'i/o timeout' : 'connect: connection refused'}`;
  if (grpc !== undefined)
    return silent
      ? `timeout: failed to connect service "${address}" within ${durationText(timeoutSeconds ?? 1)}: context deadline exceeded`
      : 'service unhealthy (responded with "NOT_SERVING")';
  if (exec !== undefined) return execOutput(exec.command ?? []);
  if (silent)
    return `Get "${String(httpGet?.scheme ?? 'HTTP').toLowerCase()}://${address}${httpGet?.path ?? '/'}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
  return `HTTP probe failed with statuscode: ${kind === 'liveness' && answer === undefined ? 500 : 503}`;
}

/** What a command prints that fails: the best known of them look for a file. */
function execOutput(command: readonly string[]): string {
  const words = command.join(' ').split(/\s+/);
  const at = words.findIndex((word) => /^(.*\/)?(cat|ls)$/.test(word));
  const file = words.slice(at + 1).find((word) => word.startsWith('/'));
  if (at < 0 || file === undefined) return '';
  return words[at]?.endsWith('cat') === true
    ? `cat: can't open '${file}': No such file or directory\n`
    : `ls: ${file}: No such file or directory\n`;
}
