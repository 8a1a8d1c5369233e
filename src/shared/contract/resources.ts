/** Area `resources`: one object at a time, of any kind, in a cluster or a federation. */
import { z } from 'zod';
import type { KubeObject } from '../kubernetes/types.ts';
import { read, router, write } from './base.ts';
import { AppErrorShape } from './error-shape.ts';
import { KubeObjectSchema } from './kube-object.ts';
import { ResourceRefSchema, Target } from './views.ts';

export const ResourceKind = z.object({
  group: z.string(),
  version: z.string(),
  resource: z.string(),
  kind: z.string(),
  namespaced: z.boolean(),
  verbs: z.array(z.string()),
});
export type ResourceKind = z.infer<typeof ResourceKind>;

export const ObjectRef = z.object({
  target: Target,
  resource: ResourceRefSchema,
  namespace: z.string().default(''),
  name: z.string().min(1),
});
export type ObjectRef = z.output<typeof ObjectRef>;

export const EventRow = z.object({
  type: z.string(),
  reason: z.string(),
  message: z.string(),
  count: z.number(),
  firstSeen: z.string().nullable(),
  lastSeen: z.string().nullable(),
  source: z.string(),
});
export type EventRow = z.infer<typeof EventRow>;

const ApplyResult = z.object({
  object: KubeObjectSchema,
  /** Texts of Warning headers, as the server wrote them. */
  warnings: z.array(z.string()),
});

/** A field that another manager owns and that the applied object would change (server-side apply, KEP-555). */
export const ApplyConflict = z.object({ manager: z.string(), field: z.string() });
export type ApplyConflict = z.infer<typeof ApplyConflict>;

export const ApplyOutcome = z.object({
  /** Null when there are conflicts: nothing was changed then. */
  object: KubeObjectSchema.nullable(),
  warnings: z.array(z.string()),
  conflicts: z.array(ApplyConflict),
});
export type ApplyOutcome = z.infer<typeof ApplyOutcome>;

/** One node of a kind's schema: what an editor needs of OpenAPI v3, references by name. */
export interface SchemaNode {
  ref?: string;
  /** OpenAPI type; `any` for what takes numbers and texts. */
  type?: string;
  description?: string;
  properties?: Record<string, SchemaNode>;
  required?: string[];
  items?: SchemaNode;
  /** Values of a map whose keys are free. */
  entries?: SchemaNode;
  /** Allowed texts. */
  values?: string[];
  /** Fields that are not named are kept. */
  open?: boolean;
}
const SchemaNode: z.ZodType<SchemaNode> = z.lazy(() =>
  z.object({
    ref: z.string().optional(),
    type: z.string().optional(),
    description: z.string().optional(),
    properties: z.record(z.string(), SchemaNode).optional(),
    required: z.array(z.string()).optional(),
    items: SchemaNode.optional(),
    entries: SchemaNode.optional(),
    values: z.array(z.string()).optional(),
    open: z.boolean().optional(),
  }),
) as z.ZodType<SchemaNode>;
export const KindSchema = z.object({ root: z.string(), schemas: z.record(z.string(), SchemaNode) });
export type KindSchema = z.infer<typeof KindSchema>;

/** Text where the bytes are UTF-8 text, else Base64. */
export const RevealedValue = z.object({ value: z.string(), encoding: z.enum(['utf8', 'base64']) });
export type RevealedValue = z.infer<typeof RevealedValue>;

const Pairs = z.record(z.string().min(1).max(317), z.string().max(250_000).nullable());

/** What can be done with many objects at once. In labels and annotations null removes the entry. */
export const BulkAction = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('delete'),
    /** Leaves behind what belongs to the object. */
    orphan: z.boolean().default(false),
    /** Zero kills at once; left out: the object's own time. */
    graceSeconds: z.number().int().min(0).max(86_400).optional(),
  }),
  z.object({ kind: z.literal('restart') }),
  z.object({ kind: z.literal('scale'), replicas: z.number().int().min(0).max(100_000) }),
  z.object({ kind: z.literal('label'), labels: Pairs }),
  z.object({ kind: z.literal('annotate'), annotations: Pairs }),
  z.object({ kind: z.literal('cordon'), on: z.boolean() }),
  z.object({ kind: z.literal('suspend'), on: z.boolean() }),
]);
export type BulkAction = z.output<typeof BulkAction>;

