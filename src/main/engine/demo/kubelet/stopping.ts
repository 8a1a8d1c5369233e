/**
 * How the containers of a pod are ended: all are told at once, each runs its hook before its end, then the program is told to
 * end; sidecars wait for the main containers and for the sidecars that started after them. What has not ended when the grace
 * period is over is killed. Source: kubelet's killContainer and termination ordering (kuberuntime).
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { agnhostCommand } from '../runtime/agnhost.ts';
import { flagIn } from '../runtime/flags.ts';
import { programOf } from '../runtime/programs.ts';
import type { ContainerRun } from './run-state.ts';

export interface StopHost {
  tell(container: ContainerRun, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Runs a hook; false: it failed. */
  hook(container: ContainerRun, hook: Json, signal: AbortSignal): Promise<boolean>;
  /** The program is told to end, and hears it. */
  told(container: ContainerRun): void;
  /** How long a program takes to end that was told to, ms; `seconds` of it by its own will. */
  endingMs(seconds: number): number;
  /** Resolves then, or when the signal comes. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** The container has ended. */
  ended(container: ContainerRun, exitCode: number): void;
}

const SIGKILLED = 137;

/** Resolves when all of them have ended. `over`: the grace period is. */
export async function stopContainers(
  running: readonly ContainerRun[],
  host: StopHost,
  over: AbortSignal,
): Promise<void> {
  const ends = new Map<ContainerRun, Promise<void>>();
  const stop = async (container: ContainerRun, before: readonly Promise<void>[]): Promise<void> => {
    host.tell(container, 'Normal', 'Killing', `Stopping container ${container.spec.name}`);
    await stopContainer(container, host, over, before);
  };
  const mains = running.filter(({ role }) => role !== 'sidecar');
  for (const container of mains) ends.set(container, stop(container, []));
  const before = [...ends.values()];
  for (const container of running.filter(({ role }) => role === 'sidecar').reverse()) {
    const end = stop(container, [...before]);
    ends.set(container, end);
    before.push(end);
  }
  await Promise.all(ends.values());
}

/** The end of one container, of which has been told: its hook, then its turn, then its program. */
export async function stopContainer(
  container: ContainerRun,
  host: StopHost,
  over: AbortSignal,
  before: readonly Promise<void>[] = [],
): Promise<void> {
  const hook: Json = container.spec.lifecycle?.preStop;
  if (hook !== undefined && !over.aborted) {
    const good = await Promise.race([host.hook(container, hook, over), aborted(over).then(() => true)]);
    if (!good) host.tell(container, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
  }
  await Promise.race([Promise.all(before), aborted(over)]);
  const { exitCode, heeds, after, takes } = endOf(container.spec);
  if (after > 0) await host.pause(host.endingMs(after), over);
  if (heeds && !over.aborted) host.told(container);
  await host.pause(heeds ? host.endingMs(takes) : Number.POSITIVE_INFINITY, over);
  host.ended(container, over.aborted ? SIGKILLED : exitCode);
}

/** Servers that take SIGTERM, or the signal that their image names instead, for a request to leave in good order. */
const ORDERLY = new Set(['nginx', 'httpd', 'redis', 'postgres', 'mysql', 'prometheus', 'coredns']);
/** As the first process of a container they have no handler for SIGTERM, so the kernel keeps it from them. */
const DEAF = /^(.*\/)?(sleep|tail|sh|ash|dash|bash|cat|top|watch)$/;

export interface ProgramEnd {
  exitCode: number;
  heeds: boolean;
  /** Seconds until it hears of it: a shell does when the command is over that it waits for. */
  after: number;
  /** Seconds that it goes on for by its own will. */
  takes: number;
}

/** What a container's program does when it is told to end. */
export function endOf(container: Json): ProgramEnd {
  const words = [...(container.command ?? []), ...(container.args ?? [])] as string[];
  const { kind, command } = programOf(container);
  if (ORDERLY.has(kind) && words.length === 0) return { exitCode: 0, heeds: true, after: 0, takes: 0 };
  const [first = ''] = words.length > 0 ? words : command.split(' ');
  const text = words.join(' ');
  const handler = handlerIn(text);
  if (handler !== null) {
    const after = heldUpBy(text.replace(handler, ''));
    // One that does not end leaves the script where it was, unless that only waited.
    const ends = /\bexit\b/.test(handler) || (/\bwait\b/.test(text) && !LOOP.test(text));
    if (!ends || after === Number.POSITIVE_INFINITY) return { exitCode: SIGKILLED, heeds: false, after: 0, takes: 0 };
    const takes = [...handler.matchAll(/\bsleep\s+(\d+)/g)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
    return { exitCode: Number(/\bexit\s+(\d+)/.exec(handler)?.[1] ?? 0), heeds: true, after, takes };
  }
  if (DEAF.test(first)) return { exitCode: SIGKILLED, heeds: false, after: 0, takes: 0 };
  const agnhost = kind === 'agnhost' ? agnhostCommand(container) : null;
  const takes = Number(flagIn(agnhost?.args ?? [], 'delay-shutdown') ?? 0) || 0;
  return { exitCode: 143, heeds: true, after: 0, takes };
}

const LOOP = /\b(while|until|for)\b/;

/** Seconds that a script waits for a `sleep` of its own, which keeps it from its handler; half of it where it sleeps again and again. */
function heldUpBy(script: string): number {
  let longest = 0;
  for (const [, seconds, unit, after] of script.matchAll(/\bsleep\s+(\d+(?:\.\d+)?|inf\w*)([mhd]?)\s*(&(?!&))?/g)) {
    if (after !== undefined) continue;
    if (seconds?.startsWith('inf')) return Number.POSITIVE_INFINITY;
    longest = Math.max(longest, Number(seconds) * ({ m: 60, h: 3600, d: 86_400 }[unit ?? ''] ?? 1));
  }
  if (/\btail\s+-[fF]\b(?!.*&)/.test(script)) return Number.POSITIVE_INFINITY;
  return LOOP.test(script) ? longest / 2 : longest;
}

/** What a script does when it is told to end: the words of its trap, or the function that it names. */
function handlerIn(script: string): string | null {
  const [, , quoted, name = ''] = /\btrap\s+(?:--\s+)?(?:(['"])(.*?)\1|(\S+))/s.exec(script) ?? [];
  const body = quoted ?? name;
  if (body === '') return null;
  const defined = /^[A-Za-z_]\w*$/.test(body)
    ? new RegExp(`\\b${body}\\s*\\(\\)\\s*\\{(.*?)\\}`, 's').exec(script)?.[1]
    : undefined;
  return defined ?? body;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
