/**
 * Area `federationRuns`: operations on a federation that take their time (M7, M8). A shift moves workloads between
 * members by changing weights step by step; a drill cuts a member off and measures the take-over. Both go on after a
 * restart of the engine, and both can be taken back.
 */
import { z } from 'zod';
import { read, router, write } from './base.ts';
import { AppErrorShape } from './error-shape.ts';
import { FederatedObjectName, Placed } from './federation-decisions.ts';

/**
 * `running`; `waiting` for a person's word to go on; `paused` by a person or by a rule; `reverting`: on the way back;
 * `restoring`: a drill puts right what it has changed. The rest are ends.
 */
export const RunState = z.enum([
  'running',
  'waiting',
  'paused',
  'reverting',
  'restoring',
  'done',
  'reverted',
  'failed',
]);
export type RunState = z.infer<typeof RunState>;

/** Why it stands still or has failed, in words of the catalogue: `runs.reasons.<code>`. */
export const RunReason = z.object({
  code: z.enum([
    'notReadyInTime',
    'lostReplicas',
    'memberLost',
    'policyGone',
    'policyChanged',
    'notNoticed',
    'notTakenOver',
    'notBack',
    'notBalanced',
    'stopped',
    'error',
  ]),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  error: AppErrorShape.nullable(),
});
export type RunReason = z.infer<typeof RunReason>;

const Weights = z.record(z.string(), z.number().int().min(0).max(1000));

export const ShiftStep = z.object({
  weights: Weights,
  /** Replicas in each member that these weights give, over all workloads of the policy. */
  replicas: z.array(Placed),
  appliedAt: z.string().nullable(),
  /** Everything runs where it shall. */
  settledAt: z.string().nullable(),
  /** Lowest share of ready replicas seen since it was applied, percent. */
  lowestReady: z.number().nullable(),
});
export type ShiftStep = z.infer<typeof ShiftStep>;