export const BulkOutcome = z.object({
  target: Target,
  namespace: z.string(),
  name: z.string(),
  /** Null: done. */
  error: AppErrorShape.nullable(),
});
export type BulkOutcome = z.infer<typeof BulkOutcome>;

export interface ResourcesService {
  /** Kinds a target serves, from discovery. */
  kinds(target: Target): Promise<ResourceKind[]>;
  /** managedFields are left out; values of Secrets are masked. */
  get(ref: ObjectRef): Promise<KubeObject>;
  /** One value of a Secret, asked for on purpose: the only way out of the engine, and audited. */
  reveal(input: { ref: ObjectRef; key: string }): Promise<RevealedValue>;
  events(ref: ObjectRef): Promise<EventRow[]>;
  /** From the cluster's own OpenAPI. @throws AppError UNSUPPORTED where it publishes none (before Kubernetes 1.24). */
  schema(input: { target: Target; apiVersion: string; kind: string }): Promise<KindSchema>;
  /** PUT with the resourceVersion in the object: a change by somebody else in between is a CONFLICT, never overwritten. */
  replace(input: {
    ref: ObjectRef;
    object: KubeObject;
    dryRun: boolean;
  }): Promise<{ object: KubeObject; warnings: string[] }>;
  create(input: {
    target: Target;
    object: KubeObject;
    dryRun: boolean;
  }): Promise<{ object: KubeObject; warnings: string[] }>;
  /** Server-side apply under our manager's name; makes the object when there is none. `force` takes conflicting fields over. */
  apply(input: { target: Target; object: KubeObject; dryRun: boolean; force: boolean }): Promise<ApplyOutcome>;
  scale(input: { ref: ObjectRef; replicas: number }): Promise<void>;
  remove(ref: ObjectRef): Promise<void>;
  /** One outcome per object, in the order asked; throws only for what concerns none of them. */
  bulk(input: { refs: ObjectRef[]; action: BulkAction }): Promise<BulkOutcome[]>;
}

export const resourcesRouter = router({
  kinds: read
    .input(z.object({ target: Target }))
    .output(z.array(ResourceKind))
    .query(({ ctx, input }) => ctx.services.resources.kinds(input.target)),
  get: read
    .input(ObjectRef)
    .output(KubeObjectSchema)
    .query(({ ctx, input }) => ctx.services.resources.get(input)),
  // A read by what it does, a write by what it means: it needs the right to change and leaves a record.
  reveal: write
    .input(z.object({ ref: ObjectRef, key: z.string().min(1).max(253) }))
    .output(RevealedValue)
    .mutation(({ ctx, input }) => ctx.services.resources.reveal(input)),
  events: read
    .input(ObjectRef)
    .output(z.array(EventRow))
    .query(({ ctx, input }) => ctx.services.resources.events(input)),
  schema: read
    .input(z.object({ target: Target, apiVersion: z.string(), kind: z.string() }))
    .output(KindSchema)
    .query(({ ctx, input }) => ctx.services.resources.schema(input)),
  replace: write
    .input(z.object({ ref: ObjectRef, object: KubeObjectSchema, dryRun: z.boolean().default(false) }))
    .output(ApplyResult)
    .mutation(({ ctx, input }) => ctx.services.resources.replace(input)),
  create: write
    .input(z.object({ target: Target, object: KubeObjectSchema, dryRun: z.boolean().default(false) }))
    .output(ApplyResult)
    .mutation(({ ctx, input }) => ctx.services.resources.create(input)),
  // tRPC keeps the plain word for itself.
  applyObject: write
    .meta({ action: 'resources.apply', effect: 'write' })
    .input(
      z.object({
        target: Target,
        object: KubeObjectSchema,
        dryRun: z.boolean().default(false),
        force: z.boolean().default(false),
      }),
    )
    .output(ApplyOutcome)
    .mutation(({ ctx, input }) => ctx.services.resources.apply(input)),
  scale: write
    .input(z.object({ ref: ObjectRef, replicas: z.number().int().min(0).max(100_000) }))
    .mutation(({ ctx, input }) => ctx.services.resources.scale(input)),
  bulk: write
    .input(z.object({ refs: z.array(ObjectRef).min(1).max(5_000), action: BulkAction }))
    .output(z.array(BulkOutcome))
    .mutation(({ ctx, input }) => ctx.services.resources.bulk(input)),
  remove: write.input(ObjectRef).mutation(({ ctx, input }) => ctx.services.resources.remove(input)),
});
