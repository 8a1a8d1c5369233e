/** Containers that end: what they ended with, and why. Order: what they are now, how they ended last, their last words. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, event, field, hit, kubectl, logLine, plain, seconds } from '../hits.ts';
import { type ContainerFact, conditionsOf, containersOf, workloadOf } from '../pods.ts';
import type { Check, Evidence, Hit, Param, Words } from '../types.ts';
import type { World } from '../world.ts';
import { withoutDns } from './egress.ts';
import { nodeReadiness } from './node-readiness.ts';
import { shown } from './placement.ts';
import { failsHook } from './start.ts';

const OFTEN = 5;
const PER_HOUR = 3;
const KILLED_SECONDS = 900;
/** Ending so soon after the start is a matter of configuration rather than of load. */
const SOON_SECONDS = 10;

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};

const EXITS: Readonly<Record<number, Words>> = {
  0: both('正常结束', 'completed'),
  1: both('应用错误', 'application error'),
  2: both('shell 内建命令或程序用法错误', 'wrong use of a shell builtin or of the program'),
  126: both('命令不可执行', 'command cannot be executed'),
  127: both('找不到命令', 'command not found'),
  128: both('无效的退出码', 'invalid exit code'),
  255: both('原因未知，或节点重启', 'unknown, or the node restarted'),
};

/** What an exit code means: `137 (SIGKILL)`. */
export function exitText(code: number): Words {
  const signal = code > 128 && code < 160 ? (SIGNALS[code - 128] ?? `signal ${code - 128}`) : undefined;
  const text = signal === undefined ? EXITS[code] : both(signal, signal);
  return text === undefined ? both(`${code}`, `${code}`) : both(`${code}，${text.zh}`, `${code} (${text.en})`);
}

const CLUES =
  /could not resolve|name resolution|EAI_AGAIN|timed? ?out|no such file|connection refused|unknown host|no such host|access denied|permission denied|address already in use|undefined (variable|method)|not set|missing|invalid|cannot (open|find|connect)|panic|fatal|exception|error/i;
/** It does not find, or does not reach, whom it calls by name. */
const NAME_CLUES =
  /no such host|unknown host|could not resolve|name resolution|EAI_AGAIN|ENOTFOUND|server misbehaving|i\/o timeout/i;
const CONFIG_CLUES =
  /no such file|connection refused|unknown host|no such host|access denied|permission denied|address already in use|undefined variable|environment variable|not set|missing (required|config)/i;

export const exitCheck: Check = {
  id: 'exits',
  title: { zh: '退出与重启', en: 'Exits and restarts' },
  needs: ['Event', 'Log'],
  looked: (pod) =>
    containersOf(pod)
      .filter(({ known }) => known)
      .map((one) => field(pod, `${one.statusPath}.restartCount`, one.restarts)),
  run: (pod, world) => [...wholePod(pod, world), ...containersOf(pod).flatMap((one) => container(pod, one, world))],
};

/** Ends of the pod as such: eviction, deadline, deletion by taint. */
function wholePod(pod: KubeObject, world: World): Hit[] {
  const reason = String(pod.status?.reason ?? '');
  const message = String(pod.status?.message ?? '');
  const node = world.get('Node', '', String(pod.spec?.nodeName ?? ''));
  const told = world.events(pod);
  if (reason === 'Evicted') {
    const evicted = told.find((fact) => fact.reason === 'Evicted');
    const resource =
      /low on resource: ([\w-]+)/.exec(message)?.[1] ?? (/ephemeral/.test(message) ? 'ephemeral-storage' : '?');
    return [
      hit('C-EVICT', pod, {
        params: { node: pod.spec?.nodeName ?? '', resource, reason: message },
        evidence: [field(pod, 'status.message'), ...(evicted === undefined ? [] : [event(pod, evicted)])],
        commands: [
          kubectl('delete', pod),
          kubectl('describe', { kind: 'Node', namespace: '', name: String(pod.spec?.nodeName ?? '') }),
        ],
        because:
          node === undefined || /limit/.test(message)
            ? []
            : nodeReadiness(node, world).filter(({ cause }) => /^N-(MEM|DISK|PID)$/.test(cause)),
      }),
    ];
  }
  if (reason === 'DeadlineExceeded')
    return [
      hit('C-DEADLINE', pod, {
        params: { reason: message || `activeDeadlineSeconds=${pod.spec?.activeDeadlineSeconds}` },
        evidence: [field(pod, 'status.reason'), field(pod, 'spec.activeDeadlineSeconds')],
        commands: [kubectl('logs', pod)],
      }),
    ];
  const disruption = conditionsOf(pod).find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  const taint = told.find(
    (fact) => fact.reason === 'TaintManagerEviction' && /Marking for deletion|Deleting/i.test(fact.message),
  );
  if (disruption?.reason === 'PreemptionByScheduler') {
    const preempted = told.find((fact) => fact.reason === 'Preempted');
    return [
      hit('P-PREEMPT', pod, {
        params: { node: pod.spec?.nodeName ?? '', reason: preempted?.message ?? disruption.message },
        evidence: [
          field(pod, disruption.path, `${disruption.reason}: ${disruption.message}`, disruption.since),
          ...(preempted === undefined ? [] : [event(pod, preempted)]),
        ],
      }),
    ];
  }
  if (disruption === undefined && (taint === undefined || pod.metadata.deletionTimestamp === undefined)) return [];
  return [
    hit('C-TAINTEV', pod, {
      params: {
        node: pod.spec?.nodeName ?? '',
        why: disruption?.reason ?? 'DeletionByTaintManager',
        reason: disruption?.message ?? taint?.message ?? '',
      },
      evidence: [
        ...(disruption === undefined
          ? []
          : [field(pod, disruption.path, `${disruption.reason}: ${disruption.message}`, disruption.since)]),
        ...(taint === undefined ? [] : [event(pod, taint)]),
      ],
      commands: [kubectl('describe', pod)],
      because: node === undefined ? [] : nodeReadiness(node, world),
    }),
  ];
}

