/**
 * Area `inspection`: rules over the objects of clusters, run now or on a schedule, and what they found (feature C16).
 * Findings stay in the engine; a page asks for the groups and findings it shows.
 */
import { z } from 'zod';
import { EXPORT_FORMATS, REPORT_VIEWS, RULE_SETS, RULE_TYPES, SEVERITIES } from '../inspection.ts';
import type { Said as SaidShape } from '../inspection-evidence.ts';
import { read, router, write } from './base.ts';
import { AppErrorShape } from './error-shape.ts';
import { KubeObjectSchema } from './kube-object.ts';
import { ObjectRef } from './resources.ts';
import { Target } from './views.ts';

export const Severity = z.enum(SEVERITIES);
export type Severity = z.infer<typeof Severity>;
export const RuleType = z.enum(RULE_TYPES);
export type RuleType = z.infer<typeof RuleType>;
export const RuleSet = z.enum(RULE_SETS);
export type RuleSet = z.infer<typeof RuleSet>;

export const RuleTexts = z.object({ title: z.string(), impact: z.string(), remedy: z.string() });
export type RuleTexts = z.infer<typeof RuleTexts>;

/** A number in a rule that a person may set. */
export const Threshold = z.object({
  default: z.number(),
  min: z.number(),
  max: z.number(),
  unit: z.enum(['days', 'percent', 'count', 'hours']),
});
export type Threshold = z.infer<typeof Threshold>;

export const RuleInfo = z.object({
  id: z.string(),
  sets: z.array(RuleSet),
  type: RuleType,
  severity: Severity,
  texts: z.object({ zh: RuleTexts, en: RuleTexts }),
  references: z.array(z.string()),
  threshold: Threshold.nullable(),
});
export type RuleInfo = z.infer<typeof RuleInfo>;

export const RuleSetting = z.object({
  enabled: z.boolean().optional(),
  severity: Severity.optional(),
  threshold: z.number().optional(),
});
export type RuleSetting = z.infer<typeof RuleSetting>;

export const InspectionConfig = z.object({
  sets: z.record(RuleSet, z.boolean()),
  /** By rule id: what differs from the rule's own. */
  rules: z.record(z.string(), RuleSetting),
  /** Finished reports kept for each scope. */
  keep: z.number().int().min(1).max(500),
  /** Requests that one inspection sends to one API server in a second, at most. */
  requestsPerSecond: z.number().int().min(1).max(200),
  /** Clusters inspected at the same time. */
  clustersAtOnce: z.number().int().min(1).max(16),
});
export type InspectionConfig = z.infer<typeof InspectionConfig>;

/** A finding that somebody has looked at and accepts. Empty lists mean: any. */
export const ExemptionInput = z.object({
  rules: z.array(z.string()).max(200).default([]),
  clusters: z.array(z.string()).max(500).default([]),
  namespaces: z.array(z.string()).max(500).default([]),
  kinds: z.array(z.string()).max(50).default([]),
  /** `*` at the end: all names that begin so. */
  names: z.array(z.string()).max(500).default([]),
  /** Labels that the object must all carry: `key=value`, or `key` for any value. */
  labels: z.array(z.string().min(1).max(320)).max(50).default([]),
  reason: z.string().trim().min(1).max(500),
  /** ISO time; null: without end. */
  until: z.string().nullable().default(null),
});
export const Exemption = ExemptionInput.extend({
  id: z.string(),
  author: z.string(),
  createdAt: z.string(),
  /** Comes with the product: what every cluster has in kube-system. */
  builtIn: z.boolean(),
});
export type Exemption = z.infer<typeof Exemption>;

/** What is inspected together. A federation is its control plane and its members. */
export const InspectionScope = z.object({ kind: z.enum(['cluster', 'fleet', 'federation']), id: z.string() });
export type InspectionScope = z.infer<typeof InspectionScope>;

export const Tally = z.object({
  /** Pairs of object and rule that were looked at. */
  evaluated: z.number(),
  /** Of those, by the worst that was found. */
  danger: z.number(),
  warning: z.number(),
  notice: z.number(),
});
export type Tally = z.infer<typeof Tally>;

export const Score = z.object({ value: z.number(), grade: z.enum(['A', 'B', 'C', 'D', 'E', 'F']) });
export type Score = z.infer<typeof Score>;

/** Something the rules needed and did not get: they are told as not checked, never as passed. */
export const NotChecked = z.object({
  /** `nodes`, `pods.metrics.k8s.io`, `serving certificate`. */
  resource: z.string(),
  why: z.enum(['forbidden', 'notServed', 'failed']),
  reason: z.string(),
  rules: z.array(z.string()),
});
export type NotChecked = z.infer<typeof NotChecked>;

