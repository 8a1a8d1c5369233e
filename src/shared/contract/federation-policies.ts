/** Area `federationPolicies`: the policies of a federation in one list, and what an override would do (U9, U10). */
import { z } from 'zod';
import { read, router, write } from './base.ts';
import { AppErrorShape } from './error-shape.ts';
import { FederatedObjectName } from './federation-decisions.ts';
import { KubeObjectSchema } from './kube-object.ts';

export const PolicyKind = z.enum([
  'PropagationPolicy',
  'ClusterPropagationPolicy',
  'OverridePolicy',
  'ClusterOverridePolicy',
]);
export type PolicyKind = z.infer<typeof PolicyKind>;

export const PolicyRow = z.object({
  kind: PolicyKind,
  /** Empty for cluster-wide ones. */
  namespace: z.string(),
  name: z.string(),
  createdAt: z.string(),
  selectors: z.array(z.object({ kind: z.string(), namespace: z.string(), name: z.string(), labelled: z.boolean() })),
  /** Members it may concern as they are now. */
  clusters: z.array(z.string()),
  /** Templates it distributes, or overrides. */
  templates: z.number(),
  /** The rest is null or false for override policies. */
  priority: z.number().nullable(),
  strategy: z.enum(['Duplicated', 'StaticWeight', 'DynamicWeight', 'Aggregated']).nullable(),
  suspended: z.boolean(),
  preserves: z.boolean(),
  deleting: z.boolean(),
  warnings: z.array(AppErrorShape),
});
export type PolicyRow = z.infer<typeof PolicyRow>;

/** An override policy as it would be saved, or its deletion by `namespace/name` or name. */
export const OverrideChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('save'), object: KubeObjectSchema }),
  z.object({ kind: z.literal('delete'), policy: PolicyKind, namespace: z.string(), name: z.string() }),
]);
export type OverrideChange = z.infer<typeof OverrideChange>;

export const OverrideEffect = z.object({
  object: FederatedObjectName,
  cluster: z.string(),
  /** As YAML text, values of Secrets masked. */
  before: z.string(),
  after: z.string(),
  /** Paths that differ. */
  fields: z.array(z.string()),
  /** Its pods are started anew. */
  restarts: z.boolean(),
  /** The overriders cannot be applied; the message names the one. Then nothing would be sent any more. */
  error: z.string().nullable(),
});
export type OverrideEffect = z.infer<typeof OverrideEffect>;

export const OverridePreview = z.object({
  /** Objects in members that the policy has anything to say about. */
  considered: z.number(),
  effects: z.array(OverrideEffect),
  /** Effects beyond those listed. */
  more: z.number(),
  problems: z.array(AppErrorShape),
});
export type OverridePreview = z.infer<typeof OverridePreview>;

/** One member as the federation sees it (U7). */
export const MemberDetail = z.object({
  name: z.string(),
  /** `direct`, or through the proxy of its kubeconfig. */
  network: z.enum(['direct', 'proxy']),
  apiEndpoint: z.string(),
  provider: z.string(),
  region: z.string(),
  zones: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  taints: z.array(z.object({ key: z.string(), value: z.string(), effect: z.string() })),
  cordoned: z.boolean(),
  nodes: z.object({ ready: z.number(), total: z.number() }).nullable(),
  /** Cores, bytes, pods. */
  allocatable: z.object({ cpu: z.number(), memory: z.number(), pods: z.number() }),
  requested: z.object({ cpu: z.number(), memory: z.number(), pods: z.number() }),
  /** Objects the federation keeps there, and those it could not apply. */
  objects: z.number(),
  failed: z.number(),
});
export type MemberDetail = z.infer<typeof MemberDetail>;

const ById = z.object({ id: z.string() });
export const OverridePreviewInput = z.object({ id: z.string(), change: OverrideChange });
export const CordonInput = z.object({ id: z.string(), cluster: z.string(), on: z.boolean() });

export interface FederationPoliciesService {
  watch(input: { id: string }, signal: AbortSignal | undefined): AsyncIterable<PolicyRow[]>;
  /** What each member's objects would become. Writes nothing. */
  previewOverride(input: z.output<typeof OverridePreviewInput>): Promise<OverridePreview>;
  members(input: { id: string }, signal: AbortSignal | undefined): AsyncIterable<MemberDetail[]>;
  /** Keeps new workloads away from a member, as `karmadactl cordon` does; what runs there stays. */
  cordon(input: z.output<typeof CordonInput>): Promise<void>;
}

export const federationPoliciesRouter = router({
  watch: read.input(ById).subscription(async function* ({ ctx, input, signal }) {
    for await (const rows of ctx.services.federationPolicies.watch(input, signal)) yield z.array(PolicyRow).parse(rows);
  }),
  previewOverride: read
    .input(OverridePreviewInput)
    .output(OverridePreview)
    .mutation(({ ctx, input }) => ctx.services.federationPolicies.previewOverride(input)),
  members: read.input(ById).subscription(async function* ({ ctx, input, signal }) {
    for await (const rows of ctx.services.federationPolicies.members(input, signal))
      yield z.array(MemberDetail).parse(rows);
  }),
  cordon: write.input(CordonInput).mutation(({ ctx, input }) => ctx.services.federationPolicies.cordon(input)),
});
