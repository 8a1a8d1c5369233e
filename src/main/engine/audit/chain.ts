/** The chain of hashes: what a record's hash covers, and how a broken chain is found. Pure. */
import { createHash } from 'node:crypto';
import type { AuditVerification } from '#shared/contract/audit.ts';
import type { AuditEntry, AuditHead } from '../store/index.ts';

/** SHA-256 over the previous hash and every field, as a JSON array in fixed order. */
export function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  const covered = [
    entry.previous,
    entry.seq,
    entry.time,
    entry.phase,
    entry.ref,
    entry.operator,
    entry.action,
    entry.request,
    entry.result,
    entry.error,
    entry.durationMs,
  ];
  return createHash('sha256').update(JSON.stringify(covered)).digest('hex');
}

/**
 * Walks the log from its beginning. Finds a changed, removed, inserted or reordered record, and by the mark kept beside
 * the log a tail that was cut off or appended by hand. `records` counts the good ones before the first fault.
 */
export function verifyChain(entries: Iterable<AuditEntry>, head: AuditHead | null): AuditVerification {
  let records = 0;
  let previous = '';
  const broken = (brokenAt: number, problem: string): AuditVerification => ({ ok: false, records, brokenAt, problem });
  for (const entry of entries) {
    const expected = records + 1;
    if (entry.seq !== expected) return broken(expected, `record ${expected} is missing`);
    if (entry.previous !== previous) return broken(entry.seq, `record ${entry.seq} does not follow the one before it`);
    if (hashOf(entry) !== entry.hash) return broken(entry.seq, `record ${entry.seq} was changed`);
    previous = entry.hash;
    records += 1;
  }
  if (head === null) return records === 0 ? whole(0) : broken(records, 'the mark of the newest record is missing');
  if (head.seq > records)
    return broken(records + 1, `the log ends at record ${records}, but record ${head.seq} was written`);
  if (head.seq !== records || head.hash !== previous)
    return broken(records, `record ${records} is not the one that was written last`);
  return whole(records);
}

function whole(records: number): AuditVerification {
  return { ok: true, records, brokenAt: null, problem: null };
}
