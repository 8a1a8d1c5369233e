/** Conditions of a node and the troubles a person can stage on it. Pure. Source: kubelet's nodestatus setters. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { behavioursOf } from '../kubelet/behaviour.ts';
import { type Condition, findCondition, timeText } from '../sim/objects.ts';

export type Pressure = 'memory' | 'disk' | 'pid';
export type Trouble = Pressure | 'notReady';

interface PressureTexts {
  type: string;
  taint: string;
  sufficient: { reason: string; message: string };
  insufficient: { reason: string; message: string };
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
const NOT_READY = {
  reason: 'KubeletNotReady',
  message:
    'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
};

/** What the node is annotated with, as far as its kubelet still reports. */
export function troublesOf(node: KubeObject): Set<Trouble> {
  const out = new Set<Trouble>();
  for (const behaviour of behavioursOf(node)) {
    if (behaviour === 'not-ready') out.add('notReady');
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
  const condition = (type: string, status: 'True' | 'False', texts: { reason: string; message: string }): Condition => {
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
  const lost = troubles.has('notReady');
  return [...pressures, condition('Ready', lost ? 'False' : 'True', lost ? NOT_READY : READY)];
}