const Common = z.object({
  id: z.string(),
  federationId: z.string(),
  state: RunState,
  reason: RunReason.nullable(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
});

export const Shift = Common.extend({
  kind: z.literal('shift'),
  /** `namespace/name` of the PropagationPolicy, or the ClusterPropagationPolicy's name. */
  policy: z.string(),
  steps: z.array(ShiftStep),
  /** Index of the step that is being done or was done last; -1 before the first. */
  at: z.number(),
  observeSeconds: z.number(),
  manual: z.boolean(),
  abort: z.object({ minReadyPercent: z.number(), patienceSeconds: z.number(), otherwise: z.enum(['pause', 'back']) }),
  retire: z.boolean(),
  /** Since when too few replicas are ready. */
  lowSince: z.string().nullable(),
});
export type Shift = z.infer<typeof Shift>;

/** In this order. `at` null: not yet; a phase that does not concern the drill is left out. */
export const DrillPhase = z.enum([
  'deployed',
  'ready',
  'cut',
  'noticed',
  'evicted',
  'takenOver',
  'restored',
  'back',
  'balanced',
  'cleaned',
]);
export type DrillPhase = z.infer<typeof DrillPhase>;

export const Drill = Common.extend({
  kind: z.literal('drill'),
  cluster: z.string(),
  /** `fault`: a simulated cluster is made unreachable; `eviction`: only the workloads of the drill are moved away, as if it were lost. */
  how: z.enum(['fault', 'eviction']),
  /** The drill brings a workload of its own; null: it uses what is distributed already. */
  sample: FederatedObjectName.nullable(),
  workloads: z.array(FederatedObjectName),
  guided: z.boolean(),
  quick: z.boolean(),
  phases: z.array(z.object({ phase: DrillPhase, at: z.string().nullable() })),
  /** Placement of the workloads together: at first, when the member was lost, and at the end. */
  before: z.array(Placed),
  during: z.array(Placed),
  after: z.array(Placed),
  /** Fewest ready replicas seen while the member was lost, of how many. */
  lowest: z.object({ ready: z.number(), wanted: z.number() }).nullable(),
});
export type Drill = z.infer<typeof Drill>;

export const Run = z.discriminatedUnion('kind', [Shift, Drill]);
export type Run = z.infer<typeof Run>;

export const ShiftInput = z.object({
  id: z.string(),
  policy: z.string(),
  /** Weights of the end; members that are not named get nothing. */
  to: Weights,
  steps: z.number().int().min(1).max(20).default(4),
  /** How long everything must be well before the next step. By default longer than it takes to notice that a member is lost. */
  observeSeconds: z.number().int().min(0).max(86_400).default(60),
  /** Each further step waits for a person. */
  manual: z.boolean().default(false),
  abort: z
    .object({
      minReadyPercent: z.number().min(0).max(100),
      /** How long it may take until a step runs, and how long too few replicas may be ready. */
      patienceSeconds: z.number().int().min(5).max(86_400),
      otherwise: z.enum(['pause', 'back']),
    })
    .default({ minReadyPercent: 80, patienceSeconds: 300, otherwise: 'pause' }),
  /** What is left without weight is deleted there, also under a policy that otherwise keeps copies. */
  retire: z.boolean().default(true),
});

export const ShiftPlan = z.object({
  /** Present weights, as they are or as the present replicas say. */
  from: Weights,
  steps: z.array(ShiftStep.pick({ weights: true, replicas: true })),
  workloads: z.array(FederatedObjectName),
  problems: z.array(AppErrorShape),
});
export type ShiftPlan = z.infer<typeof ShiftPlan>;

export const DrillInput = z.object({
  id: z.string(),
  cluster: z.string(),
  how: z.enum(['fault', 'eviction']),
  /** Without any the drill brings a small one of its own, one to one over two members. */
  workloads: z.array(FederatedObjectName).max(100).default([]),
  guided: z.boolean().default(false),
  /** Shortens the times until a member is given up for the drill, and puts them back afterwards. */
  quick: z.boolean().default(true),
});

/** `next`: go on from `waiting` or `paused`; `back`: one step back; `revert`: all of it; `stop`: a drill puts all right and ends. */
export const RunAction = z.enum(['pause', 'next', 'back', 'revert', 'stop', 'finish']);
export type RunAction = z.infer<typeof RunAction>;

const ById = z.object({ id: z.string() });
export const RunActInput = z.object({ runId: z.string(), action: RunAction });

/** All throw AppError NOT_FOUND for an unknown federation or run, REFUSED for what makes no sense now. */
export interface FederationRunsService {
  /** Newest first. */
  watch(input: { id: string }, signal: AbortSignal | undefined): AsyncIterable<Run[]>;
  /** Writes nothing. */
  planShift(input: z.output<typeof ShiftInput>): Promise<ShiftPlan>;
  startShift(input: z.output<typeof ShiftInput>): Promise<Run>;
  /** Members that can be cut off by a fault; the others only by a mark. */
  cuttable(input: { id: string }): Promise<string[]>;
  startDrill(input: z.output<typeof DrillInput>): Promise<Run>;
  act(input: z.output<typeof RunActInput>): Promise<Run>;
  /** Forgets one that has ended. */
  remove(input: { runId: string }): Promise<void>;
}

export const federationRunsRouter = router({
  watch: read.input(ById).subscription(async function* ({ ctx, input, signal }) {
    for await (const runs of ctx.services.federationRuns.watch(input, signal)) yield z.array(Run).parse(runs);
  }),
  planShift: read
    .input(ShiftInput)
    .output(ShiftPlan)
    .mutation(({ ctx, input }) => ctx.services.federationRuns.planShift(input)),
  startShift: write
    .input(ShiftInput)
    .output(Run)
    .mutation(({ ctx, input }) => ctx.services.federationRuns.startShift(input)),
  cuttable: read
    .input(ById)
    .output(z.array(z.string()))
    .query(({ ctx, input }) => ctx.services.federationRuns.cuttable(input)),
  startDrill: write
    .input(DrillInput)
    .output(Run)
    .mutation(({ ctx, input }) => ctx.services.federationRuns.startDrill(input)),
  act: write
    .input(RunActInput)
    .output(Run)
    .mutation(({ ctx, input }) => ctx.services.federationRuns.act(input)),
  remove: write
    .input(z.object({ runId: z.string() }))
    .mutation(({ ctx, input }) => ctx.services.federationRuns.remove(input)),
});
