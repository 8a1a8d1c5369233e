/** What a change would do to everything a federation distributes, before it is made (U11, U16). */

import { z } from 'zod';
import { MOST_SUPPOSED } from '../limits.ts';
import { FederatedObjectName, Placed } from './federation-decisions.ts';
import { KubeObjectSchema } from './kube-object.ts';

/** One supposed change. Several are taken together. */
export const SupposedChange = z.discriminatedUnion('kind', [
  /** A propagation policy as it would be saved, new or changed. */
  z.object({ kind: z.literal('policy'), object: KubeObjectSchema }),
  /** `namespace/name` of a PropagationPolicy, or the name of a ClusterPropagationPolicy. */
  z.object({ kind: z.literal('deletePolicy'), key: z.string() }),
  z.object({ kind: z.literal('template'), object: KubeObjectSchema }),
  z.object({ kind: z.literal('deleteTemplate'), object: FederatedObjectName }),
  z.object({
    kind: z.literal('cluster'),
    name: z.string(),
    /** `lost`: it no longer answers, and its time is over; `left`: it leaves the federation; `cordoned`: nothing new. */
    gone: z.enum(['lost', 'left', 'cordoned']).optional(),
    /** The whole set of labels. */
    labels: z.record(z.string(), z.string()).optional(),
    provider: z.string().optional(),
    region: z.string().optional(),
    zones: z.array(z.string()).optional(),
    /** Room in percent of what it has now. */
    capacityPercent: z.number().min(0).max(10_000).optional(),
  }),
  /** A further member, as big as `like` and empty. */
  z.object({
    kind: z.literal('addCluster'),
    name: z.string(),
    like: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    region: z.string().optional(),
  }),
  /** Divide everything anew that is divided by room. */
  z.object({ kind: z.literal('rebalance') }),
]);
export type SupposedChange = z.infer<typeof SupposedChange>;

export const WhatIfInput = z.object({ id: z.string(), changes: z.array(SupposedChange).min(1).max(MOST_SUPPOSED) });

export const ClusterEffect = z.object({
  cluster: z.string(),
  from: z.number().nullable(),
  to: z.number().nullable(),
  /**
   * `created`, `deleted` with what runs there; `grows`, `shrinks` in replicas; `released`: it stays there and nobody manages
   * it; `lost`: it is in a cluster that does not answer; `same`.
   */
  what: z.enum(['created', 'deleted', 'grows', 'shrinks', 'released', 'lost', 'same']),
});
export type ClusterEffect = z.infer<typeof ClusterEffect>;

export const WorkloadEffect = z.object({
  object: FederatedObjectName,
  policyBefore: z.string().nullable(),
  policyAfter: z.string().nullable(),
  before: z.array(Placed),
  after: z.array(Placed),
  clusters: z.array(ClusterEffect),
  /** No place could be found: what runs stays as it is. */
  error: z.object({ reason: z.string(), message: z.string() }).nullable(),
  /** Replicas that would run nowhere: in lost clusters, or for want of room. */
  missing: z.number(),
});
export type WorkloadEffect = z.infer<typeof WorkloadEffect>;

/** Cores and bytes. */
const Load = z.object({ cpu: z.number(), memory: z.number(), pods: z.number() });

export const ClusterLoad = z.object({
  name: z.string(),
  state: z.enum(['same', 'added', 'lost', 'left', 'cordoned']),
  allocatable: Load,
  before: Load,
  after: Load,
  /** Replicas of federated workloads. */
  replicasBefore: z.number(),
  replicasAfter: z.number(),
  /** False when more would be requested than there is. */
  suffices: z.boolean(),
});
export type ClusterLoad = z.infer<typeof ClusterLoad>;

export const WhatIf = z.object({
  /** How many workloads and other objects were looked at. */
  considered: z.number(),
  /** A cluster is supposed to be lost, and whether its workloads are then placed elsewhere is set where nobody can see it. */
  takeOverAssumed: z.boolean(),
  /** Only those for which something changes, or which find no place. */
  workloads: z.array(WorkloadEffect),
  clusters: z.array(ClusterLoad),
  totals: z.object({
    created: z.number(),
    deleted: z.number(),
    released: z.number(),
    /** Replicas that stop in one cluster and start in another. */
    moved: z.number(),
    unplaced: z.number(),
  }),
});
export type WhatIf = z.infer<typeof WhatIf>;
