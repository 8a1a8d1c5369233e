/** Rows of the federations' journals: appended in batches, the oldest forgotten. */
import type { FederatedObjectName, JournalEntry } from '#shared/contract/federation-decisions.ts';
import type { JournalRecord, JournalRepository } from '../../federation/types.ts';
import type { Database } from '../database.ts';

/** Entries kept of one federation; history beyond that helps nobody and costs every start. */
const KEPT = 20_000;

export function createFederationJournal(db: Database): JournalRepository {
  const insert = db.statement(
    'INSERT INTO federation_journal (federation_id, object, kind, document) VALUES (?, ?, ?, ?)',
  );
  const forget = db.statement(
    `DELETE FROM federation_journal WHERE federation_id = ? AND seq <=
       (SELECT seq FROM federation_journal WHERE federation_id = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
  );
  const ofObject = db.statement<{ seq: number; document: string }>(
    `SELECT seq, document FROM federation_journal
     WHERE federation_id = ? AND object = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
  );
  const ofAll = db.statement<{ seq: number; document: string }>(
    'SELECT seq, document FROM federation_journal WHERE federation_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
  );
  const ofKind = db.statement<{ seq: number; document: string }>(
    'SELECT seq, document FROM federation_journal WHERE federation_id = ? AND kind = ? ORDER BY seq DESC LIMIT ?',
  );
  const exists = db.statement('SELECT 1 FROM federations WHERE id = ?');
  return {
    append(federationId, records) {
      db.transaction(() => {
        // A federation that was removed meanwhile has no history.
        if (exists.get(federationId) === undefined) return;
        for (const record of records)
          insert.run(federationId, idOf(record.object), record.event.kind, JSON.stringify(record));
        forget.run(federationId, federationId, KEPT);
      });
    },
    list(federationId, { object, before = Number.MAX_SAFE_INTEGER, limit }) {
      const rows =
        object === undefined
          ? ofAll.all(federationId, before, limit)
          : ofObject.all(federationId, idOf(object), before, limit);
      return rows.map(entryOf);
    },
    ofKind: (federationId, kind, limit) => ofKind.all(federationId, kind, limit).map(entryOf),
  };
}

function entryOf({ seq, document }: { seq: number; document: string }): JournalEntry {
  return { seq, ...(JSON.parse(document) as JournalRecord) };
}

function idOf({ apiVersion, kind, namespace, name }: FederatedObjectName): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`;
}
