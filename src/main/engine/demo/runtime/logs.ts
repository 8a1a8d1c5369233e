/** The logs of a cluster's containers: made lines (log-lines.ts) merged with those that requests left, limited and followed. */
import type { LogRequest } from '#engine/apiserver/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf, parseTime, uidOf } from '../sim/objects.ts';
import { createRandom } from '../sim/random.ts';
import type { World } from '../sim/world.ts';
import { fieldOf } from './downward.ts';
import { type LoggedRun, type LogLine, linesBetween, reachOf } from './log-lines.ts';
import { programOf } from './programs.ts';

/** Like the rotation of a runtime: what is older is gone. */
const KEPT_MS = 6 * 3_600_000;
const EXTRA_LINES = 500;
const FOLLOW_MS = 400;
/** A timer holds no more. */
const LONGEST_MS = 2 ** 31 - 1;

/** Who asks changes nothing. */
export type LogsAsked = Omit<LogRequest, 'user'>;

export class Logs {
  readonly #world: World;
  readonly #printed: (pod: KubeObject, container: string) => Promise<string | null>;
  /** Lines of real requests, by pod uid and container. */
  readonly #extra = new Map<string, LogLine[]>();

  /** `printed`: what a container that ran a script once has printed; null for all others. */
  constructor(world: World, printed: (pod: KubeObject, container: string) => Promise<string | null>) {
    this.#world = world;
    this.#printed = printed;
    world.caches.pods.subscribe((pod, _previous, deleted) => {
      if (!deleted) return;
      for (const key of this.#extra.keys()) if (key.startsWith(`${uidOf(pod)}/`)) this.#extra.delete(key);
    });
  }

  /** Something the container wrote just now. */
  append(pod: KubeObject, container: string, text: string, open = false): void {
    const key = `${uidOf(pod)}/${container}`;
    const lines = this.#extra.get(key) ?? [];
    this.#extra.set(key, lines);
    lines.push({ at: this.#world.now(), text, stream: 'stdout', ...(open ? { open: true } : {}) });
    if (lines.length > EXTRA_LINES) lines.shift();
  }

  async *read(request: LogsAsked, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { pod, container } = request;
    const now = this.#world.now();
    let run = this.#run(pod, container, request.previous);
    if (run === null) return;
    const printed = await this.#printed(pod, container);
    if (printed !== null) {
      const { startedAt } = run;
      const said = printedLines(printed, startedAt);
      const last =
        request.tailLines === null ? said : said.slice(said.length - Math.min(said.length, request.tailLines));
      if (last.length > 0) yield Buffer.concat(last.map((line) => bytesOf(line, request)));
      return;
    }
    let from = Math.max(run.startedAt, (run.end?.at ?? now) - KEPT_MS);
    if (request.sinceSeconds !== null) from = Math.max(from, now - request.sinceSeconds * 1000);
    if (request.sinceTime !== null) from = Math.max(from, request.sinceTime);
    if (request.tailLines !== null) from = Math.max(from, (run.end?.at ?? now) - reachOf(run, request.tailLines));
    let lines = this.#between(request, run, from, now);
    // A quiet stretch at the end: the lines asked for lie further back.
    if (request.tailLines !== null && lines.length < request.tailLines)
      lines = this.#between(
        request,
        run,
        Math.max(
          run.startedAt,
          (run.end?.at ?? now) - KEPT_MS,
          request.sinceTime ?? 0,
          request.sinceSeconds === null ? 0 : now - request.sinceSeconds * 1000,
        ),
        now,
      );
    if (request.tailLines !== null) lines = request.tailLines === 0 ? [] : lines.slice(-request.tailLines);
    const first = Buffer.concat(lines.map((line) => bytesOf(line, request)));
    if (first.length > 0 || request.follow) yield first;
    let seen = now;
    while (request.follow && !request.previous && run !== null && run.end === null && !signal.aborted) {
      await pause(FOLLOW_MS, signal);
      const current = this.#world.caches.pods.get(objectKey(pod));
      const to = this.#world.now();
      const next = current === undefined || uidOf(current) !== uidOf(pod) ? null : this.#run(current, container, false);
      // Restarted or gone: kubelet's follower ends with the container it followed.
      const same: LoggedRun | null = next !== null && next.startedAt === run.startedAt ? next : null;
      const more = this.#between(request, same ?? run, seen, to);
      if (more.length > 0) yield Buffer.concat(more.map((line) => bytesOf(line, request)));
      seen = to;
      run = same;
    }
  }

  #between(request: LogsAsked, run: LoggedRun, from: number, to: number): LogLine[] {
    const key = `${uidOf(request.pod)}/${request.container}`;
    // Statuses know whole seconds only.
    const end = run.end === null ? Number.POSITIVE_INFINITY : run.end.at + 999;
    const extra = (this.#extra.get(key) ?? []).filter(
      (line) => line.at >= from && line.at < to && line.at >= run.startedAt && line.at <= end,
    );
    const made = linesBetween(run, from, to);
    const all = extra.length === 0 ? made : [...made, ...extra].sort((a, b) => a.at - b.at);
    return request.stream === 'All' ? all : all.filter((line) => line.stream === request.stream.toLowerCase());
  }

  #run(pod: KubeObject, name: string, previous: boolean): LoggedRun | null {
    const lists = ['containers', 'initContainers', 'ephemeralContainers'];
    const container = lists.flatMap((list) => pod.spec?.[list] ?? []).find((one: Json) => one.name === name);
    const status = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']
      .flatMap((list) => pod.status?.[list] ?? [])
      .find((one: Json) => one.name === name);
    if (container === undefined || status === undefined) return null;
    const running = status.state?.running;
    // While it waits to be restarted, the log is still that of the run before.
    const ended = previous ? status.lastState?.terminated : (status.state?.terminated ?? status.lastState?.terminated);
    const state = !previous && running !== undefined ? running : ended;
    const startedAt = parseTime(state?.startedAt);
    if (state === undefined || Number.isNaN(startedAt)) return null;
    const { seed, index } = this.#world.profile;
    return {
      container: { ...container, env: plainEnv(pod, container.env) },
      program: programOf(container),
      pod: nameOf(pod),
      identity: [seed, index, namespaceOf(pod), nameOf(pod), name],
      startedAt,
      end:
        state === running
          ? null
          : { at: parseTime(ended.finishedAt) || startedAt, exitCode: ended.exitCode ?? 0, reason: ended.reason ?? '' },
    };
  }
}

