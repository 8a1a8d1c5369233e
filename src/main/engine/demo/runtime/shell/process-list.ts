/** Which processes a container sees: its own, and those of others where it shares their process namespace. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { programOf } from '../programs.ts';

export interface SeenProcess {
  pid: number;
  container: Json;
  command: string;
}

/** Between the first processes of two containers. */
const STEP = 36;
const WORKERS = 2;

/** `container` as a debug container sees its target's, and as all see each other in a pod that shares them. */
export function processesOf(pod: KubeObject, container: Json): SeenProcess[] {
  const { containers = [], initContainers = [], shareProcessNamespace }: Json = pod.spec ?? {};
  const sidecars = (initContainers as Json[]).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const all: Json[] = [...sidecars, ...containers];
  const target = all.find(({ name }) => name === container.targetContainerName);
  if (shareProcessNamespace === true) {
    const seen = all.some(({ name }) => name === container.name) ? all : [...all, container];
    return [
      { pid: 1, container: {}, command: '/pause' },
      ...seen.flatMap((one, at) => withWorkers(one, 7 + at * STEP)),
    ];
  }
  if (target === undefined) return withWorkers(container, 1);
  return [...withWorkers(target, 1), ...withWorkers(container, 1 + STEP)];
}

function withWorkers(container: Json, pid: number): SeenProcess[] {
  const { kind, command } = programOf(container);
  const workers = kind === 'nginx' ? WORKERS : 0;
  return [
    { pid, container, command },
    ...Array.from({ length: workers }, (_, at) => ({
      pid: pid + 28 + at,
      container,
      command: 'nginx: worker process',
    })),
  ];
}
