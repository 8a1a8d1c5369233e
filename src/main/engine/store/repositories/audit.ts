/**
 * Rows of the audit log. Only appending and reading exist. The newest sequence number and hash are kept a second time
 * among the settings, in the same transaction, so that rows cut from the end are missed.
 */
import type { Database } from '../database.ts';

/** One row as stored; `hash` covers every other field. */
export interface AuditEntry {
  seq: number;
  time: string;
  phase: 'begin' | 'end';
  /** Sequence number of the `begin` this row belongs to; its own for a `begin`. */
  ref: number;
  operator: string;
  action: string;
  request: string;
  result: 'started' | 'succeeded' | 'failed';
  /** JSON of the error, null without one. */
  error: string | null;
  durationMs: number | null;
  previous: string;
  hash: string;
}

export interface AuditHead {
  seq: number;
  hash: string;
}

/** A `begin` together with its `end`, where there is one. */
export interface AuditAction extends Omit<AuditEntry, 'phase' | 'ref' | 'previous' | 'hash'> {}

export interface AuditRepository {
  /** The mark kept beside the log, null before the first entry. */
  head(): AuditHead | null;
  newest(): AuditHead | null;
  /**
   * In one transaction: `make` is given the place to fill, its result is appended and the mark moved. The place follows
   * from the mark, not from the rows: after rows were cut off, the log goes on behind the gap and the gap stays visible.
   */
  append(make: (place: { seq: number; previous: string }) => AuditEntry): AuditEntry;
  /** Newest first, older than `before`, every word of `words` contained in operator, action, request, result or error. */
  list(options: { before?: number | undefined; limit: number; words: readonly string[] }): AuditAction[];
  /** Oldest first. */
  entries(): IterableIterator<AuditEntry>;
}

const HEAD = 'audit.head';
const ENTRY = `seq, time, phase, ref, operator, action, request, result, error,
  duration_ms AS durationMs, previous, hash`;

export function createAuditRepository(db: Database): AuditRepository {
  const head = db.statement<{ value: string }>('SELECT value FROM settings WHERE key = ?');
  const newest = db.statement<AuditHead>('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1');
  const entriesSql = `SELECT ${ENTRY} FROM audit ORDER BY seq`;

  function readHead(): AuditHead | null {
    const row = head.get(HEAD);
    return row === undefined ? null : (JSON.parse(row.value) as AuditHead);
  }

  return {
    head: readHead,
    newest: () => newest.get() ?? null,
    append(make) {
      return db.transaction(() => {
        const mark = readHead();
        const seq = Math.max(mark?.seq ?? 0, newest.get()?.seq ?? 0) + 1;
        const entry = make({ seq, previous: mark?.hash ?? '' });
        db.statement(
          `INSERT INTO audit (seq, time, phase, ref, operator, action, request, result, error, duration_ms, previous, hash)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ).run(
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
          entry.previous,
          entry.hash,
        );
        db.statement(
          'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
        ).run(HEAD, JSON.stringify({ seq: entry.seq, hash: entry.hash } satisfies AuditHead));
        return entry;
      });
    },
    list({ before, limit, words }) {
      const conditions = ["b.phase = 'begin'", 'b.seq < ?'];
      const values: (string | number)[] = [before ?? Number.MAX_SAFE_INTEGER];
      for (const word of words) {
        conditions.push(
          `instr(lower(b.operator || ' ' || b.action || ' ' || b.request || ' ' || coalesce(e.result, b.result)
             || ' ' || coalesce(e.error, '')), ?) > 0`,
        );
        values.push(word.toLowerCase());
      }
      return db
        .statement<AuditAction>(
          `SELECT b.seq, b.time, b.operator, b.action, b.request, coalesce(e.result, b.result) AS result,
             e.error, e.duration_ms AS durationMs
           FROM audit b LEFT JOIN audit e ON e.ref = b.seq AND e.phase = 'end'
           WHERE ${conditions.join(' AND ')} ORDER BY b.seq DESC LIMIT ?`,
        )
        .all(...values, limit);
    },
    entries: () => db.statement<AuditEntry>(entriesSql).each(),
  };
}
