/**
 * Public face of the audit log: every change made through the program, append-only. A change is two records, its
 * intent, on disk before the work starts, and its outcome; a change whose process died in between shows as started.
 */
import type { AuditRecord, AuditService, AuditVerification } from '#shared/contract/audit.ts';
import type { AuditTrail } from '#shared/contract/base.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import {
  type AuditAction,
  type AuditEntry,
  type AuditRepository,
  openAuditReadOnly,
  storePath,
} from '../store/index.ts';
import type { Log } from '../types.ts';
import { hashOf, verifyChain } from './chain.ts';
import { redactText, redactToJson } from './redact.ts';

export { redactText };

export interface AuditDeps {
  repository: AuditRepository;
  log: Log;
}

export function createAudit({ repository, log }: AuditDeps): { service: AuditService; trail: AuditTrail } {
  function append(fields: Omit<AuditEntry, 'seq' | 'previous' | 'hash' | 'ref'> & { ref: number | null }): AuditEntry {
    return repository.append(({ seq, previous }) => {
      const entry = { ...fields, seq, previous, ref: fields.ref ?? seq };
      return { ...entry, hash: hashOf(entry) };
    });
  }

  const trail: AuditTrail = {
    begin({ operator, action, request }) {
      const started = performance.now();
      const begun = append({
        time: new Date().toISOString(),
        phase: 'begin',
        ref: null,
        operator,
        action,
        request: redactToJson(request),
        result: 'started',
        error: null,
        durationMs: null,
      });
      let ended = false;
      return {
        end(outcome) {
          if (ended) return;
          ended = true;
          try {
            append({
              time: new Date().toISOString(),
              phase: 'end',
              ref: begun.seq,
              operator,
              action,
              request: '',
              result: outcome.ok ? 'succeeded' : 'failed',
              error: outcome.ok ? null : JSON.stringify(cleanError(outcome.error)),
              durationMs: Math.round(performance.now() - started),
            });
          } catch (error) {
            // The work is done and its intent recorded: to call it failed now would be the greater lie.
            log.error('the outcome of a recorded action could not be written', { action, seq: begun.seq, error });
          }
        },
      };
    },
  };

  const service: AuditService = {
    list: ({ before, limit, filter }) =>
      repository.list({ before, limit, words: filter.split(/\s+/).filter((word) => word !== '') }).map(recordOf),
    verify: () => verifyChain(repository.entries(), repository.head()),
  };
  return { service, trail };
}

/**
 * Verifies the log in a store file, with or without a running engine beside it.
 * @throws AppError NOT_FOUND, STORE_DAMAGED, STORE_NEWER.
 */
export function verifyAuditFile(file: string): AuditVerification {
  const { audit, close } = openAuditReadOnly(file);
  try {
    return verifyChain(audit.entries(), audit.head());
  } finally {
    close();
  }
}

/** As `verifyAuditFile`, for the store of a data directory. */
export function verifyAuditOf(dataDir: string): AuditVerification {
  return verifyAuditFile(storePath(dataDir));
}

function recordOf(action: AuditAction): AuditRecord {
  return { ...action, error: action.error === null ? null : (JSON.parse(action.error) as AppErrorShape) };
}

/** An error may quote what was sent; only its technical text can, and that is cleaned. */
function cleanError(error: AppErrorShape): AppErrorShape {
  return { ...error, message: redactText(error.message).slice(0, 4000) };
}
