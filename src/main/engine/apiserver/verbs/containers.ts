/**
 * Which container of a pod is meant, and what kubelet says of one that does not run. Texts are those of the registry's
 * pod strategy and of kubelet.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { badRequest } from '../status.ts';

interface ContainerState {
  waiting?: { reason?: string };
  running?: object;
  terminated?: { containerID?: string };
}

interface ContainerStatus {
  name: string;
  state?: ContainerState;
  lastState?: ContainerState;
}

/** Throws 400 when the name is wrong, or missing where there are several. */
export function containerOf(pod: KubeObject, asked: string): string {
  const spec = pod.spec ?? {};
  const lists = [spec.initContainers, spec.containers, spec.ephemeralContainers] as ({ name: string }[] | undefined)[];
  const names = lists.flatMap((list) => (list ?? []).map(({ name }) => name));
  const podName = pod.metadata.name;
  if (asked !== '') {
    if (!names.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${podName}`);
    return asked;
  }
  const regular = (spec.containers ?? []) as { name: string }[];
  if (regular.length === 1) return regular[0]!.name;
  const choice = regular.length === 0 ? '' : `, choose one of: [${names.join(' ')}]`;
  throw badRequest(`a container name must be specified for pod ${podName}${choice}`);
}

function statusOf(pod: KubeObject, container: string): ContainerStatus | undefined {
  const status = pod.status ?? {};
  const lists = [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses];
  return (lists as (ContainerStatus[] | undefined)[])
    .flatMap((list) => list ?? [])
    .find(({ name }) => name === container);
}

export function isRunning(pod: KubeObject, container: string): boolean {
  return statusOf(pod, container)?.state?.running !== undefined;
}

/** Throws 400 when there can be no log (yet). */
export function checkHasLog(pod: KubeObject, container: string, previous: boolean): void {
  const subject = `container "${container}" in pod "${pod.metadata.name}"`;
  const status = statusOf(pod, container);
  if (status === undefined) throw badRequest(`${subject} is not available`);
  const { state = {}, lastState = {} } = status;
  const hasLast = (lastState.terminated?.containerID ?? '') !== '';
  if (previous) {
    if (!hasLast) throw badRequest(`previous terminated ${subject} not found`);
    return;
  }
  if (state.running !== undefined || hasLast) return;
  if (state.terminated !== undefined) {
    if ((state.terminated.containerID ?? '') === '') throw badRequest(`${subject} is terminated`);
    return;
  }
  if (state.waiting === undefined) throw badRequest(`${subject} is not available`);
  throw badRequest(`${subject} is waiting to start: ${waitingText(state.waiting.reason ?? '')}`);
}

function waitingText(reason: string): string {
  if (reason === 'ErrImagePull') return "image can't be pulled";
  if (reason === 'ImagePullBackOff') return 'trying and failing to pull image';
  return reason;
}
