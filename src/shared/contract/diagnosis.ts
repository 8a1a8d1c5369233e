/**
 * Area `diagnosis`: why one object does not work (features C15, T1), and what is unhealthy over all clusters (U18).
 * Reports carry their sentences in both languages, so that one that was kept can be read in either.
 */
import { z } from 'zod';
import { DIAGNOSIS_KINDS, FURTHER_CHECKS, IMAGE_NAME, TICKET_FORMATS } from '../diagnosis.ts';
import type { KubeObject } from '../kubernetes/types.ts';
import { read, router, write } from './base.ts';
import { AppErrorShape } from './error-shape.ts';
import { KubeObjectSchema } from './kube-object.ts';
import { ResourceRefSchema } from './views.ts';

/** Kinds that can be asked about. */
export const DiagnosisKind = z.enum(DIAGNOSIS_KINDS);
export type DiagnosisKind = z.infer<typeof DiagnosisKind>;

/** One sentence in both languages. Names and values from a cluster stand in it as they are: render as text only. */
export const Words = z.object({ zh: z.string(), en: z.string() });
export type Words = z.infer<typeof Words>;

export const ObjectName = z.object({ kind: z.string(), namespace: z.string(), name: z.string() });
export type ObjectName = z.infer<typeof ObjectName>;

export const Evidence = z.object({
  object: ObjectName,
  source: z.enum(['field', 'event', 'log', 'computed']),
  /** Path of the field, reason of the event, container of the log line. */
  at: z.string(),
  text: z.string(),
  /** Where the text is ours and not the cluster's: the same in both languages. */
  words: Words.optional(),
  time: z.string().nullable(),
  /** How often an event was seen. */
  count: z.number(),
});
export type Evidence = z.infer<typeof Evidence>;

/** A change that mends the cause and endangers nothing; kept with the report, applied by its place in it. */
export const RemedyPatch = z.object({
  resource: ResourceRefSchema,
  object: ObjectName,
  type: z.enum(['json', 'merge', 'strategic']),
  /** JSON. */
  body: z.string(),
});
export type RemedyPatch = z.infer<typeof RemedyPatch>;

export const Link = z.object({ cause: z.string(), object: ObjectName, sentence: Words });
export type Link = z.infer<typeof Link>;

export const DiagnosisFinding = z.object({
  /** Id in the catalogue: `I-403`. */
  cause: z.string(),
  verdict: z.enum(['fault', 'warning']),
  confidence: z.enum(['high', 'medium', 'low']),
  object: ObjectName,
  sentence: Words,
  /** From the object that was asked about to this cause, which is the last link. */
  chain: z.array(Link).min(1),
  evidence: z.array(Evidence),
  remedy: Words,
  commands: z.array(z.string()),
  patch: RemedyPatch.nullable(),
  references: z.array(z.string()),
  /** Other objects with the same cause, folded into this finding. */
  others: z.array(ObjectName),
});
export type DiagnosisFinding = z.infer<typeof DiagnosisFinding>;

/** `unknown`: could not be read; `forbidden`: no right to read it. */
export const StepVerdict = z.enum(['ok', 'warning', 'fault', 'unknown', 'forbidden']);
export type StepVerdict = z.infer<typeof StepVerdict>;

export const DiagnosisStep = z.object({
  id: z.string(),
  title: Words,
  verdict: StepVerdict,
  /** What was looked at when nothing is wrong, what was found when something is. */
  evidence: z.array(Evidence),
  /** Causes found in this step. */
  causes: z.array(z.string()),
  /** What the step could not read. */
  unread: z.array(z.string()),
  /** The further check that it is; null where the API alone was read. */
  further: z.enum(FURTHER_CHECKS).nullable().default(null),
});
export type DiagnosisStep = z.infer<typeof DiagnosisStep>;

/** `reason`: the server's own words, or ours in both languages. */
export const Unread = z.object({ what: z.string(), forbidden: z.boolean(), reason: z.union([z.string(), Words]) });
export type Unread = z.infer<typeof Unread>;

export const DiagnosisTarget = z.object({
  clusterId: z.string().min(1),
  kind: DiagnosisKind,
  namespace: z.string().max(253).default(''),
  name: z.string().min(1).max(253),
});
export type DiagnosisTarget = z.output<typeof DiagnosisTarget>;

