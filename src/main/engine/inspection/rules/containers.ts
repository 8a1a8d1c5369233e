/** Looking at each container of a workload: rules say what one container is like, this says where it stands. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { ContainerPlace, Hit, PodRule, PodSubject, World } from '../types.ts';
import { allContainers, runningContainers } from '../workloads.ts';

/** `field` is inside the container: `securityContext.privileged`. */
export type Look = (container: Json, pod: PodSubject, world: World, threshold: number) => Hit | null | undefined;

function inEach(containersOf: (pod: PodSubject) => ContainerPlace[], look: Look): PodRule['check'] {
  return (pod, world, threshold) =>
    containersOf(pod).flatMap(({ container, name, path }) => {
      const hit = look(container, pod, world, threshold);
      return hit === null || hit === undefined ? [] : [{ ...hit, container: name, field: `${path}.${hit.field}` }];
    });
}

/** Init containers too: what matters for security and images. */
export const inEveryContainer = (look: Look): PodRule['check'] => inEach(allContainers, look);

/** Those that keep running: what matters for probes and resources. */
export const inRunningContainers = (look: Look): PodRule['check'] => inEach(runningContainers, look);
