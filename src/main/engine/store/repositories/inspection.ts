/** Inspections: a run is one document, what it found are parts that are read only when somebody opens the report. */
import type { Exemption, InspectionRun } from '#shared/contract/inspection.ts';
import type { InspectionRepository, ScheduleRecord } from '../../inspection/types.ts';
import type { Database } from '../database.ts';

export function createInspectionRepository(db: Database): InspectionRepository {
  const runs = db.statement<{ document: string }>('SELECT document FROM inspection_runs ORDER BY started_at DESC, id');
  const saveRun = db.statement(
    `INSERT INTO inspection_runs (id, started_at, document) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET document = excluded.document`,
  );
  const removeRun = db.statement('DELETE FROM inspection_runs WHERE id = ?');
  const addResult = db.statement('INSERT INTO inspection_results (run_id, part) VALUES (?, ?)');
  const results = db.statement<{ part: Uint8Array }>(
    'SELECT part FROM inspection_results WHERE run_id = ? ORDER BY seq',
  );
  const schedules = documents<ScheduleRecord>(db, 'inspection_schedules');
  const exemptions = documents<Exemption>(db, 'inspection_exemptions');
  return {
    runs: () => runs.all().map((row) => JSON.parse(row.document) as InspectionRun),
    saveRun(run) {
      saveRun.run(run.id, run.startedAt, JSON.stringify(run));
    },
    removeRun(id) {
      removeRun.run(id);
    },
    addResult(runId, part) {
      addResult.run(runId, part);
    },
    results: (runId) => results.all(runId).map((row) => row.part),
    schedules: schedules.all,
    saveSchedule: schedules.save,
    removeSchedule: schedules.remove,
    exemptions: exemptions.all,
    saveExemption: exemptions.save,
    removeExemption: exemptions.remove,
  };
}

/** One document a row, oldest first. */
function documents<T extends { id: string; createdAt: string }>(db: Database, table: string) {
  const all = db.statement<{ document: string }>(`SELECT document FROM ${table} ORDER BY document ->> 'createdAt', id`);
  const save = db.statement(
    `INSERT INTO ${table} (id, document) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document`,
  );
  const remove = db.statement(`DELETE FROM ${table} WHERE id = ?`);
  return {
    all: () => all.all().map((row) => JSON.parse(row.document) as T),
    save: (item: T) => void save.run(item.id, JSON.stringify(item)),
    remove: (id: string) => void remove.run(id),
  };
}
