/**
 * Resizing a pod where it runs: what kubelet does with a container whose resources were changed, and how it tells. Every
 * change finds room: nothing is deferred or infeasible here. Source: kubelet, KEP-1287; events since 1.34.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { sameValue } from '../sim/objects.ts';

/** The first kubelet that resizes where nobody switched it on. */
export const RESIZES_SINCE = 33;
const TELLS_SINCE = 34;

/** What a change from `before` to `after` asks for: a restart where the policy of a changed resource says so. */
export function resizing(before: Json, after: Json): 'none' | 'live' | 'restart' {
  const [was, is]: [Json, Json] = [before.resources ?? {}, after.resources ?? {}];
  if (sameValue(was, is)) return 'none';
  const changed = (name: string): boolean =>
    ['requests', 'limits'].some((list) => was[list]?.[name] !== is[list]?.[name]);
  const restarts = ((after.resizePolicy ?? []) as Json[]).some(
    ({ resourceName, restartPolicy }) => restartPolicy === 'RestartContainer' && changed(resourceName),
  );
  return restarts ? 'restart' : 'live';
}

/** Events of the pod as a whole: `Pod resize started: {...}`. */
export function resizeEvents(pod: KubeObject, minor: number): { reason: string; message: string }[] {
  if (minor < TELLS_SINCE) return [];
  const allocations = (list: Json[] | undefined) =>
    (list ?? []).map(({ name, resources = {} }: Json) => ({ name, resources: inOrder(resources) }));
  const { initContainers, containers } = pod.spec ?? {};
  const summary = JSON.stringify({
    ...(initContainers === undefined ? {} : { initContainers: allocations(initContainers) }),
    containers: allocations(containers),
    generation: pod.metadata.generation ?? 0,
  });
  return [
    { reason: 'ResizeStarted', message: `Pod resize started: ${summary}` },
    { reason: 'ResizeCompleted', message: `Pod resize completed: ${summary}` },
  ];
}

/** As Go writes them: limits first, names in order. */
function inOrder({ limits, requests }: Json): Json {
  const sorted = (list: Json) => Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...(limits === undefined ? {} : { limits: sorted(limits) }),
    ...(requests === undefined ? {} : { requests: sorted(requests) }),
  };
}
