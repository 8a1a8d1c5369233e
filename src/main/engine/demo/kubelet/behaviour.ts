/**
 * What a simulated container does once it runs: it serves for ever, finishes, or fails. Read from the pod, so that a
 * person can stage a fault with plain kubectl: by the command (`sleep 5`, `exit 1`), by the image (`busybox` without a
 * command ends at once) or by the annotation below. Pure.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { agnhostRunsFor } from '../runtime/agnhost.ts';
import { isServer, programOf } from '../runtime/programs.ts';
import { type PullAnswer, parseImage, pullAnswer } from './images.ts';

/**
 * On a pod, its controller or its namespace: `crash`, `flaky` (crashes some times, then runs), `oom`, `unready`, `unhealthy` (liveness), `unstarted` (startup), `slow`, `no-command`
 * (the runtime cannot create the container), `fills-disk` (evicted over its limit), `sandbox-fails`, `image-missing`,
 * `silent` (what is sent to its ports gets no answer), `fails-requests` (every answer is a 503),
 * `image-forbidden` and the other answers to a pull in images.ts, separated by commas; `crash:<container>` for one container
 * only. On a node: `down`, `ignores-pods`, `kubelet-unhealthy`, `sandbox-fails`, what node-conditions.ts and node-incidents.ts name. On a
 * StorageClass: `provisioning-fails`. On a Service: `load-balancer-fails`.
 */
export const BEHAVIOUR_ANNOTATION = 'demo.fleetdeck/behaviour';

/** The namespace that stands for the cluster: what it is annotated with are faults of the cluster. */
export const CLUSTER_NAMESPACE = 'kube-system';

/** What pods and what makes them follow, besides the answers to a pull (images.ts). */
export const WORKLOAD_BEHAVIOURS: readonly string[] = [
  'crash',
  'flaky',
  'oom',
  'unready',
  'unhealthy',
  'unstarted',
  'slow',
  'no-command',
  'fills-disk',
  'silent',
  'fails-requests',
  'sandbox-fails',
];

/** Faults by the names that the command line and the interface have for them. */
const ALIASES: Readonly<Record<string, string>> = {
  'crash-loop': 'crash',
  'out-of-memory': 'oom',
  'readiness-failing': 'unready',
  'liveness-failing': 'unhealthy',
  'startup-failing': 'unstarted',
  'node-not-ready': 'down',
  'node-pressure': 'memory-pressure',
  'volume-pending': 'provisioning-fails',
};

/** The behaviour that a part of an annotation asks for, without a container's name. */
export function behaviourNamed(part: string): string {
  const name = part.trim().split(':')[0] ?? '';
  return ALIASES[name] ?? name;
}

