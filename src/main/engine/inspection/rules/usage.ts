/** What the containers of a workload use, by the metrics API, over all of its pods: one busy copy must not hide, nor decide. */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json } from '#shared/kubernetes/types.ts';
import type { PodSubject, World } from '../types.ts';
import { runningContainers } from '../workloads.ts';

interface Amounts {
  /** Cores. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

export interface ContainerUsage {
  name: string;
  path: string;
  /** Over the pods that are measured. */
  mean: Amounts;
  worst: Amounts;
  requests: { cpu: number | null; memory: number | null };
  limits: { cpu: number | null; memory: number | null };
}

/** Empty for a workload of which nothing is measured now. */
export function usageOf(pod: PodSubject, world: World): ContainerUsage[] {
  const pods = pod.object.kind === 'Pod' ? [pod.object] : world.podsOf(pod.object);
  const measured = pods.flatMap(({ metadata }) => {
    const { name = '', namespace = '' } = metadata;
    return world.find({ kind: 'PodMetrics', namespace, name })?.containers ?? [];
  }) as { name?: string; usage?: Json }[];
  if (measured.length === 0) return [];
  return runningContainers(pod).flatMap(({ name, path, container }) => {
    const own = measured
      .filter((one) => one.name === name)
      .map(({ usage }): Amounts => ({ cpu: parseQuantity(usage?.cpu), memory: parseQuantity(usage?.memory) }));
    if (own.length === 0) return [];
    const over = (combine: (values: number[]) => number): Amounts => ({
      cpu: combine(own.map(({ cpu }) => cpu)),
      memory: combine(own.map(({ memory }) => memory)),
    });
    return [
      {
        name,
        path,
        mean: over((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
        worst: over((values) => Math.max(...values)),
        requests: amounts({ ...container.resources?.limits, ...container.resources?.requests }),
        limits: amounts(container.resources?.limits),
      },
    ];
  });
}

function amounts(values: Json): ContainerUsage['limits'] {
  const of = (value: unknown): number | null => (value === undefined ? null : parseQuantity(value));
  return { cpu: of(values?.cpu), memory: of(values?.memory) };
}
