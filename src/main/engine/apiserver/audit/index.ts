/** Puts policy, log and sink of a server together. */
import type { AuditOptions } from '../types.ts';
import { Auditor } from './auditor.ts';
import { openAuditLog } from './log.ts';
import { DEFAULT_POLICY, readPolicy } from './policy.ts';

/** Throws AppError INVALID for a policy that cannot be used. */
export async function startAudit(
  options: AuditOptions,
  onError: (error: unknown, where: string) => void,
): Promise<{ auditor: Auditor; close(): void }> {
  const policy = options.policy === undefined ? DEFAULT_POLICY : await readPolicy(options.policy);
  const log = options.log === undefined ? null : openAuditLog(options.log, onError);
  const sinks = [...(log === null ? [] : [log.sink]), ...(options.sink === undefined ? [] : [options.sink])];
  return { auditor: new Auditor(policy, sinks), close: () => log?.close() };
}
