/** The pod table: READY, STATUS, RESTARTS as kubectl users know them. Source: the API server's pod printer rules. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, since, text, wide } from '../../table/cells.ts';
import type { TableColumn } from '../../types.ts';

interface Summary {
  ready: number;
  total: number;
  reason: string;
  restarts: number;
  lastRestart: string | null;
}

const condition = (pod: KubeObject, type: string): Json =>
  (pod.status?.conditions ?? []).find((each: Json) => each.type === type);

function laterOf(a: string | null, b: unknown): string | null {
  if (typeof b !== 'string') return a;
  return a === null || Date.parse(b) > Date.parse(a) ? b : a;
}

function terminatedReason(state: Json, prefix = ''): string {
  if (state.reason) return prefix + state.reason;
  return state.signal ? `${prefix}Signal:${state.signal}` : `${prefix}ExitCode:${state.exitCode ?? 0}`;
}

/** An init container that keeps running beside the others. */
function isSidecar(pod: KubeObject, name: string): boolean {
  return (pod.spec?.initContainers ?? []).some((each: Json) => each.name === name && each.restartPolicy === 'Always');
}

export function summarise(pod: KubeObject): Summary {
  const status = pod.status ?? {};
  const initSpecs: Json[] = pod.spec?.initContainers ?? [];
  let total = (pod.spec?.containers ?? []).length;
  let reason: string = status.reason || status.phase || '';
  if (condition(pod, 'PodScheduled')?.reason === 'SchedulingGated') reason = 'SchedulingGated';
  total += initSpecs.filter((each) => each.restartPolicy === 'Always').length;

  let ready = 0;
  let restarts = 0;
  let sidecarRestarts = 0;
  let lastRestart: string | null = null;
  let lastSidecarRestart: string | null = null;
  let initialising = false;
  const initStatuses: Json[] = status.initContainerStatuses ?? [];
  for (const [index, container] of initStatuses.entries()) {
    const sidecar = isSidecar(pod, container.name);
    restarts += container.restartCount ?? 0;
    lastRestart = laterOf(lastRestart, container.lastState?.terminated?.finishedAt);
    if (sidecar) {
      sidecarRestarts += container.restartCount ?? 0;
      lastSidecarRestart = laterOf(lastSidecarRestart, container.lastState?.terminated?.finishedAt);
    }
    const { terminated, waiting } = container.state ?? {};
    if (terminated && (terminated.exitCode ?? 0) === 0) continue;
    if (sidecar && container.started) {
      if (container.ready) ready += 1;
      continue;
    }
    if (terminated) reason = terminatedReason(terminated, 'Init:');
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`;
    else reason = `Init:${index}/${initSpecs.length}`;
    initialising = true;
    break;
  }

  if (!initialising || condition(pod, 'Initialized')?.status === 'True') {
    restarts = sidecarRestarts;
    lastRestart = lastSidecarRestart;
    let running = false;
    for (const container of [...((status.containerStatuses ?? []) as Json[])].reverse()) {
      restarts += container.restartCount ?? 0;
      lastRestart = laterOf(lastRestart, container.lastState?.terminated?.finishedAt);
      const { terminated, waiting } = container.state ?? {};
      if (waiting?.reason) reason = waiting.reason;
      else if (terminated) reason = terminatedReason(terminated);
      else if (container.ready && container.state?.running) {
        running = true;
        ready += 1;
      }
    }
    if (reason === 'Completed' && running) reason = condition(pod, 'Ready')?.status === 'True' ? 'Running' : 'NotReady';
  }

  if (pod.metadata.deletionTimestamp && status.reason === 'NodeLost') reason = 'Unknown';
  else if (pod.metadata.deletionTimestamp && status.phase !== 'Succeeded' && status.phase !== 'Failed')
    reason = 'Terminating';
  return { ready, total, reason, restarts, lastRestart };
}

function restartsText(pod: KubeObject, now: number): string {
  const { restarts, lastRestart } = summarise(pod);
  return restarts > 0 && lastRestart !== null ? `${restarts} (${since(lastRestart, now)} ago)` : String(restarts);
}

function readinessGates(pod: KubeObject): string {
  const gates: Json[] = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const met = gates.filter((gate) => condition(pod, gate.conditionType)?.status === 'True').length;
  return `${met}/${gates.length}`;
}

export const podColumns: TableColumn[] = [
  text(
    'Ready',
    (pod) => {
      const { ready, total } = summarise(pod);
      return `${ready}/${total}`;
    },
    { description: 'The aggregate readiness state of this pod for accepting traffic.' },
  ),
  text('Status', (pod) => summarise(pod).reason, {
    description: 'The aggregate status of the containers in this pod.',
  }),
  text('Restarts', restartsText, {
    description:
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
  }),
  age,
  wide('IP', (pod) => pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || '<none>', {
    from: ['core.PodStatus', 'podIP'],
  }),
  wide('Node', (pod) => pod.spec?.nodeName || '<none>', { from: ['core.PodSpec', 'nodeName'] }),
  wide('Nominated Node', (pod) => pod.status?.nominatedNodeName || '<none>', {
    from: ['core.PodStatus', 'nominatedNodeName'],
  }),
  wide('Readiness Gates', readinessGates, { from: ['core.PodSpec', 'readinessGates'] }),
];
