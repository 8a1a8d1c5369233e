/** Decisions of a federation: why a workload is where it is, what happened to it, and what a change would do (U11, U12, U17). */
import { z } from 'zod';

/** An object as a person names it; `namespace` is empty for cluster-scoped ones. */
export const FederatedObjectName = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
});
export type FederatedObjectName = z.infer<typeof FederatedObjectName>;

export const Placed = z.object({ name: z.string(), replicas: z.number().nullable() });
export type Placed = z.infer<typeof Placed>;

/** What the scheduler made of one cluster. */
export const ClusterVerdict = z.object({
  name: z.string(),
  /** `chosen`; `empty`: considered, but no replica came its way; `spread`: the spread constraints took others; `rejected`: by a rule. */
  outcome: z.enum(['chosen', 'empty', 'spread', 'rejected']),
  /** The rule that rejected it: APIEnablement, TaintToleration, ClusterAffinity, SpreadConstraint, ClusterEviction. */
  rule: z.string().nullable(),
  /** The rule's words as Karmada has them. */
  reason: z.string().nullable(),
  /** What exactly stood in the way: the taint, the API, the property. */
  subject: z.string().nullable(),
  /** Replicas that fit, with those already there; null when nobody counted. */
  available: z.number().nullable(),
  /** Its part in the division: static weight or room; null where nothing was divided. */
  weight: z.number().nullable(),
  /** Replicas before; null for objects without replicas. */
  held: z.number().nullable(),
  replicas: z.number().nullable(),
  /** 0 for the main group of clusters, i for the i-th overflow group. */
  overflow: z.number(),
});
export type ClusterVerdict = z.infer<typeof ClusterVerdict>;

/** How replicas were divided. */
export const Division = z.object({
  strategy: z.enum(['Duplicated', 'StaticWeight', 'DynamicWeight', 'Aggregated']),
  /** `whole` anew, `fresh` anew because it was asked for, `more` or `less` only the difference, `kept` nothing to do. */
  step: z.enum(['whole', 'fresh', 'more', 'less', 'kept']),
});
export type Division = z.infer<typeof Division>;

export const Verdicts = z.object({
  /** Replicas wanted in total; null for objects without replicas. */
  replicas: z.number().nullable(),
  division: Division.nullable(),
  /** Ordered group of clusters that was used, or tried last. */
  affinityName: z.string().nullable(),
  /** Groups that were tried before it. */
  failedTerms: z.array(z.object({ affinityName: z.string(), message: z.string() })),
  error: z.object({ reason: z.string(), message: z.string() }).nullable(),
  clusters: z.array(ClusterVerdict),
});
export type Verdicts = z.infer<typeof Verdicts>;

export const DecisionCause = z.enum([
  'PlacementChanged',
  'ReplicasChanged',
  'RescheduleRequested',
  'NotDivided',
  'TargetTerminating',
]);
export type DecisionCause = z.infer<typeof DecisionCause>;

/** What happened to one workload, in the order in which it happened. */
export const JournalEvent = z.discriminatedUnion('kind', [
  /** A decision that changed something, or the first one. */
  z.object({
    kind: z.literal('scheduled'),
    cause: DecisionCause,
    before: z.array(Placed),
    after: z.array(Placed),
    verdicts: Verdicts,
  }),
  /** No decision was possible; what runs stayed where it was. */
  z.object({ kind: z.literal('notScheduled'), cause: DecisionCause, verdicts: Verdicts }),
  z.object({ kind: z.literal('evicting'), cluster: z.string(), reason: z.string(), message: z.string() }),
  z.object({
    kind: z.literal('evictionEnded'),
    cluster: z.string(),
    how: z.enum(['finished', 'timedOut', 'cancelled']),
  }),
  z.object({ kind: z.literal('claimed'), policy: z.string(), by: z.enum(['new', 'orphaned', 'preempted']) }),
  z.object({ kind: z.literal('released'), policy: z.string() }),
  /** Somebody changed the object in the member; it was set right. `fields` are the paths that differed, `['']` the whole object. */
  z.object({ kind: z.literal('repaired'), cluster: z.string(), fields: z.array(z.string()) }),
]);
export type JournalEvent = z.infer<typeof JournalEvent>;

export const JournalEntry = z.object({
  seq: z.number(),
  /** ISO time. */
  time: z.string(),
  object: FederatedObjectName,
  event: JournalEvent,
});
export type JournalEntry = z.infer<typeof JournalEntry>;

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string(),
  message: z.string(),
  since: z.string().nullable(),
});
export type WhyCondition = z.infer<typeof Condition>;

/** A policy that selects the workload as well, and why it is not the one. */
export const RivalPolicy = z.object({
  key: z.string(),
  why: z.enum(['clusterWide', 'priority', 'selector', 'name', 'claimed']),
});

export const WhyCluster = z.object({
  name: z.string(),
  /** False when there is no such member (any more). */
  known: z.boolean(),
  ready: z.boolean(),
  /** Replicas it shall run; null when it is no target or the object has none. */
  target: Placed.nullable(),
  verdict: ClusterVerdict.nullable(),
  /** Workloads that need it there, for what follows them. */
  requiredBy: z.array(z.string()),
  eviction: z.object({ reason: z.string(), message: z.string(), since: z.string().nullable() }).nullable(),
  work: z
    .object({ name: z.string(), suspended: z.boolean(), deleting: z.boolean(), conditions: z.array(Condition) })
    .nullable(),
  overrides: z.array(z.string()),
  /** The object in the member as it was last seen; null while there is none. */
  object: z
    .object({
      replicas: z.number().nullable(),
      ready: z.number().nullable(),
      health: z.enum(['Healthy', 'Unhealthy', 'Unknown']),
      /** Generation of the template that it carries; behind the template's own while a change is on its way. */
      templateGeneration: z.number().nullable(),
    })
    .nullable(),
});
export type WhyCluster = z.infer<typeof WhyCluster>;

/** The whole way of one workload, from its template to the members. */
export const Why = z.object({
  object: FederatedObjectName,
  template: z.object({ generation: z.number(), createdAt: z.string(), deleting: z.boolean() }),
  policy: z
    .object({
      key: z.string(),
      priority: z.number(),
      /** How precisely its selector means the workload. */
      selector: z.enum(['name', 'label', 'kind', 'none']),
      lazy: z.boolean(),
      deleting: z.boolean(),
      /** Override policies it waits for. */
      missingOverrides: z.array(z.string()),
    })
    .nullable(),
  rivals: z.array(RivalPolicy),
  binding: z.object({ name: z.string(), conditions: z.array(Condition), suspended: z.boolean() }).nullable(),
  /** When the verdicts were reached; null when they show how it would be decided now, for want of a record. */
  decidedAt: z.string().nullable(),
  cause: DecisionCause.nullable(),
  verdicts: Verdicts.nullable(),
  clusters: z.array(WhyCluster),
  /** Newest first. */
  journal: z.array(JournalEntry),
});
export type Why = z.infer<typeof Why>;
