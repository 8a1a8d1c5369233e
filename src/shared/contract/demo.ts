/** Area `demo`: faults of simulated clusters, started and ended on demand (features T3, T4). Only in demo mode. */
import { z } from 'zod';
import { read, router, write } from './base.ts';

export const FaultId = z.enum([
  // the API server
  'api-unreachable',
  'api-slow',
  'api-errors',
  'api-throttled',
  'certificate-expiring',
  'clock-skew',
  'webhook-failing',
  // nodes and storage
  'node-not-ready',
  'node-pressure',
  'volume-pending',
  // workloads
  'image-missing',
  'image-forbidden',
  'crash-loop',
  'out-of-memory',
  'readiness-failing',
  'liveness-failing',
  'startup-failing',
  // what a diagnosis has to explain
  'case',
]);
export type FaultId = z.infer<typeof FaultId>;

/**
 * What a fault is aimed at: the whole cluster, one node, one workload (`namespace/kind/name`) or all of a namespace
 * (`namespace/name`), or a case by its id.
 */
export const FaultScope = z.enum(['cluster', 'node', 'workload', 'case']);
export type FaultScope = z.infer<typeof FaultScope>;

/** Its label is the text `demo.parameters.<name>`. */
export const FaultParameter = z.discriminatedUnion('type', [
  z.object({
    name: z.enum(['delay', 'rate', 'days', 'offset']),
    type: z.literal('number'),
    /** Text `demo.units.<unit>`. */
    unit: z.enum(['milliseconds', 'percent', 'days', 'seconds']),
    min: z.number(),
    max: z.number(),
    initial: z.number(),
  }),
  z.object({
    name: z.enum(['port', 'status', 'node', 'resource']),
    type: z.literal('choice'),
    /** Texts `demo.choices.<choice>`. */
    choices: z.array(z.enum(['closed', 'silent', '500', '503', 'down', 'not-ready', 'memory', 'disk', 'pid'])),
    initial: z.string(),
  }),
]);
export type FaultParameter = z.infer<typeof FaultParameter>;

export const FaultValues = z.record(z.string(), z.union([z.number(), z.string()]));
export type FaultValues = z.infer<typeof FaultValues>;

/** One kind of fault. Texts: `demo.faults.<id>.title`, `.does`, `.see`. */
export const FaultKind = z.object({
  id: FaultId,
  scope: FaultScope,
  /** Whether it takes a target: also where it concerns the whole cluster without one. */
  aimed: z.boolean(),
  parameters: z.array(FaultParameter),
});
export type FaultKind = z.infer<typeof FaultKind>;

export const ActiveFault = z.object({
  /** `<cluster>/<fault>` or `<cluster>/<fault>/<target>`: one fault can be active once per target. */
  id: z.string(),
  fault: FaultId,
  cluster: z.string(),
  /** Name of the node, `namespace/kind/name` or `kind/name`; null where the cluster is meant. */
  target: z.string().nullable(),
  values: FaultValues,
  since: z.string(),
  /** When it ends by itself. */
  until: z.string().nullable(),
  /** `command`: started here or on the command line; `annotation`: somebody annotated the object. */
  by: z.enum(['command', 'annotation']),
});
export type ActiveFault = z.infer<typeof ActiveFault>;

export const DemoState = z.object({
  clusters: z.array(z.string()),
  faults: z.array(FaultKind),
  active: z.array(ActiveFault),
});
export type DemoState = z.infer<typeof DemoState>;

/** What a fault can be aimed at in one cluster; `initial` is taken when nothing is named, null: the whole cluster. */
export const FaultTargets = z.object({ targets: z.array(z.string()), initial: z.string().nullable() });
export type FaultTargets = z.infer<typeof FaultTargets>;

export const StartFault = z.object({
  fault: FaultId,
  cluster: z.string().min(1),
  target: z.string().min(1).max(700).optional(),
  values: FaultValues.default({}),
  /** Ends by itself after so long. */
  forSeconds: z.number().int().min(1).max(2_592_000).optional(),
});
export type StartFault = z.infer<typeof StartFault>;

/** Outside demo mode everything is refused with UNSUPPORTED. */
export interface DemoService {
  watch(signal: AbortSignal | undefined): AsyncIterable<DemoState>;
  targets(input: { cluster: string; fault: FaultId }): Promise<FaultTargets>;
  /** Started again, a fault takes the new values and time. */
  start(input: StartFault): Promise<ActiveFault>;
  /** One that is not active any more is fine. */
  stop(input: { id: string }): Promise<void>;
}

export const demoRouter = router({
  watch: read.subscription(async function* ({ ctx, signal }) {
    for await (const state of ctx.services.demo.watch(signal)) yield DemoState.parse(state);
  }),
  targets: read
    .input(z.object({ cluster: z.string(), fault: FaultId }))
    .output(FaultTargets)
    .query(({ ctx, input }) => ctx.services.demo.targets(input)),
  startFault: write
    .input(StartFault)
    .output(ActiveFault)
    .mutation(({ ctx, input }) => ctx.services.demo.start(input)),
  stopFault: write.input(z.object({ id: z.string() })).mutation(({ ctx, input }) => ctx.services.demo.stop(input)),
});