/** Parts of an annotation that are not empty. */
export function partsOf(annotation: string): string[] {
  return annotation
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export interface Behaviour {
  /** Seconds it runs, Infinity for a server. */
  runsFor: number;
  exitCode: number;
  reason: 'Completed' | 'Error' | 'OOMKilled';
  /** Becomes ready a minute later than it would. */
  slow: boolean;
  /** Probes that fail whatever the container would answer. */
  failingProbes: readonly FailingProbe[];
  /** What pulling the image answers, whatever the image: null leaves it to the image's name. */
  pull: PullAnswer | null;
  /** The runtime cannot create the container. */
  unmade: boolean;
  /** The program that is not in the image, so that the container cannot be started. */
  noProgram: string | null;
  /** After so many restarts it does not end any more. */
  settlesAfter?: number;
}

export interface FailingProbe {
  kind: 'readiness' | 'liveness' | 'startup';
  /** What the program answers to everybody, rather than what it says of itself: nothing, or an error. */
  answer?: 'none' | 'error';
}

/** Behaviours that are the failure of one probe. */
const PROBED: Readonly<Record<string, FailingProbe['kind']>> = {
  unstarted: 'startup',
  unhealthy: 'liveness',
  unready: 'readiness',
};

/** The probe without which the behaviour shows nowhere; null where it needs none. */
export function probeNeeded(behaviour: string): 'startupProbe' | 'livenessProbe' | 'readinessProbe' | null {
  const kind = PROBED[behaviour];
  return kind === undefined ? null : `${kind}Probe`;
}

const ENDLESS = /sleep\s+(infinity|inf)\b|tail\s+-[fF]|while\s+(true|:)|for\s*\(\(;;\)\)|trap\s/;
/** Images whose default command is a shell: without a terminal they end at once. */
const SHELL_IMAGES = /^docker\.io\/library\/(busybox|alpine|ubuntu|debian|centos|fedora)$/;

/** `wish`: the annotation that holds for the pod, its own or its controller's. */
export function behaviourOf(pod: KubeObject, container: Json, wish = behaviourWish(pod)): Behaviour {
  const asked = wishes(wish, container.name);
  const base: Pick<Behaviour, 'slow' | 'failingProbes' | 'pull' | 'unmade' | 'noProgram'> = {
    slow: asked.has('slow'),
    failingProbes: failingProbesOf(asked, container),
    pull: [...asked].map(pullAnswer).find((answer) => answer !== null) ?? null,
    unmade: asked.has('no-command'),
    noProgram: missingProgram(container),
  };
  if (asked.has('oom')) return { ...base, runsFor: 4, exitCode: 137, reason: 'OOMKilled' };
  if (asked.has('flaky')) return { ...base, runsFor: 2, exitCode: 1, reason: 'Error', settlesAfter: 4 };
  if (asked.has('crash')) return { ...base, runsFor: 2, exitCode: 1, reason: 'Error' };

  const runsFor = programOf(container).kind === 'agnhost' ? agnhostRunsFor(container) : null;
  if (runsFor !== null) return { ...base, runsFor, exitCode: 0, reason: 'Completed' };
  const command = [...(container.command ?? []), ...(container.args ?? [])].join(' ');
  const fromCommand = command === '' ? null : readCommand(command);
  if (fromCommand !== null) {
    const { runsFor, exitCode } = fromCommand;
    return { ...base, runsFor, exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
  }
  const reference = parseImage(container.image ?? '');
  // A shell with its input open waits for whoever attaches.
  const shell =
    command === ''
      ? reference !== null && SHELL_IMAGES.test(reference.repository)
      : /^(\/\w+)*\/?(ba|a|da)?sh$/.test(command);
  if (container.stdin === true && shell)
    return { ...base, runsFor: Number.POSITIVE_INFINITY, exitCode: 0, reason: 'Completed' };
  if (reference !== null && /crash|panic|segfault/.test(reference.full)) {
    return { ...base, runsFor: 2, exitCode: 1, reason: 'Error' };
  }
  if (command === '' && reference !== null && SHELL_IMAGES.test(reference.repository)) {
    return { ...base, runsFor: 0.1, exitCode: 0, reason: 'Completed' };
  }
  const serves = (pod.spec?.restartPolicy ?? 'Always') === 'Always' || isServer(container);
  return { ...base, runsFor: serves ? Number.POSITIVE_INFINITY : 3, exitCode: 0, reason: 'Completed' };
}

const ABSENT = /missing|nonexist|no-such|not-found/;

/** A program whose name says that it is not there is not there. */
export function missingProgram({ command, args }: Json): string | null {
  const [first = '']: string[] = command ?? args ?? [];
  return command !== undefined && ABSENT.test(first) ? first : null;
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

export function behaviourWish(object: KubeObject | undefined): string {
  return object?.metadata.annotations?.[BEHAVIOUR_ANNOTATION] ?? '';
}

/** The single behaviours an object is annotated with, without container names. */
export function behavioursOf(object: KubeObject | undefined): string[] {
  if (object === undefined) return [];
  return partsOf(behaviourWish(object)).map(behaviourNamed);
}

/** What is not probed cannot be found failing. */
function failingProbesOf(asked: ReadonlySet<string>, container: Json): FailingProbe[] {
  const named = Object.keys(PROBED).filter(
    (behaviour) => asked.has(behaviour) && container[`${PROBED[behaviour]}Probe`],
  );
  const staged = named.map((behaviour): FailingProbe => ({ kind: PROBED[behaviour] ?? 'readiness' }));
  // A probe that asks a port hears what the port answers to everybody: nothing (`silent`) or a 503 (`fails-requests`).
  const answer = asked.has('silent') ? 'none' : 'error';
  for (const kind of ['startup', 'liveness', 'readiness'] as const)
    if (!staged.some((one) => one.kind === kind) && failsByAnswer(asked, container, kind))
      staged.push({ kind, answer });
  return staged;
}

function failsByAnswer(asked: ReadonlySet<string>, container: Json, kind: FailingProbe['kind']): boolean {
  const probe = container[`${kind}Probe`];
  if (asked.has('silent')) return (probe?.httpGet ?? probe?.tcpSocket ?? probe?.grpc) !== undefined;
  return asked.has('fails-requests') && probe?.httpGet !== undefined;
}

function wishes(wish: string, container: string): Set<string> {
  const out = new Set<string>();
  for (const part of partsOf(wish)) {
    const [, target] = part.split(':');
    if (target === undefined || target === container) out.add(behaviourNamed(part));
  }
  return out;
}
