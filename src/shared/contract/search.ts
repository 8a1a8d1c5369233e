/** Area `search`: objects of every kind in every cluster by what a person remembers of them (features X5, F7). */
import { z } from 'zod';
import { read, router } from './base.ts';
import { AppErrorShape } from './error-shape.ts';
import { ResourceRefSchema, Target } from './views.ts';

export const SearchInput = z.object({
  /**
   * Words that must all occur in name, namespace, labels, owner, image or address; `kind:`, `ns:`, `cluster:` and
   * `label:key=value` narrow further.
   */
  query: z.string().trim().min(1).max(200),
  /** Empty: every running cluster and federation. */
  targets: z.array(Target).max(200).default([]),
  limit: z.number().int().min(1).max(500).default(50),
});
export type SearchInput = z.output<typeof SearchInput>;

export const SearchHit = z.object({
  target: Target,
  resource: ResourceRefSchema,
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  /** What was found other than by its name: `image nginx:1.27`, `label app=web`. Empty: the name says it. */
  because: z.string(),
});
export type SearchHit = z.infer<typeof SearchHit>;

export const SearchAnswer = z.object({
  /** The best first, over what has answered so far. */
  hits: z.array(SearchHit),
  /** How many there are, of which `hits` are the first. */
  total: z.number(),
  /** Collections (a kind in a cluster) to look through, and how many of them have been. */
  asked: z.number(),
  answered: z.number(),
  /** Collections too large to be read as a whole: `count` objects of which image and address may not be known. */
  shallow: z.array(z.object({ target: Target, kind: z.string(), count: z.number() })),
  /** Clusters that could not be searched, each with the reason. */
  failed: z.array(z.object({ target: Target, error: AppErrorShape })),
});
export type SearchAnswer = z.infer<typeof SearchAnswer>;

export interface SearchService {
  /** An answer at once from what is known, then again as more is read; ends when everything has answered. */
  find(input: SearchInput, signal: AbortSignal | undefined): AsyncIterable<SearchAnswer>;
}

export const searchRouter = router({
  find: read.input(SearchInput).subscription(async function* ({ ctx, input, signal }) {
    for await (const answer of ctx.services.search.find(input, signal)) yield SearchAnswer.parse(answer);
  }),
});
