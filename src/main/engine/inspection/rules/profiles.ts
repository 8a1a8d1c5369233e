/** Settings of a security context that hold for the pod and may be replaced for a container. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { Hit, PodRule } from '../types.ts';
import { allContainers } from '../workloads.ts';

/** Told where it is written: once for the pod, and for each container that has its own. */
export function profileRule(field: string, isWrong: (value: Json) => boolean): PodRule['check'] {
  return (pod) => {
    const places = [
      { name: '', path: pod.path, value: pod.spec.securityContext?.[field] },
      ...allContainers(pod).map(({ name, path, container }) => ({
        name,
        path,
        value: container.securityContext?.[field],
      })),
    ];
    return places.flatMap(({ name, path, value }): Hit[] =>
      value !== undefined && value !== null && isWrong(value)
        ? [
            {
              ...(name === '' ? {} : { container: name }),
              field: `${path}.securityContext.${field}`,
              evidence: `${field}: ${JSON.stringify(value)}`,
            },
          ]
        : [],
    );
  };
}
