/**
 * What every procedure of the contract is made from: the request context, the tRPC instance and the two kinds of
 * procedure, `read` and `write`. Pure: the engine supplies services, guard and audit through the context, the hosts
 * supply transport and identity. No procedure can be made without authorisation, and no write without audit, because
 * both are middleware of the only two builders exported here.
 */
import { initTRPC, TRPCError } from '@trpc/server';
import type { ZodError } from 'zod';
import { type AppErrorShape, toErrorShape } from '../errors.ts';
import type { Services } from './services.ts';

/** Who asks. One local person for now; policies are those of features P1. */
export interface Operator {
  name: string;
  policy: 'admin' | 'user' | 'viewer';
}

/** What a procedure is, for authorisation and audit. */
export interface ProcedureMeta {
  /** Stable verb of the audit log and of policies: `clusters.register`. Defaults to the procedure's path. */
  action?: string;
  effect?: 'read' | 'write';
}

/** Refuses by throwing AppError UNAUTHORISED. */
export type Authorise = (operator: Operator, call: { path: string; effect: 'read' | 'write' }) => void;

export interface AuditIntent {
  operator: string;
  action: string;
  /** JSON-able; the audit service redacts secrets (kubeconfig text, tokens, Secret data) before it keeps anything. */
  request: unknown;
}
/** `begin` is durable before the work starts: a mutation whose intent cannot be recorded is refused. */
export interface AuditTrail {
  begin(intent: AuditIntent): { end(outcome: { ok: true } | { ok: false; error: AppErrorShape }): void };
}

export interface RequestContext {
  operator: Operator;
  services: Services;
  authorise: Authorise;
  audit: AuditTrail;
}

const t = initTRPC
  .context<RequestContext>()
  .meta<ProcedureMeta>()
  .create({
    // Otherwise every error takes its stack trace along, outside production: that is for the log.
    isDev: false,
    errorFormatter({ shape, error }) {
      return { ...shape, data: { ...shape.data, app: errorShapeOf(error) } };
    },
  });

/** The plain-data error of a failed call: ours when a service threw it, INVALID when validation refused the input. */
export function errorShapeOf(error: TRPCError): AppErrorShape {
  if (error.code === 'BAD_REQUEST' && /^\$?ZodError$/.test(error.cause?.name ?? '')) {
    return { code: 'INVALID', message: fieldsOf(error.cause as ZodError), retryable: false };
  }
  return toErrorShape(error.cause ?? error);
}

/** Each wrong field with what is wrong with it, as `name: 4 to 40 characters`. */
function fieldsOf({ issues }: ZodError): string {
  return issues
    .map(({ path, message }) => [path.join('.'), message].filter((part) => part !== '').join(': '))
    .join('; ');
}

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

const authorised = t.procedure.use(({ ctx, path, meta, next }) => {
  const effect = meta?.effect ?? 'read';
  try {
    ctx.authorise(ctx.operator, { path: meta?.action ?? path, effect });
  } catch (cause) {
    throw new TRPCError({ code: 'FORBIDDEN', cause });
  }
  return next();
});

/** Queries and subscriptions: look, change nothing. */
export const read = authorised.meta({ effect: 'read' });

/** Mutations: recorded before they start and when they end. */
export const write = authorised.meta({ effect: 'write' }).use(async ({ ctx, path, meta, getRawInput, next }) => {
  const record = ctx.audit.begin({
    operator: ctx.operator.name,
    action: meta?.action ?? path,
    request: await getRawInput(),
  });
  const result = await next();
  record.end(result.ok ? { ok: true } : { ok: false, error: errorShapeOf(result.error) });
  return result;
});
