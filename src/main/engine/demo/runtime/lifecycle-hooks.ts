/**
 * What `lifecycle.postStart` and `preStop` do: a command among the container's files, a request to somebody, or a pause. What
 * the simulation does not know of a command is read from its text (kubelet/hooks.ts). Source: kubelet's handler runner.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { hookEnding } from '../kubelet/hooks.ts';
import type { LiveScript } from '../sim/world.ts';
import { pause } from './logs.ts';
import type { CommandEnd } from './prober.ts';

export interface HookHost {
  pace: number;
  exec(pod: KubeObject, live: LiveScript, command: string[], signal: AbortSignal): Promise<CommandEnd>;
  /** Rejects where nobody answers. */
  get(pod: KubeObject, live: LiveScript, url: URL, headers: Record<string, string>): Promise<void>;
}

/** False: the hook failed. */
export async function runHook(
  { pace, exec, get }: HookHost,
  pod: KubeObject,
  live: LiveScript,
  hook: Json,
  signal: AbortSignal,
): Promise<boolean> {
  if (hook.httpGet !== undefined) {
    try {
      await get(pod, live, urlOf(hook.httpGet, live.spec, pod.status?.podIP ?? ''), headersOf(hook.httpGet));
      return true;
    } catch {
      // Nobody is there.
      return false;
    }
  }
  const told = hookEnding(hook);
  if (hook.exec !== undefined && told.exitCode !== 126) {
    const end = await exec(pod, live, hook.exec.command ?? [], signal);
    if (end === 'late') return true;
    if (end !== 'unknown') return end.code === 0;
  }
  await pause(told.runsFor * 1000 * Math.max(pace, SLOWEST_PACE), signal);
  return told.exitCode === 0;
}

function headersOf({ httpHeaders }: Json): Record<string, string> {
  const own = ((httpHeaders ?? []) as Json[]).map(({ name, value }) => [String(name).toLowerCase(), String(value)]);
  return { 'user-agent': 'kube-lifecycle/1.36', ...Object.fromEntries(own) };
}

function urlOf({ host, port, path, scheme }: Json, spec: Json, own: string): URL {
  const named = ((spec.ports ?? []) as Json[]).find((one) => one.name === port)?.containerPort;
  const start = `${String(scheme ?? 'HTTP').toLowerCase()}://${host || own}:${named ?? port}`;
  return new URL(`/${String(path ?? '/').replace(/^\//, '')}`, start);
}