function container(pod: KubeObject, one: ContainerFact, world: World): Hit[] {
  if (one.role === 'ephemeral' || failsHook(pod, one, world)) return [];
  const failedNow = one.terminated !== null && Number(one.terminated.exitCode) !== 0;
  const loops = one.waiting?.reason === 'CrashLoopBackOff';
  const ended: Json = one.terminated ?? one.last;
  if (!failedNow && !loops && !isRestless(one, world) && !isBeingKilled(pod, one, world)) return [];
  // A container that runs well again since long is not in trouble.
  const inner = ended === null || ended === undefined ? [] : [why(pod, one, ended, world)];
  if (!failedNow && !loops)
    return [
      hit('C-RESTART', pod, {
        params: { container: one.name, count: one.restarts },
        verdict: 'warning',
        evidence: [field(pod, `${one.statusPath}.restartCount`, one.restarts)],
        commands: [kubectl('logs', pod, '-c', one.name, '--previous')],
        because: inner.map((hit) => ({ ...hit, verdict: 'warning' as const })),
      }),
    ];
  const outer = one.role === 'init' || one.role === 'sidecar' ? init(pod, one, inner) : inner;
  if (!loops) return outer;
  return [
    hit('C-LOOP', pod, {
      params: { container: one.name, count: one.restarts },
      confidence: 'medium',
      evidence: [field(pod, `${one.statusPath}.state.waiting`, `CrashLoopBackOff: ${one.waiting?.message}`)],
      commands: [kubectl('logs', pod, '-c', one.name, '--previous')],
      because: outer,
    }),
  ];
}

/** A probe restarts it time and again, even where it is ready in between. */
function isBeingKilled(pod: KubeObject, one: ContainerFact, world: World): boolean {
  if (one.restarts === 0) return false;
  return world
    .events(pod)
    .some(
      ({ reason, message, field: place, last }) =>
        reason === 'Killing' &&
        /failed (liveness|startup) probe/.test(message) &&
        place.includes(`{${one.name}}`) &&
        seconds(last, world.now) < KILLED_SECONDS,
    );
}

function isRestless(one: ContainerFact, world: World): boolean {
  if (one.restarts === 0 || one.last === null) return false;
  const since = Date.parse(one.last.finishedAt ?? '');
  const hours = (world.now - since) / 3_600_000;
  if (!(hours < 1)) return false;
  return one.restarts >= OFTEN || one.restarts >= PER_HOUR;
}

function init(pod: KubeObject, one: ContainerFact, inner: Hit[]): Hit[] {
  const inits = (pod.spec?.initContainers ?? []).length;
  const index = Number(/\[(\d+)\]/.exec(one.path)?.[1] ?? 0);
  return [
    hit('C-INIT', pod, {
      params: { container: one.name, index: index + 1, total: inits },
      evidence: [field(pod, `${one.statusPath}.state`, one.terminated ?? one.waiting)],
      commands: [kubectl('logs', pod, '-c', one.name, '--previous')],
      because: inner,
    }),
  ];
}

