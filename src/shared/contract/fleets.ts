/** Area `fleets`: named groups of clusters; a cluster is in one fleet at most (features F1-F6, first cut). */
import { z } from 'zod';
import { fleetNamePattern } from '../names.ts';
import { read, router, write } from './base.ts';

export const FleetName = z.string().regex(fleetNamePattern, 'a letter first, letters, digits, "-" and "_", at most 39');

export const Fleet = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  clusterIds: z.array(z.string()),
  /** The federation this fleet's clusters are members of. */
  federationId: z.string().nullable(),
  deletionProtection: z.boolean(),
  createdAt: z.string(),
});
export type Fleet = z.infer<typeof Fleet>;

export interface FleetsService {
  list(): Fleet[];
  watch(signal: AbortSignal | undefined): AsyncIterable<Fleet[]>;
  create(input: { name: string; description: string; clusterIds: string[] }): Promise<Fleet>;
  update(input: {
    id: string;
    name?: string | undefined;
    description?: string | undefined;
    deletionProtection?: boolean | undefined;
  }): Promise<Fleet>;
  /** Only when empty and without federation. */
  remove(id: string): Promise<void>;
  /** Only clusters without a fleet; when the fleet has a federation they join it at once. */
  addClusters(input: { id: string; clusterIds: string[] }): Promise<Fleet>;
  removeCluster(input: { id: string; clusterId: string }): Promise<Fleet>;
}

export const fleetsRouter = router({
  list: read.output(z.array(Fleet)).query(({ ctx }) => ctx.services.fleets.list()),
  watch: read.subscription(async function* ({ ctx, signal }) {
    for await (const fleets of ctx.services.fleets.watch(signal)) yield z.array(Fleet).parse(fleets);
  }),
  create: write
    .input(
      z.object({
        name: FleetName,
        description: z.string().max(500).default(''),
        clusterIds: z.array(z.string()).max(500).default([]),
      }),
    )
    .output(Fleet)
    .mutation(({ ctx, input }) => ctx.services.fleets.create(input)),
  update: write
    .input(
      z.object({
        id: z.string(),
        name: FleetName.optional(),
        description: z.string().max(500).optional(),
        deletionProtection: z.boolean().optional(),
      }),
    )
    .output(Fleet)
    .mutation(({ ctx, input }) => ctx.services.fleets.update(input)),
  remove: write.input(z.object({ id: z.string() })).mutation(({ ctx, input }) => ctx.services.fleets.remove(input.id)),
  addClusters: write
    .input(z.object({ id: z.string(), clusterIds: z.array(z.string()).min(1).max(500) }))
    .output(Fleet)
    .mutation(({ ctx, input }) => ctx.services.fleets.addClusters(input)),
  removeCluster: write
    .input(z.object({ id: z.string(), clusterId: z.string() }))
    .output(Fleet)
    .mutation(({ ctx, input }) => ctx.services.fleets.removeCluster(input)),
});
