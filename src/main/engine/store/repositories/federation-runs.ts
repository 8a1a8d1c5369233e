/** Rows of the federations' shifts and drills: whole documents, written at every change; the oldest ended ones are forgotten. */
import type { RunRecord, RunRepository } from '../../federation/types.ts';
import type { Database } from '../database.ts';

/** Ended runs kept of one federation. */
const KEPT = 50;

export function createFederationRuns(db: Database): RunRepository {
  const upsert = db.statement(
    `INSERT INTO federation_runs (id, federation_id, ended, document) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, document = excluded.document`,
  );
  const forget = db.statement(
    `DELETE FROM federation_runs WHERE federation_id = ? AND ended = 1 AND rowid NOT IN
       (SELECT rowid FROM federation_runs WHERE federation_id = ? AND ended = 1 ORDER BY rowid DESC LIMIT ?)`,
  );
  const ofFederation = db.statement<{ document: string }>(
    'SELECT document FROM federation_runs WHERE federation_id = ? ORDER BY rowid DESC',
  );
  const unfinished = db.statement<{ document: string }>(
    'SELECT document FROM federation_runs WHERE ended = 0 ORDER BY rowid',
  );
  const one = db.statement<{ document: string }>('SELECT document FROM federation_runs WHERE id = ?');
  const drop = db.statement('DELETE FROM federation_runs WHERE id = ?');
  const exists = db.statement('SELECT 1 FROM federations WHERE id = ?');
  const runOf = ({ document }: { document: string }): RunRecord => JSON.parse(document) as RunRecord;
  return {
    list: (federationId) => ofFederation.all(federationId).map(runOf),
    active: () => unfinished.all().map(runOf),
    get(id) {
      const row = one.get(id);
      return row === undefined ? undefined : runOf(row);
    },
    save(run) {
      db.transaction(() => {
        if (exists.get(run.federationId) === undefined) return;
        upsert.run(run.id, run.federationId, run.endedAt === null ? 0 : 1, JSON.stringify(run));
        if (run.endedAt !== null) forget.run(run.federationId, run.federationId, KEPT);
      });
    },
    remove: (id) => void drop.run(id),
  };
}
