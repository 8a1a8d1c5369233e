/** Pods, by kubectl's rules (printPod in k8s.io/kubernetes/pkg/printers/internalversion; restated, not copied). */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import {
  age,
  condition,
  joined,
  type KindDefinition,
  type Level,
  list,
  num,
  number,
  since,
  status,
  str,
  text,
  usage,
} from './define.ts';

export interface PodSummary {
  /** What kubectl shows as STATUS. */
  status: string;
  ready: number;
  total: number;
  restarts: number;
  /** ISO time the last terminated container ended, null without restarts. */
  lastRestart: string | null;
}

let newest: { pod: KubeObject; summary: PodSummary } | null = null;

/** The one word that says how a pod is, and its counts. Several cells of a row ask in turn, so the last answer is kept. */
export function summarizePod(pod: KubeObject): PodSummary {
  if (newest?.pod !== pod) newest = { pod, summary: summarize(pod) };
  return newest.summary;
}

function summarize(pod: KubeObject): PodSummary {
  const phase = str(pod.status?.phase) ?? 'Unknown';
  const sidecars = new Set(
    list(pod.spec?.initContainers)
      .filter((container) => container.restartPolicy === 'Always')
      .map((container) => container.name),
  );
  const scheduled = condition(pod, 'PodScheduled');
  const initial = scheduled?.reason === 'SchedulingGated' ? 'SchedulingGated' : (str(pod.status?.reason) ?? phase);

  const init = initStatus(pod, sidecars);
  let word = init.status ?? initial;
  let ready = init.ready;
  let restarts = init.restarts;
  let lastRestart = init.lastRestart;
  if (init.status === null || condition(pod, 'Initialized')?.status === 'True') {
    const main = mainStatus(pod, init.status === null ? initial : word);
    word = main.status;
    ready += main.ready;
    restarts = init.sidecarRestarts + main.restarts;
    lastRestart = later(init.sidecarLastRestart, main.lastRestart);
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (pod.status?.reason === 'NodeLost') word = 'Unknown';
    else if (phase !== 'Succeeded' && phase !== 'Failed') word = 'Terminating';
  }
  return {
    status: word,
    ready,
    total: list(pod.spec?.containers).length + sidecars.size,
    restarts,
    lastRestart: restarts > 0 ? lastRestart : null,
  };
}

/** `status` is null when every init container has done its part. */
function initStatus(pod: KubeObject, sidecars: ReadonlySet<string>) {
  const result = {
    status: null as string | null,
    ready: 0,
    restarts: 0,
    lastRestart: null as string | null,
    sidecarRestarts: 0,
    sidecarLastRestart: null as string | null,
  };
  const total = list(pod.spec?.initContainers).length;
  for (const [index, container] of list(pod.status?.initContainerStatuses).entries()) {
    const count = num(container.restartCount);
    const ended = lastEnd(container);
    result.restarts += count;
    result.lastRestart = later(result.lastRestart, ended);
    const sidecar = sidecars.has(container.name);
    if (sidecar) {
      result.sidecarRestarts += count;
      result.sidecarLastRestart = later(result.sidecarLastRestart, ended);
    }
    const terminated = container.state?.terminated;
    const waiting = str(container.state?.waiting?.reason);
    if (terminated != null && num(terminated.exitCode) === 0) continue;
    if (sidecar && container.started === true) {
      if (container.ready === true) result.ready += 1;
      continue;
    }
    if (terminated != null) result.status = `Init:${terminationText(terminated)}`;
    else if (waiting !== null && waiting !== 'PodInitializing') result.status = `Init:${waiting}`;
    else result.status = `Init:${index}/${total}`;
    break;
  }
  return result;
}

function mainStatus(pod: KubeObject, initial: string) {
  const result = { status: initial, ready: 0, restarts: 0, lastRestart: null as string | null };
  let running = false;
  // From the last to the first, so that the first container's reason is what remains.
  for (const container of list(pod.status?.containerStatuses).reverse()) {
    result.restarts += num(container.restartCount);
    result.lastRestart = later(result.lastRestart, lastEnd(container));
    const waiting = str(container.state?.waiting?.reason);
    const terminated = container.state?.terminated;
    if (waiting !== null) result.status = waiting;
    else if (terminated != null) result.status = terminationText(terminated);
    else if (container.ready === true && container.state?.running != null) {
      running = true;
      result.ready += 1;
    }
  }
  // Some containers are done, others run: the pod as a whole runs.
  if (result.status === 'Completed' && running)
    result.status = condition(pod, 'Ready')?.status === 'True' ? 'Running' : 'NotReady';
  return result;
}

function terminationText(terminated: Json): string {
  const reason = str(terminated.reason);
  if (reason !== null) return reason;
  return num(terminated.signal) !== 0 ? `Signal:${terminated.signal}` : `ExitCode:${num(terminated.exitCode)}`;
}

function lastEnd(container: Json): string | null {
  return str(container.lastState?.terminated?.finishedAt);
}

function later(a: string | null, b: string | null): string | null {
  if (a === null) return b;
  return b === null || a > b ? a : b;
}

const PROGRESSING = /^(Pending|ContainerCreating|PodInitializing|Terminating|SchedulingGated|Init:\d+\/\d+)$/;

function podLevel(pod: KubeObject): Level {
  const { status: word, ready, total } = summarizePod(pod);
  if (word === 'Running') return ready === total ? 'ok' : 'warning';
  if (word === 'Completed' || word === 'Succeeded') return 'none';
  if (word === 'NotReady') return 'warning';
  if (word === 'Pending' && condition(pod, 'PodScheduled')?.reason === 'Unschedulable') return 'warning';
  return PROGRESSING.test(word) ? 'progressing' : 'error';
}

function owner(pod: KubeObject): string | null {
  const found = list(pod.metadata.ownerReferences).find(({ controller }) => controller === true);
  return found === undefined ? null : `${found.kind}/${found.name}`;
}

function images(pod: KubeObject): string | null {
  return joined(
    [...list(pod.spec?.initContainers), ...list(pod.spec?.containers)].flatMap(({ image }) => str(image) ?? []),
    6,
  );
}

export const pods: KindDefinition = {
  resource: 'pods',
  columns: [
    text('ready', 'Ready', (pod) => {
      const { ready, total } = summarizePod(pod);
      return `${ready}/${total}`;
    }),
    status('status', 'Status', (pod) => summarizePod(pod).status),
    number('restarts', 'Restarts', (pod) => summarizePod(pod).restarts),
    since('lastRestart', 'Last Restart', (pod) => summarizePod(pod).lastRestart, 1),
    ...usage,
    text('node', 'Node', (pod) => str(pod.spec?.nodeName)),
    text('ip', 'IP', (pod) => str(pod.status?.podIP), 1),
    text('nominatedNode', 'Nominated Node', (pod) => str(pod.status?.nominatedNodeName), 1),
    text('owner', 'Controlled by', owner, 1),
    text('images', 'Images', images, 1),
    age,
  ],
  level: podLevel,
};
