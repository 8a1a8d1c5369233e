/** Area `statistics`: what running clusters have, promise and use (feature O2). */
import { z } from 'zod';
import { read, router } from './base.ts';
import { AppErrorShape } from './error-shape.ts';

/** Cores and bytes. */
export const Amounts = z.object({ cpuCores: z.number(), memoryBytes: z.number() });
export type Amounts = z.infer<typeof Amounts>;

export const ClusterFigures = z.object({
  /** ISO time they were measured. */
  at: z.string(),
  nodes: z.object({ total: z.number(), ready: z.number() }),
  /** What the machines of Ready nodes have, virtual nodes left out. */
  capacity: Amounts,
  /** What of it pods may use; `pods` is how many may run. */
  allocatable: Amounts.extend({ pods: z.number() }),
  /** Pods there are, finished ones included; null: the server does not say. */
  pods: z.number().nullable(),
  /** What pods that hold a node's room ask for; null until it was first added up. */
  requested: Amounts.nullable(),
  requestedAt: z.string().nullable(),
  /** What nodes use as the metrics API measures it; null where there is none. */
  used: Amounts.nullable(),
});
export type ClusterFigures = z.infer<typeof ClusterFigures>;

export const ClusterStatistics = z.object({
  clusterId: z.string(),
  /** The last ones; null before the first. */
  figures: ClusterFigures.nullable(),
  /** Why they are not renewed; null while they are. */
  problem: AppErrorShape.nullable(),
});
export type ClusterStatistics = z.infer<typeof ClusterStatistics>;

export interface StatisticsService {
  /** Of every running cluster that has answered, then again after changes. Measured only while somebody looks. */
  watch(signal: AbortSignal | undefined): AsyncIterable<ClusterStatistics[]>;
}

export const statisticsRouter = router({
  watch: read.subscription(async function* ({ ctx, signal }) {
    for await (const list of ctx.services.statistics.watch(signal)) yield z.array(ClusterStatistics).parse(list);
  }),
});