/** A further check that can be chosen, and the rights that these credentials lack for it: none, and it can be made. */
export const FurtherOption = z.object({ check: z.enum(FURTHER_CHECKS), missing: z.array(z.string()) });
export type FurtherOption = z.infer<typeof FurtherOption>;

/** A diagnosis with what a person has chosen beyond reading. */
export const FurtherDiagnosis = DiagnosisTarget.extend({
  further: z.array(z.enum(FURTHER_CHECKS)).min(1),
  /** Image of the pod that looks at a machine, where the usual one cannot be pulled; it needs a shell and `df`. */
  image: z.string().regex(IMAGE_NAME).optional(),
});
export type FurtherDiagnosis = z.output<typeof FurtherDiagnosis>;

export const DiagnosisReport = z.object({
  id: z.string(),
  clusterId: z.string(),
  cluster: z.string(),
  object: ObjectName,
  startedAt: z.string(),
  durationMs: z.number(),
  verdict: z.enum(['healthy', 'warning', 'fault', 'unknown']),
  conclusion: Words,
  /** Something could not be read: what is not told may still be wrong. */
  partial: z.boolean(),
  unread: z.array(Unread),
  /** Root causes, the most likely first. */
  findings: z.array(DiagnosisFinding),
  steps: z.array(DiagnosisStep),
});
export type DiagnosisReport = z.infer<typeof DiagnosisReport>;

/** A cause that a diagnosis can find, and what it is called where it is not about one object. */
export const CauseInfo = z.object({ id: z.string(), title: Words });
export type CauseInfo = z.infer<typeof CauseInfo>;

export const DiagnosisProgress = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), done: z.number(), total: z.number(), what: Words }),
  z.object({ type: z.literal('report'), report: DiagnosisReport }),
]);
export type DiagnosisProgress = z.infer<typeof DiagnosisProgress>;

export const DiagnosisSummary = DiagnosisReport.pick({
  id: true,
  clusterId: true,
  cluster: true,
  object: true,
  startedAt: true,
  verdict: true,
  conclusion: true,
  partial: true,
}).extend({ causes: z.array(z.string()) });
export type DiagnosisSummary = z.infer<typeof DiagnosisSummary>;

/** By cause and object, as against the run before of the same object. */
export const DiagnosisComparison = z.object({
  before: DiagnosisSummary.nullable(),
  appeared: z.array(Link),
  gone: z.array(Link),
  still: z.array(Link),
});
export type DiagnosisComparison = z.infer<typeof DiagnosisComparison>;

export const HealthGroup = z.object({
  cause: z.string(),
  verdict: z.enum(['fault', 'warning']),
  title: Words,
  remedy: Words,
  /** Where it was found: what can be diagnosed, with its own sentence. */
  places: z.array(
    z.object({ clusterId: z.string(), cluster: z.string(), object: ObjectName, sentence: Words, root: ObjectName }),
  ),
  clusters: z.number(),
  total: z.number(),
});
export type HealthGroup = z.infer<typeof HealthGroup>;

const Consumer = z.object({
  clusterId: z.string(),
  cluster: z.string(),
  object: ObjectName,
  pods: z.number(),
  /** Cores and bytes in use. */
  cpu: z.number(),
  memory: z.number(),
});
export const WarningEvent = z.object({
  clusterId: z.string(),
  cluster: z.string(),
  object: ObjectName,
  reason: z.string(),
  message: z.string(),
  count: z.number(),
  last: z.string().nullable(),
});
export type WarningEvent = z.infer<typeof WarningEvent>;

export const FleetConsumers = z.object({
  /** Workloads that take most; bare pods are themselves. */
  cpu: z.array(Consumer),
  memory: z.array(Consumer),
  /** By the share of CPU or memory that their pods use, the fuller of both. */
  nodes: z.array(Consumer.extend({ cpuAllocatable: z.number(), memoryAllocatable: z.number() })),
  /** Newest first, one for each object and reason. */
  events: z.array(WarningEvent),
});
export type FleetConsumers = z.infer<typeof FleetConsumers>;

export const FleetHealth = z.object({
  at: z.string(),
  groups: z.array(HealthGroup),
  consumers: FleetConsumers,
  clusters: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      state: z.enum(['waiting', 'reading', 'done', 'failed']),
      unhealthy: z.number(),
      checked: z.number(),
      /** What could not be read there: the rest was judged without it. */
      unread: z.array(Unread),
      error: AppErrorShape.nullable(),
    }),
  ),
});
export type FleetHealth = z.infer<typeof FleetHealth>;

