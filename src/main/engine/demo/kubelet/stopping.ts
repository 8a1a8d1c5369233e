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
  const { exitCode, heeds, takes } = endOf(container.spec);
  await host.pause(heeds ? host.endingMs(takes) : Number.POSITIVE_INFINITY, over);
  host.ended(container, over.aborted ? SIGKILLED : exitCode);
}

/** Servers that take SIGTERM, or the signal that their image names instead, for a request to leave in good order. */
const ORDERLY = new Set(['nginx', 'httpd', 'redis', 'postgres', 'mysql', 'prometheus', 'coredns']);
/** As the first process of a container they have no handler for SIGTERM, so the kernel keeps it from them. */
const DEAF = /^(.*\/)?(sleep|tail|sh|ash|dash|bash|cat|top|watch)$/;

/** What a container's program does when it is told to end; `takes`: seconds that it goes on for by its own will. */
export function endOf(container: Json): { exitCode: number; heeds: boolean; takes: number } {
  const words = [...(container.command ?? []), ...(container.args ?? [])] as string[];
  const { kind, command } = programOf(container);
  if (ORDERLY.has(kind) && words.length === 0) return { exitCode: 0, heeds: true, takes: 0 };
  const [first = ''] = words.length > 0 ? words : command.split(' ');
  const text = words.join(' ');
  const handler = handlerIn(text);
  if (handler !== null) {
    const sleeps = [...handler.matchAll(/\bsleep\s+(\d+)/g)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
    return { exitCode: Number(/\bexit\s+(\d+)/.exec(handler)?.[1] ?? 0), heeds: true, takes: sleeps };
  }
  if (DEAF.test(first)) return { exitCode: SIGKILLED, heeds: false, takes: 0 };
  const agnhost = kind === 'agnhost' ? agnhostCommand(container) : null;
  return { exitCode: 143, heeds: true, takes: Number(flagIn(agnhost?.args ?? [], 'delay-shutdown') ?? 0) || 0 };
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
