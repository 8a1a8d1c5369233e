/** Area `federations`: Karmada-compatible control planes, their members, and what they distribute (features U1-U17, first cut). */
import { z } from 'zod';
import { federatedCategories } from '../federated-categories.ts';
import { federationNamePattern } from '../names.ts';
import { read, router, write } from './base.ts';
import { AppErrorShape } from './error-shape.ts';
import {
  ExternalControlPlane,
  ExternalInspection,
  ExternalSource,
  Manager,
  Move,
  MoveInput,
  MovePlan,
} from './federation-control.ts';
import { FederatedObjectName, JournalEntry, Why } from './federation-decisions.ts';
import { WhatIf, WhatIfInput } from './federation-what-if.ts';
import { KubeObjectSchema } from './kube-object.ts';

/** Manual 4.4: 4-40 characters, a letter first, letters, digits and `-`, letter or digit last. */
export const FederationName = z
  .string()
  .regex(federationNamePattern, '4 to 40 characters: letters, digits and "-", a letter first');

export const FederationState = z.enum(['creating', 'running', 'abnormal', 'deleting']);
export const FederationMember = z.object({
  clusterId: z.string(),
  /** Name of the Cluster object in the federation; the registered cluster's name. */
  name: z.string(),
  join: z.enum(['joining', 'connected', 'failed', 'leaving']),
  ready: z.boolean(),
  reason: AppErrorShape.nullable(),
  version: z.string().nullable(),
  /** Somebody else who manages it: nothing is written there. Null while this federation does. */
  manager: Manager.nullable(),
});
export type FederationMember = z.infer<typeof FederationMember>;
/** Automatic take-over of what a lost member ran (feature U12). */
export const Failover = z.object({
  enabled: z.boolean(),
  /** A member that is not ready for so long is given up, seconds. */
  evictionTimeoutSeconds: z.number().int().min(0).max(86_400),
  /** For so long after that, what a policy without tolerations of its own distributes stays there, seconds. */
  tolerationSeconds: z.number().int().min(0).max(86_400),
});
export type Failover = z.infer<typeof Failover>;
export const Federation = z.object({
  id: z.string(),
  name: z.string(),
  engine: z.enum(['embedded', 'external']),
  state: FederationState,
  reason: AppErrorShape.nullable(),
  fleetId: z.string().nullable(),
  server: z.string().nullable(),
  version: z.string(),
  /** The federation's own kubeconfig: a file with mode 0600. The renderer gets the path, never the content. */
  kubeconfigPath: z.string().nullable(),
  members: z.array(FederationMember),
  deletionProtection: z.boolean(),
  failover: Failover,
  /** With `engine: external`: the control plane that does the work. */
  external: ExternalControlPlane.nullable(),
  /** A move to the other engine that has begun. */
  move: Move.nullable(),
  createdAt: z.string(),
});
export type Federation = z.infer<typeof Federation>;

/** A template, its binding and what became of it in each member: one row of the federation page. */
export const FederatedWorkload = z.object({
  uid: z.string(),
  /** Part of the console in which its kind is shown. */
  category: z.enum(federatedCategories),
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  createdAt: z.string(),
  generation: z.number(),
  /** Workloads that it follows wherever they go, `namespace/name` of their bindings. */
  follows: z.array(z.string()),
  replicas: z.number().nullable(),
  readyReplicas: z.number().nullable(),
  /** `namespace/name` of the PropagationPolicy, or the ClusterPropagationPolicy's name; null while nothing claims it. */
  policy: z.string().nullable(),
  scheduled: z
    .object({ status: z.enum(['True', 'False', 'Unknown']), reason: z.string(), message: z.string() })
    .nullable(),
  clusters: z.array(
    z.object({
      name: z.string(),
      replicas: z.number().nullable(),
      readyReplicas: z.number().nullable(),
      applied: z.boolean().nullable(),
      appliedMessage: z.string(),
      /** An object of that name is there that is not the federation's: a namespace is used as it is, anything else is refused. */
      occupied: z.boolean(),
      health: z.enum(['Healthy', 'Unhealthy', 'Unknown']),
      overrides: z.array(z.string()),
      /** Generation of the template that was sent there last; null while nothing was. */
      generation: z.number().nullable(),
      images: z.array(z.string()),
      /** Last time somebody changed it there and it was set right. */
      repaired: z.object({ time: z.string(), fields: z.array(z.string()) }).nullable(),
    }),
  ),
});
export type FederatedWorkload = z.infer<typeof FederatedWorkload>;

