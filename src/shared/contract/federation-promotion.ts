/** Area `promotion`: bringing what already runs in members under their federation, and letting go of it again (U16). */
import { z } from 'zod';
import { federatedCategories } from '../federated-categories.ts';
import { read, router, write } from './base.ts';
import { AppErrorShape } from './error-shape.ts';
import { FederatedObjectName } from './federation-decisions.ts';

export const CandidateCluster = z.object({
  name: z.string(),
  /** Null for kinds whose replicas are not counted. */
  replicas: z.number().nullable(),
  ready: z.number().nullable(),
  images: z.array(z.string()),
  /** `free`: nobody's; `here`: this federation manages it already; `other`: another federation, or another Karmada, does. */
  owner: z.enum(['free', 'here', 'other']),
});
/** One object by its name, with every member that has it. */
export const Candidate = z.object({
  object: FederatedObjectName,
  clusters: z.array(CandidateCluster),
  /** The federation has a template of this name already: a person must look at it first. */
  templateExists: z.boolean(),
});
export type Candidate = z.infer<typeof Candidate>;

export const Candidates = z.object({
  candidates: z.array(Candidate),
  /** Members that could not be asked, or only in part. */
  failed: z.array(z.object({ cluster: z.string(), error: AppErrorShape })),
});
export type Candidates = z.infer<typeof Candidates>;

export const PromotionItem = z.object({
  object: FederatedObjectName,
  /** Members whose copy is taken over; the template is made from the first one's. */
  clusters: z.array(z.string()).min(1),
});
export type PromotionItem = z.infer<typeof PromotionItem>;

export const PromotionInput = z.object({
  id: z.string(),
  items: z.array(PromotionItem).min(1).max(200),
  /** Takes along what the workloads refer to: ConfigMaps, Secrets, ServiceAccounts, claims. */
  dependencies: z.boolean().default(true),
  /** What differs between the members: kept by an override policy, or made the same as in the first. */
  differences: z.enum(['keep', 'unify']).default('keep'),
  /** Name of the policy; karmadactl's own where it is not given. One item only. */
  policyName: z.string().optional(),
});

/** What happens to one object in one member. */
export const AdoptionEffect = z.object({
  cluster: z.string(),
  /**
   * `adopted`: it gets labels and annotations, nothing else; `changed`: fields of it change too; `created`: it is not
   * there yet.
   */
  what: z.enum(['adopted', 'changed', 'created']),
  /** Paths that change, such as `spec.replicas`. */
  fields: z.array(z.string()),
  /** Its pods are started anew. */
  restarts: z.boolean(),
  replicas: z.number().nullable(),
  /** As YAML text, values of Secrets masked. Empty where there is nothing to compare. */
  before: z.string(),
  after: z.string(),
});
export type AdoptionEffect = z.infer<typeof AdoptionEffect>;

/** One object that would be written to the federation. */
export const PlannedObject = z.object({
  role: z.enum(['namespace', 'dependency', 'override', 'template', 'policy']),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  /** It is there already and stays as it is. */
  exists: z.boolean(),
  yaml: z.string(),
});
export type PlannedObject = z.infer<typeof PlannedObject>;

export const PromotionPlan = z.object({
  object: FederatedObjectName,
  objects: z.array(PlannedObject),
  clusters: z.array(AdoptionEffect),
  dependencies: z.array(z.object({ object: FederatedObjectName, clusters: z.array(AdoptionEffect) })),
  /** Members without the namespace, in which it would be made, as for every namespace of a federation. */
  namespaceIn: z.array(z.string()),
  /** Members in which an autoscaler sets its replicas: it goes on doing so. */
  autoscaled: z.array(z.string()),
  /** It cannot be promoted as long as there is one. */
  problems: z.array(AppErrorShape),
  warnings: z.array(AppErrorShape),
});
export type PromotionPlan = z.infer<typeof PromotionPlan>;

export const Promoted = z.object({
  object: FederatedObjectName,
  created: z.array(PlannedObject.pick({ role: true, kind: true, namespace: true, name: true })),
  /** Nothing of it was done. */
  error: AppErrorShape.nullable(),
});
export type Promoted = z.infer<typeof Promoted>;

export const CandidatesInput = z.object({ id: z.string(), category: z.enum(federatedCategories).default('workloads') });
export const ReleaseInput = z.object({ id: z.string(), object: FederatedObjectName });

/** All throw AppError NOT_FOUND for an unknown federation, or why it is not running. */
export interface PromotionService {
  /** What members run that the federation could take over. System namespaces are left out. */
  candidates(input: z.output<typeof CandidatesInput>): Promise<Candidates>;
  /** What promoting would do; the API server is asked, nothing is written. */
  plan(input: z.output<typeof PromotionInput>): Promise<PromotionPlan[]>;
  /** Each item whole or not at all; one that fails does not stop the next. */
  promote(input: z.output<typeof PromotionInput>): Promise<Promoted[]>;
  /**
   * The way back: takes a workload, and what follows only it, out of the federation; its copies go on running in the
   * members without any mark. REFUSED when its policy, shared with others, would delete them. It resolves when the marks
   * are gone; `waiting` names the members where that was not possible in time.
   */
  release(input: z.output<typeof ReleaseInput>): Promise<Released>;
}

const Released = z.object({
  removed: z.array(z.object({ kind: z.string(), namespace: z.string(), name: z.string() })),
  waiting: z.array(z.string()),
});
type Released = z.infer<typeof Released>;

export const promotionRouter = router({
  candidates: read
    .input(CandidatesInput)
    .output(Candidates)
    .query(({ ctx, input }) => ctx.services.promotion.candidates(input)),
  plan: read
    .input(PromotionInput)
    .output(z.array(PromotionPlan))
    .mutation(({ ctx, input }) => ctx.services.promotion.plan(input)),
  promote: write
    .input(PromotionInput)
    .output(z.array(Promoted))
    .mutation(({ ctx, input }) => ctx.services.promotion.promote(input)),
  release: write
    .input(ReleaseInput)
    .output(Released)
    .mutation(({ ctx, input }) => ctx.services.promotion.release(input)),
});