export const ExportFormat = z.enum(TICKET_FORMATS);
export type ExportFormat = z.infer<typeof ExportFormat>;

const ReportId = z.object({ id: z.string().min(1).max(64) });

export interface DiagnosisService {
  /** The catalogue. */
  causes(): CauseInfo[];
  /** Reads the cluster and judges it; the last event is the report, which is kept. Nothing is written to the cluster. */
  run(target: DiagnosisTarget, signal: AbortSignal | undefined): AsyncIterable<DiagnosisProgress>;
  /** What may be chosen for the object beyond reading; asks the cluster for rights alone. */
  further(target: DiagnosisTarget, signal: AbortSignal | undefined): Promise<FurtherOption[]>;
  /** As `run`, with what was chosen: `machine` creates a pod on the node and deletes it again. */
  runFurther(target: FurtherDiagnosis, signal: AbortSignal | undefined): AsyncIterable<DiagnosisProgress>;
  /** Newest first; of one object when a target is given. */
  history(input: { target?: DiagnosisTarget | undefined; limit: number }): DiagnosisSummary[];
  get(input: { id: string }): DiagnosisReport;
  compare(input: { id: string }): DiagnosisComparison;
  remove(input: { id: string }): void;
  /** For a ticket: text of the file and the name it should have. What looks like a secret is masked. */
  export(input: { id: string; format: ExportFormat; language: 'zh' | 'en' }): { name: string; text: string };
  /** The patch of a finding, applied or tried: the object before and after. */
  applyPatch(input: {
    id: string;
    finding: number;
    dryRun: boolean;
  }): Promise<{ before: KubeObject; after: KubeObject }>;
  /** What is unhealthy now over all clusters that run; grows while they are read, ends when all are. */
  health(input: { clusterIds?: string[] | undefined }, signal: AbortSignal | undefined): AsyncIterable<FleetHealth>;
}

export const diagnosisRouter = router({
  causes: read.output(z.array(CauseInfo)).query(({ ctx }) => ctx.services.diagnosis.causes()),
  run: read.input(DiagnosisTarget).subscription(async function* ({ ctx, input, signal }) {
    for await (const event of ctx.services.diagnosis.run(input, signal)) yield DiagnosisProgress.parse(event);
  }),
  further: read
    .input(DiagnosisTarget)
    .output(z.array(FurtherOption))
    .query(({ ctx, input, signal }) => ctx.services.diagnosis.further(input, signal)),
  runFurther: write.input(FurtherDiagnosis).subscription(async function* ({ ctx, input, signal }) {
    for await (const event of ctx.services.diagnosis.runFurther(input, signal)) yield DiagnosisProgress.parse(event);
  }),
  history: read
    .input(
      z.object({ target: DiagnosisTarget.optional(), limit: z.number().int().min(1).max(500).default(100) }).default({
        limit: 100,
      }),
    )
    .output(z.array(DiagnosisSummary))
    .query(({ ctx, input }) => ctx.services.diagnosis.history(input)),
  get: read
    .input(ReportId)
    .output(DiagnosisReport)
    .query(({ ctx, input }) => ctx.services.diagnosis.get(input)),
  compare: read
    .input(ReportId)
    .output(DiagnosisComparison)
    .query(({ ctx, input }) => ctx.services.diagnosis.compare(input)),
  remove: write.input(ReportId).mutation(({ ctx, input }) => ctx.services.diagnosis.remove(input)),
  export: read
    .input(ReportId.extend({ format: ExportFormat, language: z.enum(['zh', 'en']) }))
    .output(z.object({ name: z.string(), text: z.string() }))
    .query(({ ctx, input }) => ctx.services.diagnosis.export(input)),
  applyPatch: write
    .input(ReportId.extend({ finding: z.number().int().min(0).max(1000), dryRun: z.boolean() }))
    .output(z.object({ before: KubeObjectSchema, after: KubeObjectSchema }))
    .mutation(({ ctx, input }) => ctx.services.diagnosis.applyPatch(input)),
  health: read.input(z.object({ clusterIds: z.array(z.string()).max(1000).optional() })).subscription(async function* ({
    ctx,
    input,
    signal,
  }) {
    for await (const state of ctx.services.diagnosis.health(input, signal)) yield FleetHealth.parse(state);
  }),
});