/** What the scheduler would decide, and why (feature U11). */
export const SchedulePreview = z.object({
  clusters: z.array(z.object({ name: z.string(), replicas: z.number().nullable() })),
  /** Clusters that were taken out, with the rule that did it. */
  /** By which rule, in Karmada's words, and the very taint, API or property that stood in the way. */
  filtered: z.array(
    z.object({ name: z.string(), plugin: z.string(), reason: z.string(), subject: z.string().nullable() }),
  ),
  /** Set when nothing can be scheduled; message as Karmada would write it. */
  error: z.object({ reason: z.string(), message: z.string() }).nullable(),
  /** The template as the API would keep it, with its defaults, as YAML text: what the manifests differ from. */
  template: z.string(),
  /** Each target's object after overrides, as YAML text, for a per-cluster look before saving. */
  manifests: z.array(z.object({ cluster: z.string(), yaml: z.string(), overrides: z.array(z.string()) })),
  /** Warnings of policy content: unknown cluster names, weights that sum to zero, fields without effect. */
  warnings: z.array(AppErrorShape),
});
export type SchedulePreview = z.infer<typeof SchedulePreview>;

export const DistributeInput = z.object({
  federationId: z.string(),
  template: KubeObjectSchema,
  /** PropagationPolicy; its resourceSelectors must select the template. */
  policy: KubeObjectSchema,
  overridePolicy: KubeObjectSchema.nullable().default(null),
});

export const CreateExternalInput = ExternalSource.extend({ name: FederationName });
const ById = z.object({ id: z.string() });
/**
 * What becomes of clusters that another federation manages: `refuse` joins none of the fleet (MANAGED_ELSEWHERE), `takeOver`
 * takes them from it, `standBack` joins the fleet and writes nothing to them until somebody takes them over.
 */
const JoinInput = z.object({
  id: z.string(),
  fleetId: z.string(),
  managed: z.enum(['refuse', 'takeOver', 'standBack']).default('refuse'),
});
export const WhyInput = z.object({ id: z.string(), object: FederatedObjectName });
export const JournalInput = z.object({ id: z.string(), limit: z.number().int().min(1).max(1000).default(200) });

export interface FederationsService {
  list(): Federation[];
  watch(signal: AbortSignal | undefined): AsyncIterable<Federation[]>;
  create(input: { name: string; fleetId?: string | undefined; failover?: Failover | undefined }): Promise<Federation>;
  update(input: {
    id: string;
    deletionProtection?: boolean | undefined;
    failover?: Failover | undefined;
  }): Promise<Federation>;
  /** Refused under protection or with members; never touches what is already in members. */
  remove(id: string): Promise<void>;
  /** The fleet's clusters become members. */
  join(input: z.input<typeof JoinInput>): Promise<Federation>;
  leave(input: { id: string }): Promise<Federation>;
  /** This federation manages the member from now on, whoever did; the other one stands back. */
  takeOver(input: { id: string; cluster: string }): Promise<void>;
  /** What stands behind a kubeconfig. Changes nothing; problems are in the answer. */
  inspectExternal(input: z.output<typeof ExternalSource>): Promise<ExternalInspection>;
  /** A federation over a Karmada control plane that others run. AppError NO_KARMADA, or why it cannot be reached. */
  createExternal(input: z.output<typeof CreateExternalInput>): Promise<Federation>;
  /** What a move to the other engine would do, asked as a dry run. */
  planMove(input: z.output<typeof MoveInput>): Promise<MovePlan>;
  /** Begins a move, or goes on with one that was interrupted; its progress is in `Federation.move`. */
  move(input: z.output<typeof MoveInput>): Promise<Federation>;
  /** Takes back a move that has not switched yet: the federation goes on where it was. */
  takeBackMove(input: { id: string }): Promise<Federation>;
  workloads(input: { id: string }, signal: AbortSignal | undefined): AsyncIterable<FederatedWorkload[]>;
  /** The way of one workload from its template to the members, and why it went there. */
  why(input: z.output<typeof WhyInput>, signal: AbortSignal | undefined): AsyncIterable<Why>;
  /** What was decided and done, newest first. */
  journal(input: z.output<typeof JournalInput>, signal: AbortSignal | undefined): AsyncIterable<JournalEntry[]>;
  /** What the changes would do to everything that is distributed. Writes nothing. */
  whatIf(input: z.output<typeof WhatIfInput>): Promise<WhatIf>;
  preview(input: z.output<typeof DistributeInput>): Promise<SchedulePreview>;
  /**
   * Creates override policy, template and policy in this order. When one is refused, those already created by this
   * call are removed again, so nothing is half done.
   */
  distribute(
    input: z.output<typeof DistributeInput>,
  ): Promise<{ created: { kind: string; namespace: string; name: string }[] }>;
}

