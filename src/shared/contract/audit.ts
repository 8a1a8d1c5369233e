/** Area `audit`: the append-only log of everything changed through the app, chained by hashes (feature O3). */
import { z } from 'zod';
import { read, router } from './base.ts';
import { AppErrorShape } from './error-shape.ts';

export const AuditRecord = z.object({
  seq: z.number(),
  time: z.string(),
  operator: z.string(),
  action: z.string(),
  /** Redacted JSON of the request. */
  request: z.string(),
  result: z.enum(['started', 'succeeded', 'failed']),
  error: AppErrorShape.nullable(),
  durationMs: z.number().nullable(),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

export const AuditVerification = z.object({
  ok: z.boolean(),
  records: z.number(),
  /** First broken link, if any. */
  brokenAt: z.number().nullable(),
  problem: z.string().nullable(),
});
export type AuditVerification = z.infer<typeof AuditVerification>;

export interface AuditService {
  list(input: { before?: number | undefined; limit: number; filter: string }): AuditRecord[];
  verify(): AuditVerification;
}

export const auditRouter = router({
  list: read
    .input(
      z.object({
        before: z.number().optional(),
        limit: z.number().int().min(1).max(500).default(100),
        filter: z.string().max(200).default(''),
      }),
    )
    .output(z.array(AuditRecord))
    .query(({ ctx, input }) => ctx.services.audit.list(input)),
  verify: read.output(AuditVerification).query(({ ctx }) => ctx.services.audit.verify()),
});
