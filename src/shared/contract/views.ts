/**
 * Area `views`: live queries over one or several API servers (design 5). The renderer says what it shows; the engine
 * keeps the index and sends the visible window, the total and the freshness, then deltas batched at 50-100 ms.
 */
import { z } from 'zod';
import { AppErrorShape } from '../errors.ts';
import { read, router } from './base.ts';

/** One API server: a registered cluster or a federation's control plane. */
export const Target = z.object({ kind: z.enum(['cluster', 'federation']), id: z.string() });
export type Target = z.infer<typeof Target>;

export const ResourceRefSchema = z.object({ group: z.string(), version: z.string(), resource: z.string() });

export const ViewQuery = z.object({
  targets: z.array(Target).min(1).max(200),
  resource: ResourceRefSchema,
  /** Empty: all namespaces. */
  namespaces: z.array(z.string()).max(200).default([]),
  /** Words that must all occur in a row's text cells; `label:key=value` and `status:word` narrow further. */
  filter: z.string().max(500).default(''),
  /** By a column's id, or by `name`, `namespace` or `target`, which are fields of every row rather than columns. */
  sort: z.object({ column: z.string(), descending: z.boolean() }).default({ column: 'name', descending: false }),
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

export const Freshness = z.object({
  target: Target,
  state: z.enum(['connecting', 'catchingUp', 'live', 'stale', 'disconnected', 'forbidden', 'unknownResource']),
  /** ISO time since when. */
  since: z.string(),
  reason: AppErrorShape.nullable(),
  /** Objects known from this target. */
  count: z.number(),
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
  }),
  /** `order` are the keys of the whole visible window; `rows` those of it that are new or changed. */
  z.object({
    type: z.literal('delta'),
    total: z.number(),
    order: z.array(z.string()),
    rows: z.array(ViewRow),
    freshness: z.array(Freshness).nullable(),
    namespaces: z.array(z.string()).nullable(),
  }),
]);
export type ViewEvent = z.infer<typeof ViewEvent>;

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
  }): void;
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
      }),
    )
    .mutation(({ ctx, input }) => ctx.services.views.change(input)),
});
