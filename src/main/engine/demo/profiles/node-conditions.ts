/** Conditions of a node and the troubles a person can stage on it. Pure. Source: kubelet's nodestatus setters. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { behavioursOf } from '../kubelet/behaviour.ts';
import { type Condition, findCondition, timeText } from '../sim/objects.ts';
import type { Taint } from '../sim/selectors.ts';

export type Pressure = 'memory' | 'disk' | 'pid';
/** Behaviours that make kubelet report itself as not ready. */
export type Unready = 'not-ready' | 'runtime-down' | 'csi-not-ready';
/** Behaviours that node-problem-detector reports. */
export type Problem = 'read-only' | 'kernel-deadlock' | 'clock-wrong';
export type Trouble = Pressure | Unready | Problem;

interface Texts {
  reason: string;
  message: string;
}

interface PressureTexts {
  type: string;
  taint: string;
  sufficient: Texts;
  insufficient: Texts;
  /** As eviction messages name it, with the threshold of the default settings. */
  resource: string;
  threshold: string;
  available: string;
}

export const PRESSURES: Readonly<Record<Pressure, PressureTexts>> = {
  memory: {
    type: 'MemoryPressure',
    taint: 'node.kubernetes.io/memory-pressure',
    sufficient: { reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
    insufficient: { reason: 'KubeletHasInsufficientMemory', message: 'kubelet has insufficient memory available' },
    resource: 'memory',
    threshold: '100Mi',
    available: '71040Ki',
  },
  disk: {
    type: 'DiskPressure',
    taint: 'node.kubernetes.io/disk-pressure',
    sufficient: { reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
    insufficient: { reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' },
    resource: 'ephemeral-storage',
    threshold: '10484529Ki',
    available: '8361552Ki',
  },
  pid: {
    type: 'PIDPressure',
    taint: 'node.kubernetes.io/pid-pressure',
    sufficient: { reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
    insufficient: { reason: 'KubeletHasInsufficientPID', message: 'kubelet has insufficient PID available' },
    resource: 'pids',
    threshold: '1638',
    available: '1202',
  },
};

const READY = { reason: 'KubeletReady', message: 'kubelet is posting ready status' };
export const UNREADY: Readonly<Record<Unready, string>> = {
  'not-ready':
    'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
  'runtime-down':
    '[container runtime is down, PLEG is not healthy: pleg was last seen active 6m12.4s ago; threshold is 3m0s]',
  'csi-not-ready': 'CSINode is not yet initialized',
};

/** Source: the kernel, NTP and file system monitors of node-problem-detector's default configuration. */
export const PROBLEMS: Readonly<Record<Problem, { type: string; good: Texts; bad: Texts; component: string }>> = {
  'read-only': {
    type: 'ReadonlyFilesystem',
    good: { reason: 'FilesystemIsNotReadOnly', message: 'Filesystem is not read-only' },
    bad: {
      reason: 'FilesystemIsReadOnly',
      message: 'EXT4-fs (sda1): Remounting filesystem read-only',
    },
    component: 'kernel-monitor',
  },
  'kernel-deadlock': {
    type: 'KernelDeadlock',
    good: { reason: 'KernelHasNoDeadlock', message: 'kernel has no deadlock' },
    bad: { reason: 'DockerHung', message: 'task docker:7 blocked for more than 300 seconds.' },
    component: 'kernel-monitor',
  },
  'clock-wrong': {
    type: 'NTPProblem',
    good: { reason: 'NTPIsUp', message: 'ntp service is up' },
    bad: { reason: 'NTPIsDown', message: 'NTP service is not running; offset 4.2 s' },
    component: 'ntp-custom-plugin-monitor',
  },
};

/** What the node is annotated with, as far as its kubelet still reports. */
export function troublesOf(node: KubeObject): Set<Trouble> {
  const out = new Set<Trouble>();
  for (const behaviour of behavioursOf(node)) {
    if (Object.hasOwn(UNREADY, behaviour) || Object.hasOwn(PROBLEMS, behaviour))
      out.add(behaviour as Unready | Problem);
    const pressure = /^(memory|disk|pid)-pressure$/.exec(behaviour)?.[1];
    if (pressure !== undefined) out.add(pressure as Pressure);
  }
  return out;
}

export function pressuresOn(node: KubeObject): Pressure[] {
  const troubles = troublesOf(node);
  return (Object.keys(PRESSURES) as Pressure[]).filter((pressure) => troubles.has(pressure));
}

/** Annotated, or still showing it. */
export function isTroubled(node: KubeObject | undefined): boolean {
  if (node === undefined) return false;
  if (troublesOf(node).size > 0) return true;
  const conditions: Condition[] = node.status?.conditions ?? [];
  return conditions.some(({ type, status }) => (type === 'Ready' ? status === 'False' : status === 'True'));
}

/** All conditions with a heartbeat of now; a transition is dated where the status changes. */
export function conditionsFor(troubles: ReadonlySet<Trouble>, old: Condition[], now: number): Condition[] {
  const condition = (type: string, status: 'True' | 'False', texts: Texts): Condition => {
    const before = findCondition(old, type);
    const kept = before?.status === status ? before.lastTransitionTime : undefined;
    return {
      type,
      status,
      lastHeartbeatTime: timeText(now),
      lastTransitionTime: kept ?? timeText(now),
      ...texts,
    };
  };
  const pressures = (Object.keys(PRESSURES) as Pressure[]).map((pressure) => {
    const { type, sufficient, insufficient } = PRESSURES[pressure];
    return troubles.has(pressure) ? condition(type, 'True', insufficient) : condition(type, 'False', sufficient);
  });
  // There is no such condition where nothing ever was wrong: not every cluster has the detector.
  const problems = (Object.keys(PROBLEMS) as Problem[]).flatMap((problem) => {
    const { type, good, bad } = PROBLEMS[problem];
    if (troubles.has(problem)) return [condition(type, 'True', bad)];
    return findCondition(old, type) === undefined ? [] : [condition(type, 'False', good)];
  });
  const lost = (Object.keys(UNREADY) as Unready[]).filter((one) => troubles.has(one)).map((one) => UNREADY[one]);
  const ready = lost.length === 0 ? READY : { reason: 'KubeletNotReady', message: lost.join(', ') };
  return [...pressures, ...problems, condition('Ready', lost.length === 0 ? 'True' : 'False', ready)];
}

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const NO_NETWORK = 'node.kubernetes.io/network-unavailable';

/** The taints that follow from conditions; all others stay. */
export function taintsFor(conditions: Condition[], taints: readonly Taint[], now: number): Taint[] {
  const wanted: Taint[] = [];
  const marks = [...Object.values(PRESSURES), { type: 'NetworkUnavailable', taint: NO_NETWORK }];
  for (const { type, taint } of marks) {
    if (findCondition(conditions, type)?.status === 'True') wanted.push({ key: taint, effect: 'NoSchedule' });
  }
  const ready = findCondition(conditions, 'Ready')?.status;
  if (ready === 'False' || ready === 'Unknown') {
    const key = ready === 'False' ? NOT_READY : UNREACHABLE;
    wanted.push({ key, effect: 'NoSchedule' }, { key, effect: 'NoExecute' });
  }
  const ours = new Set([NOT_READY, UNREACHABLE, ...marks.map(({ taint }) => taint)]);
  const kept = taints.filter((taint) => !ours.has(taint.key));
  return [
    ...kept,
    ...wanted.map((taint) => {
      const known = taints.find((other) => other.key === taint.key && other.effect === taint.effect);
      return known ?? { ...taint, timeAdded: timeText(now) };
    }),
  ];
}