function bytesOf(line: LogLine, request: LogsAsked): Buffer {
  const prefix = request.timestamps ? `${nanoTime(line.at)} ` : '';
  const lines = line.text.split('\n').map((text) => `${prefix}${text}`);
  return Buffer.from(`${lines.join('\n')}${line.open === true ? '' : '\n'}`);
}

/** What a script has printed, as a log has it. */
function printedLines(text: string, startedAt: number): LogLine[] {
  if (text === '') return [];
  const open = !text.endsWith('\n');
  const lines = (open ? text : text.slice(0, -1)).split('\n');
  return lines.map((one, index) => ({
    at: startedAt + index,
    text: one,
    stream: 'stdout',
    ...(open && index === lines.length - 1 ? { open } : {}),
  }));
}

/** RFC 3339 with nanoseconds; the digits below a millisecond follow from the time. */
function nanoTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23)}${createRandom('nanos', at).text(6, '0123456789')}Z`;
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, LONGEST_MS));
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Variables whose values are fields of the pod, as what they are worth. */
function plainEnv(pod: KubeObject, env: Json[] = []): Json[] {
  return env.map((variable) =>
    variable.valueFrom?.fieldRef === undefined
      ? variable
      : { name: variable.name, value: String(fieldOf(pod, variable.valueFrom.fieldRef.fieldPath) ?? '') },
  );
}