export const TargetInspection = z.object({
  target: Target,
  name: z.string(),
  state: z.enum(['waiting', 'reading', 'checking', 'done', 'partial', 'failed', 'cancelled']),
  version: z.string().nullable(),
  objects: z.number(),
  /** Kinds of objects read, of all that have to be. */
  read: z.object({ done: z.number(), total: z.number() }),
  tally: Tally,
  /** Findings that are accepted. */
  exempt: z.number(),
  score: Score.nullable(),
  notChecked: z.array(NotChecked),
  error: AppErrorShape.nullable(),
});
export type TargetInspection = z.infer<typeof TargetInspection>;

export const InspectionRun = z.object({
  id: z.string(),
  scope: InspectionScope,
  /** Name of the scope when it ran. */
  name: z.string(),
  trigger: z.enum(['person', 'schedule']),
  /** `interrupted`: the engine ended meanwhile. `partial`: something could not be read. */
  state: z.enum(['running', 'done', 'partial', 'failed', 'cancelled', 'interrupted']),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  tally: Tally,
  exempt: z.number(),
  score: Score.nullable(),
  targets: z.array(TargetInspection),
});
export type InspectionRun = z.infer<typeof InspectionRun>;

export const ScheduleInput = z.object({
  id: z.string().optional(),
  scope: InspectionScope,
  /** Five fields as in crontab(5). */
  cron: z.string().trim().min(1).max(120),
  /** IANA name: `Asia/Shanghai`. */
  timeZone: z.string().min(1).max(64),
  enabled: z.boolean().default(true),
});
export const InspectionSchedule = ScheduleInput.extend({
  id: z.string(),
  enabled: z.boolean(),
  /** Name of the scope now; null when it is gone. */
  name: z.string().nullable(),
  nextRun: z.string().nullable(),
  lastRun: z.string().nullable(),
  createdAt: z.string(),
});
export type InspectionSchedule = z.infer<typeof InspectionSchedule>;

export const InspectionState = z.object({
  /** Newest first. */
  runs: z.array(InspectionRun),
  schedules: z.array(InspectionSchedule),
  /** Those of the product first. */
  exemptions: z.array(Exemption),
});
export type InspectionState = z.infer<typeof InspectionState>;

/** Empty lists: everything. */
export const ReportFilter = z.object({
  severities: z.array(Severity).default([]),
  types: z.array(RuleType).default([]),
  namespaces: z.array(z.string()).default([]),
  rules: z.array(z.string()).default([]),
  clusters: z.array(z.string()).default([]),
  text: z.string().max(200).default(''),
  /** `current`: new and still; `fixed`: only in the report before; `exempt`: accepted. */
  change: z.enum(REPORT_VIEWS).default('current'),
});
export type ReportFilter = z.infer<typeof ReportFilter>;

/** As the cluster says it, or a sentence of ours with its values: see `evidenceText`. */
const Said: z.ZodType<SaidShape> = z.object({
  says: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.lazy(() => Said)])),
});
const Evidence = z.union([z.string(), Said]);

export const ReportFinding = z.object({
  key: z.string(),
  target: Target,
  cluster: z.string(),
  apiVersion: z.string(),
  namespace: z.string(),
  kind: z.string(),
  name: z.string(),
  /** The object a person edits, when the finding is about something it made: a Pod of a Deployment. */
  owner: z.object({ kind: z.string(), name: z.string() }),
  rule: z.string(),
  type: RuleType,
  severity: Severity,
  container: z.string(),
  field: z.string(),
  evidence: Evidence,
  change: z.enum(['new', 'still', 'fixed']),
  exemption: z.object({ id: z.string(), reason: z.string(), until: z.string().nullable() }).nullable(),
  /** A patch is ready. */
  fixable: z.boolean(),
});
export type ReportFinding = z.infer<typeof ReportFinding>;

export const ReportGroup = z.object({
  key: z.string(),
  /** Of the object; empty for a group of one rule. */
  cluster: z.string(),
  namespace: z.string(),
  kind: z.string(),
  name: z.string(),
  severity: Severity,
  rules: z.array(z.object({ id: z.string(), severity: Severity })),
  objects: z.number(),
  findings: z.number(),
  danger: z.number(),
  warning: z.number(),
  notice: z.number(),
  fresh: z.number(),
  fixable: z.number(),
});
export type ReportGroup = z.infer<typeof ReportGroup>;

const Facet = z.array(z.object({ value: z.string(), count: z.number() }));
export const InspectionReport = z.object({
  run: InspectionRun,
  /** With the exemptions in force now. */
  score: Score,
  tally: Tally,
  byType: z.array(Tally.extend({ type: RuleType, score: Score })),
  byCluster: z.array(Tally.extend({ cluster: z.string(), score: Score, types: z.record(z.string(), z.number()) })),
  counts: z.object({
    current: z.number(),
    new: z.number(),
    still: z.number(),
    fixed: z.number(),
    exempt: z.number(),
  }),
  /** The report this one is compared with. */
  previous: z.object({ id: z.string(), startedAt: z.string(), score: Score.nullable() }).nullable(),
  facets: z.object({ severities: Facet, types: Facet, namespaces: Facet, rules: Facet, clusters: Facet }),
  groups: z.array(ReportGroup),
  /** Groups there are; `groups` holds the worst of them. */
  total: z.number(),
});
export type InspectionReport = z.infer<typeof InspectionReport>;