function why(pod: KubeObject, one: ContainerFact, ended: Json, world: World): Hit {
  const code = Number(ended.exitCode ?? -1);
  const reason = String(ended.reason ?? '');
  const place =
    one.terminated === null ? `${one.statusPath}.lastState.terminated` : `${one.statusPath}.state.terminated`;
  const evidence: Evidence[] = [
    field(
      pod,
      place,
      `exit code ${plain(exitText(code))}, reason ${reason}${ended.message ? `: ${ended.message}` : ''}`,
      ended.finishedAt ?? null,
    ),
  ];
  const commands = [kubectl('logs', pod, '-c', one.name, '--previous')];
  const found = (cause: string, params: Record<string, Param> = {}, more: Partial<Hit> = {}): Hit =>
    hit(cause, pod, { params: { container: one.name, code: exitText(code), ...params }, evidence, commands, ...more });
  const told = world.events(pod);
  const mine = told.filter((fact) => fact.field === '' || fact.field.includes(`{${one.name}}`));

  if (reason === 'OOMKilled') return outOfMemory(pod, one, found, evidence, world);
  const killed = mine.find(
    ({ reason: what, message }) => what === 'Killing' && /failed (liveness|startup) probe/.test(message),
  );
  const probe = mine.find(
    ({ reason: what, message }) => what === 'Unhealthy' && /^(Liveness|Startup) probe/.test(message),
  );
  if (probe !== undefined && (killed !== undefined || code === 137 || code === 143)) {
    const startup = /startup/i.test(killed?.message ?? probe.message);
    const settings = one.spec[startup ? 'startupProbe' : 'livenessProbe'] ?? {};
    evidence.push(event(pod, probe), ...(killed === undefined ? [] : [event(pod, killed)]));
    evidence.push(field(pod, `${one.path}.${startup ? 'startupProbe' : 'livenessProbe'}`, settings));
    const period = Number(settings.periodSeconds ?? 10);
    const threshold = Number(settings.failureThreshold ?? 3);
    return found(startup ? 'C-START' : 'C-LIVE', {
      reason: probe.message.replace(/^\w+ probe failed:\s*/, ''),
      seconds: period * threshold,
    });
  }
  if (/^(StartError|ContainerCannotRun)$/.test(reason) || code === 126 || code === 127)
    return found(
      'C-CMD',
      { reason: ended.message || lastWords(pod, one, world)[0]?.text || exitText(code) },
      { evidence: [...evidence, field(pod, `${one.path}.command`, one.spec.command ?? one.spec.args ?? 'absent')] },
    );
  const node = world.get('Node', '', String(pod.spec?.nodeName ?? ''));
  const system =
    node === undefined
      ? undefined
      : world.events(node).find(({ reason: what }) => /^(SystemOOM|OOMKilling)$/.test(what));
  if (code === 137 && system !== undefined && node !== undefined) {
    evidence.push(event(node, system), field(pod, 'status.qosClass', pod.status?.qosClass ?? '?'));
    return found('C-OOMNODE', { node: node.metadata.name ?? '' });
  }
  const words = lastWords(pod, one, world);
  evidence.push(...words.slice(0, 5).map((line) => logLine(pod, one.name, line)));
  if (code === 0)
    return found(
      'C-DONE',
      {},
      { evidence: [...evidence, field(pod, 'spec.restartPolicy', pod.spec?.restartPolicy ?? 'Always')] },
    );
  const ran = (Date.parse(ended.finishedAt ?? '') - Date.parse(ended.startedAt ?? '')) / 1000;
  const lost = words.find(({ text }) => NAME_CLUES.test(text));
  const clue = lost ?? words.find(({ text }) => CONFIG_CLUES.test(text));
  // Looking for a name takes its time before it is given up.
  if (clue !== undefined && (Number.isNaN(ran) || ran < SOON_SECONDS || lost !== undefined)) {
    const because = lost === undefined ? [] : withoutDns(pod, pod, world);
    return found(
      'C-CONF',
      { reason: clue.text, seconds: Math.round(ran) || 0 },
      { because: because.map((one) => ({ ...one, verdict: 'fault' as const })) },
    );
  }
  return found(
    'C-EXIT',
    { words: words[0] === undefined ? '' : both(`：${words[0].text}`, `: ${words[0].text}`) },
    { confidence: words.length > 0 ? 'medium' : 'low' },
  );
}

function outOfMemory(
  pod: KubeObject,
  one: ContainerFact,
  found: (cause: string, params?: Record<string, Param>, more?: Partial<Hit>) => Hit,
  evidence: Evidence[],
  world: World,
): Hit {
  const limit = one.spec.resources?.limits?.memory;
  evidence.push(field(pod, `${one.path}.resources.limits.memory`, limit ?? 'absent'));
  const usage = world.usage(pod);
  if (usage !== undefined)
    evidence.push({ ...field(pod, 'metrics.k8s.io', `memory ${shown(usage.memory, 'memory')}`), source: 'computed' });
  const workload = workloadOf(world, pod);
  return found(
    'C-OOM',
    { limit: limit ?? '-' },
    {
      commands: [
        kubectl('set resources', workload, '-c', one.name, '--limits=memory=SIZE'),
        kubectl('logs', pod, '-c', one.name, '--previous'),
      ],
    },
  );
}

/** The lines that tell most, from the end. */
function lastWords(pod: KubeObject, one: ContainerFact, world: World): { time: string | null; text: string }[] {
  const log = world.log(pod, one.name, true) ?? world.log(pod, one.name, false);
  const lines = [...(log?.lines ?? [])].reverse().filter(({ text }) => text.trim() !== '');
  const clues = lines.filter(({ text }) => CLUES.test(text));
  return [...clues, ...lines.filter((line) => !clues.includes(line))].slice(0, 5);
}
