/** The contract without a wire: hosts call the same procedures as the interface, with authorisation and audit. */
import { TRPCError } from '@trpc/server';
import { createCallerFactory, errorShapeOf } from '#shared/contract/base.ts';
import { appRouter } from '#shared/contract/router.ts';
import { type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import type { Engine } from '../engine/types.ts';

const caller = createCallerFactory(appRouter);

export type Api = ReturnType<typeof caller>;

/** `signal` ends the subscriptions opened through this one. */
export function apiOf(engine: Pick<Engine, 'context'>, signal?: AbortSignal): Api {
  return caller(() => engine.context(), signal === undefined ? undefined : { signal });
}

/** Any thrown value as plain data. */
export function shapeOf(error: unknown): AppErrorShape {
  return error instanceof TRPCError ? errorShapeOf(error) : toErrorShape(error);
}

/**
 * The first value of a subscription that satisfies `enough`; after `timeoutMs`, what `otherwise` says. With `progressOf`
 * the time begins anew whenever it says something that it has not said before.
 */
export async function firstOf<T>(
  engine: Pick<Engine, 'context'>,
  subscribe: (api: Api) => Promise<AsyncIterable<T>>,
  enough: (value: T) => boolean,
  timeoutMs: number,
  otherwise: (api: Api) => Promise<T> | T,
  progressOf: (value: T) => string = () => '',
): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const seen = new Set<string>();
    for await (const value of await subscribe(apiOf(engine, abort.signal))) {
      if (abort.signal.aborted) break;
      if (enough(value)) return value;
      const progress = progressOf(value);
      if (!seen.has(progress)) timer.refresh();
      seen.add(progress);
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
  return await otherwise(apiOf(engine));
}