export const ReportQuery = z.object({
  id: z.string(),
  filter: ReportFilter,
  by: z.enum(['object', 'rule']).default('object'),
});
export const ExportQuery = z.object({
  id: z.string(),
  format: z.enum(EXPORT_FORMATS),
  language: z.enum(['zh', 'en']),
});
export const ExportedFile = z.object({ name: z.string(), mediaType: z.string(), text: z.string() });
export type ExportedFile = z.infer<typeof ExportedFile>;

export const FixPreview = z.object({
  ref: ObjectRef,
  before: KubeObjectSchema,
  /** What the server would make of it: the answer to a dry run. */
  after: KubeObjectSchema,
  warnings: z.array(z.string()),
  /** Who writes the object and would take the change back: `Helm`, `Argo CD`, `Flux`, `a federation`. */
  managedBy: z.string().nullable(),
});
export type FixPreview = z.infer<typeof FixPreview>;

export interface InspectionService {
  rules(): RuleInfo[];
  config(): InspectionConfig;
  updateConfig(config: InspectionConfig): InspectionConfig;
  addExemption(input: z.output<typeof ExemptionInput>, author: string): Exemption;
  removeExemption(id: string): void;
  watch(signal: AbortSignal | undefined): AsyncIterable<InspectionState>;
  /** Begins in the background. A scope that is being inspected is not begun twice: the run under way is returned. */
  start(scope: InspectionScope): InspectionRun;
  cancel(id: string): void;
  remove(id: string): void;
  saveSchedule(input: z.output<typeof ScheduleInput>): InspectionSchedule;
  removeSchedule(id: string): void;
  report(query: z.output<typeof ReportQuery>): Promise<InspectionReport>;
  /** Findings of one group of the report, at most 500. */
  findings(query: z.output<typeof ReportQuery> & { group: string }): Promise<ReportFinding[]>;
  /** What fixing these findings, all about one object, would change; nothing is written. */
  fix(input: { id: string; keys: string[] }): Promise<FixPreview>;
  export(query: z.output<typeof ExportQuery>): Promise<ExportedFile>;
}

const ById = z.object({ id: z.string() });

export const inspectionRouter = router({
  rules: read.output(z.array(RuleInfo)).query(({ ctx }) => ctx.services.inspection.rules()),
  config: read.output(InspectionConfig).query(({ ctx }) => ctx.services.inspection.config()),
  updateConfig: write
    .input(InspectionConfig)
    .output(InspectionConfig)
    .mutation(({ ctx, input }) => ctx.services.inspection.updateConfig(input)),
  addExemption: write
    .input(ExemptionInput)
    .output(Exemption)
    .mutation(({ ctx, input }) => ctx.services.inspection.addExemption(input, ctx.operator.name)),
  removeExemption: write.input(ById).mutation(({ ctx, input }) => ctx.services.inspection.removeExemption(input.id)),
  watch: read.subscription(async function* ({ ctx, signal }) {
    for await (const state of ctx.services.inspection.watch(signal)) yield InspectionState.parse(state);
  }),
  start: write
    .input(z.object({ scope: InspectionScope }))
    .output(InspectionRun)
    .mutation(({ ctx, input }) => ctx.services.inspection.start(input.scope)),
  cancel: write.input(ById).mutation(({ ctx, input }) => ctx.services.inspection.cancel(input.id)),
  remove: write.input(ById).mutation(({ ctx, input }) => ctx.services.inspection.remove(input.id)),
  saveSchedule: write
    .input(ScheduleInput)
    .output(InspectionSchedule)
    .mutation(({ ctx, input }) => ctx.services.inspection.saveSchedule(input)),
  removeSchedule: write.input(ById).mutation(({ ctx, input }) => ctx.services.inspection.removeSchedule(input.id)),
  report: read
    .input(ReportQuery)
    .output(InspectionReport)
    .query(({ ctx, input }) => ctx.services.inspection.report(input)),
  findings: read
    .input(ReportQuery.extend({ group: z.string() }))
    .output(z.array(ReportFinding))
    .query(({ ctx, input }) => ctx.services.inspection.findings(input)),
  // Reads the object and asks for a dry run: needs the right to change, as the server will say too.
  fix: write
    .input(z.object({ id: z.string(), keys: z.array(z.string()).min(1).max(200) }))
    .output(FixPreview)
    .mutation(({ ctx, input }) => ctx.services.inspection.fix(input)),
  export: read
    .input(ExportQuery)
    .output(ExportedFile)
    .query(({ ctx, input }) => ctx.services.inspection.export(input)),
});
