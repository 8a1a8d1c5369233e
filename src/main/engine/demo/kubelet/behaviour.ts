/**
 * What a simulated container does once it runs: it serves for ever, finishes, or fails. Read from the pod, so that a
 * person can stage a fault with plain kubectl: by the command (`sleep 5`, `exit 1`), by the image (`busybox` without a
 * command ends at once) or by the annotation below. Pure.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { parseImage } from './images.ts';

/** Values: `crash`, `oom`, `unready`, `unhealthy`, `slow`, separated by commas; `crash:<container>` for one container only. */
export const BEHAVIOUR_ANNOTATION = 'demo.fleetdeck/behaviour';

export interface Behaviour {
  /** Seconds it runs, Infinity for a server. */
  runsFor: number;
  exitCode: number;
  reason: 'Completed' | 'Error' | 'OOMKilled';
  /** False: its readiness probe never succeeds. */
  becomesReady: boolean;
  /** Seconds from start to ready. */
  readyAfter: number;
}

const ENDLESS = /sleep\s+(infinity|inf)\b|tail\s+-[fF]|while\s+(true|:)|for\s*\(\(;;\)\)|trap\s/;
/** Images whose default command is a shell: without a terminal they end at once. */
const SHELL_IMAGES = /^docker\.io\/library\/(busybox|alpine|ubuntu|debian|centos|fedora)$/;

export function behaviourOf(pod: KubeObject, container: Json): Behaviour {
  const asked = wishes(pod, container.name);
  const readyAfter = readyDelay(container) + (asked.has('slow') ? 60 : 0);
  const base = { becomesReady: !asked.has('unready') && !asked.has('unhealthy'), readyAfter };
  if (asked.has('oom')) return { ...base, runsFor: 4, exitCode: 137, reason: 'OOMKilled' };
  if (asked.has('crash')) return { ...base, runsFor: 2, exitCode: 1, reason: 'Error' };

  const command = [...(container.command ?? []), ...(container.args ?? [])].join(' ');
  const fromCommand = command === '' ? null : readCommand(command);
  if (fromCommand !== null) {
    const { runsFor, exitCode } = fromCommand;
    return { ...base, runsFor, exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
  }
  const reference = parseImage(container.image ?? '');
  if (reference !== null && /crash|panic|segfault/.test(reference.full)) {
    return { ...base, runsFor: 2, exitCode: 1, reason: 'Error' };
  }
  if (command === '' && reference !== null && SHELL_IMAGES.test(reference.repository)) {
    return { ...base, runsFor: 0.1, exitCode: 0, reason: 'Completed' };
  }
  const serves = (pod.spec?.restartPolicy ?? 'Always') === 'Always';
  return { ...base, runsFor: serves ? Number.POSITIVE_INFINITY : 3, exitCode: 0, reason: 'Completed' };
}

/** Run time and exit code of a shell line as far as it names them; null when it names neither. */
export function readCommand(command: string): { runsFor: number; exitCode: number } | null {
  if (ENDLESS.test(command)) return { runsFor: Number.POSITIVE_INFINITY, exitCode: 0 };
  const sleeps = [...command.matchAll(/\bsleep\s+(\d+(?:\.\d+)?)([smhd]?)\b/g)];
  const exit = /\bexit\s+(\d{1,3})\b/.exec(command);
  const fails = /(^|[\s;&|"'/])false\s*["']?$/.test(command);
  const passes = /(^|[\s;&|"'/])true\s*["']?$/.test(command);
  const prints = /(^|[\s;&|"'/])(echo|printf|date|hostname|env|ls|perl|pi)\b/.test(command);
  if (sleeps.length === 0 && exit === null && !fails && !passes && !prints) return null;
  const units: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
  const slept = sleeps.reduce((total, match) => total + Number(match[1]) * (units[match[2] ?? ''] ?? 1), 0);
  const exitCode = exit === null ? (fails ? 1 : 0) : Number(exit[1]);
  return { runsFor: Math.max(slept, 0.5), exitCode };
}

export function behaviourWish(object: KubeObject): string {
  return object.metadata.annotations?.[BEHAVIOUR_ANNOTATION] ?? '';
}

function wishes(pod: KubeObject, container: string): Set<string> {
  const out = new Set<string>();
  for (const part of behaviourWish(pod).split(',')) {
    const [wish = '', target] = part.trim().split(':');
    if (wish !== '' && (target === undefined || target === container)) out.add(wish);
  }
  return out;
}

/** A probed container is ready one probe after its initial delay, others at once. */
function readyDelay(container: Json): number {
  const startup =
    container.startupProbe === undefined ? 0 : Math.max(1, container.startupProbe.initialDelaySeconds ?? 1);
  const probe = container.readinessProbe;
  return startup + (probe === undefined ? 0 : Math.max(0.5, probe.initialDelaySeconds ?? 0.5));
}