export const federationsRouter = router({
  list: read.output(z.array(Federation)).query(({ ctx }) => ctx.services.federations.list()),
  watch: read.subscription(async function* ({ ctx, signal }) {
    for await (const federations of ctx.services.federations.watch(signal))
      yield z.array(Federation).parse(federations);
  }),
  create: write
    .input(z.object({ name: FederationName, fleetId: z.string().optional(), failover: Failover.optional() }))
    .output(Federation)
    .mutation(({ ctx, input }) => ctx.services.federations.create(input)),
  update: write
    .input(z.object({ id: z.string(), deletionProtection: z.boolean().optional(), failover: Failover.optional() }))
    .output(Federation)
    .mutation(({ ctx, input }) => ctx.services.federations.update(input)),
  remove: write.input(ById).mutation(({ ctx, input }) => ctx.services.federations.remove(input.id)),
  join: write
    .input(JoinInput)
    .output(Federation)
    .mutation(({ ctx, input }) => ctx.services.federations.join(input)),
  leave: write
    .input(ById)
    .output(Federation)
    .mutation(({ ctx, input }) => ctx.services.federations.leave(input)),
  takeOver: write
    .input(z.object({ id: z.string(), cluster: z.string() }))
    .mutation(({ ctx, input }) => ctx.services.federations.takeOver(input)),
  inspectExternal: read
    .input(ExternalSource)
    .output(ExternalInspection)
    .mutation(({ ctx, input }) => ctx.services.federations.inspectExternal(input)),
  createExternal: write
    .input(CreateExternalInput)
    .output(Federation)
    .mutation(({ ctx, input }) => ctx.services.federations.createExternal(input)),
  planMove: read
    .input(MoveInput)
    .output(MovePlan)
    .mutation(({ ctx, input }) => ctx.services.federations.planMove(input)),
  move: write
    .input(MoveInput)
    .output(Federation)
    .mutation(({ ctx, input }) => ctx.services.federations.move(input)),
  takeBackMove: write
    .input(ById)
    .output(Federation)
    .mutation(({ ctx, input }) => ctx.services.federations.takeBackMove(input)),
  workloads: read.input(ById).subscription(async function* ({ ctx, input, signal }) {
    for await (const rows of ctx.services.federations.workloads(input, signal))
      yield z.array(FederatedWorkload).parse(rows);
  }),
  why: read.input(WhyInput).subscription(async function* ({ ctx, input, signal }) {
    for await (const why of ctx.services.federations.why(input, signal)) yield Why.parse(why);
  }),
  journal: read.input(JournalInput).subscription(async function* ({ ctx, input, signal }) {
    for await (const entries of ctx.services.federations.journal(input, signal))
      yield z.array(JournalEntry).parse(entries);
  }),
  whatIf: read
    .input(WhatIfInput)
    .output(WhatIf)
    .mutation(({ ctx, input }) => ctx.services.federations.whatIf(input)),
  preview: read
    .input(DistributeInput)
    .output(SchedulePreview)
    .mutation(({ ctx, input }) => ctx.services.federations.preview(input)),
  distribute: write
    .input(DistributeInput)
    .output(z.object({ created: z.array(z.object({ kind: z.string(), namespace: z.string(), name: z.string() })) }))
    .mutation(({ ctx, input }) => ctx.services.federations.distribute(input)),
});
