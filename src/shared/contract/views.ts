/**
 * Area `views`: live queries over one or several API servers (design 5). The renderer says what it shows; the engine
 * keeps the index and sends the visible window, the total and the freshness, then deltas batched at 50-100 ms.
 */
import { z } from 'zod';
import { read, router } from './base.ts';
import { AppErrorShape } from './error-shape.ts';

/** One API server: a registered cluster or a federation's control plane. */
export const Target = z.object({ kind: z.enum(['cluster', 'federation']), id: z.string() });
export type Target = z.infer<typeof Target>;

export const ResourceRefSchema = z.object({ group: z.string(), version: z.string(), resource: z.string() });

export const ViewQuery = z.object({
  targets: z.array(Target).min(1).max(200),
  resource: ResourceRefSchema,
  /** Empty: all namespaces. */
  namespaces: z.array(z.string()).max(200).default([]),
  /** Terms that must all hold: words, `label:key=value`, `status:word`, `restarts>5` ... (engine/views/filter.ts). */
  filter: z.string().max(500).default(''),
  /** By a column's id, or by `name`, `namespace` or `target`, which are fields of every row rather than columns. */
  sort: z.object({ column: z.string(), descending: z.boolean() }).default({ column: 'name', descending: false }),
  /** Rows with the same value stay together: a column's id, `namespace`, `target`, `level` or `label:<key>`; empty: none. */
  group: z.string().max(400).default(''),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(500).default(100),
});
export type ViewQuery = z.input<typeof ViewQuery>;

export const ViewColumn = z.object({
  id: z.string(),
  /** Kubernetes' own column header (`Ready`, `Up-to-date`); the interface translates the few it has words for. */
  title: z.string(),
  kind: z.enum(['text', 'number', 'age', 'status', 'quantity']),
  /** 0 always shown, 1 in the wide view, as in a Table's priority. */
  priority: z.number().default(0),
});
export type ViewColumn = z.infer<typeof ViewColumn>;

export const ViewRow = z.object({
  /** Unique over all targets: `<target kind>/<target id>/<uid>`. */
  key: z.string(),
  target: Target,
  uid: z.string(),
  namespace: z.string(),
  name: z.string(),
  /** One per column, in column order. Ages are ISO times; the renderer formats them. */
  cells: z.array(z.union([z.string(), z.number(), z.null()])),
  level: z.enum(['ok', 'progressing', 'warning', 'error', 'none']),
});
export type ViewRow = z.infer<typeof ViewRow>;

/** One group of a grouped view and how many rows it has. */
export const ViewGroup = z.object({ value: z.string(), count: z.number() });
export type ViewGroup = z.infer<typeof ViewGroup>;

export const Freshness = z.object({
  target: Target,
  state: z.enum(['connecting', 'catchingUp', 'live', 'stale', 'disconnected', 'forbidden', 'unknownResource']),
  /** ISO time since when. */
  since: z.string(),
  reason: AppErrorShape.nullable(),
  /** Objects known from this target. */
  count: z.number(),
  /** Where not everything may be listed: the namespaces that are looked at. */
  within: z.array(z.string()).optional(),
});
export type Freshness = z.infer<typeof Freshness>;

export const ViewEvent = z.discriminatedUnion('type', [
  /** First event, and whenever columns, filter, sort or window change. */
  z.object({
    type: z.literal('reset'),
    columns: z.array(ViewColumn),
    namespaces: z.array(z.string()),
    total: z.number(),
    offset: z.number(),
    rows: z.array(ViewRow),
    freshness: z.array(Freshness),
    /** Null when nothing is grouped; at most a hundred, the largest first. */
    groups: z.array(ViewGroup).nullable(),
  }),
  /** `order` are the keys of the whole visible window; `rows` those of it that are new or changed. */
  z.object({
    type: z.literal('delta'),
    total: z.number(),
    order: z.array(z.string()),
    rows: z.array(ViewRow),
    freshness: z.array(Freshness).nullable(),
    namespaces: z.array(z.string()).nullable(),
    groups: z.array(ViewGroup).nullable(),
  }),
]);
export type ViewEvent = z.infer<typeof ViewEvent>;

export const ExportFormat = z.enum(['csv', 'json', 'yaml']);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** Which rows of an open view: these keys, else all that match. */
const RowChoice = { viewId: z.string(), keys: z.array(z.string().max(400)).max(20_000).optional() };

export const ExportInput = z.object({
  ...RowChoice,
  format: ExportFormat,
  /** CSV only: these columns (`name`, `namespace`, `target` or ids), in this order; left out: all. */
  columns: z.array(z.string()).max(100).optional(),
});
export type ExportInput = z.infer<typeof ExportInput>;

export const Exported = z.object({
  text: z.string(),
  count: z.number(),
  /** Rows that were chosen but are not in it: more than a text can hold, or gone meanwhile. */
  left: z.number(),
});
export type Exported = z.infer<typeof Exported>;

export const RowRef = z.object({ key: z.string(), target: Target, namespace: z.string(), name: z.string() });
export type RowRef = z.infer<typeof RowRef>;

export interface ViewsService {
  /** Lives until the signal aborts; `viewId` is chosen by the caller so that `change` can refer to it. */
  open(
    input: { viewId: string; query: z.output<typeof ViewQuery> },
    signal: AbortSignal | undefined,
  ): AsyncIterable<ViewEvent>;
  /** Moves the window, or changes filter, sort or namespaces, of an open view without a new connection. */
  change(input: {
    viewId: string;
    offset?: number | undefined;
    limit?: number | undefined;
    filter?: string | undefined;
    namespaces?: string[] | undefined;
    sort?: { column: string; descending: boolean } | undefined;
    group?: string | undefined;
  }): void;
  /** The rows as a text: CSV of what the table shows, JSON or YAML of the objects themselves (Secrets masked). */
  export(input: ExportInput, signal: AbortSignal | undefined): Promise<Exported>;
  /** What is behind the rows, in order: for doing something with all that match, seen or not. */
  pick(input: { viewId: string; keys?: string[] | undefined; limit: number }): RowRef[];
}

export const viewsRouter = router({
  open: read.input(z.object({ viewId: z.string().min(8).max(64), query: ViewQuery })).subscription(async function* ({
    ctx,
    input,
    signal,
  }) {
    for await (const event of ctx.services.views.open(input, signal)) yield ViewEvent.parse(event);
  }),
  change: read
    .input(
      z.object({
        viewId: z.string(),
        offset: z.number().int().min(0).optional(),
        limit: z.number().int().min(1).max(500).optional(),
        filter: z.string().max(500).optional(),
        namespaces: z.array(z.string()).max(200).optional(),
        sort: z.object({ column: z.string(), descending: z.boolean() }).optional(),
        group: z.string().max(400).optional(),
      }),
    )
    .mutation(({ ctx, input }) => ctx.services.views.change(input)),
  // Reads that are mutations of the wire because of their size.
  export: read
    .input(ExportInput)
    .output(Exported)
    .mutation(({ ctx, input, signal }) => ctx.services.views.export(input, signal)),
  pick: read
    .input(z.object({ ...RowChoice, limit: z.number().int().min(1).max(5_000) }))
    .output(z.array(RowRef))
    .mutation(({ ctx, input }) => ctx.services.views.pick(input)),
});
