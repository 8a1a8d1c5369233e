/** Inspections: runs, what they found in packed parts, schedules and exemptions. */
import type { Migration } from '../database.ts';

export const inspection: Migration = {
  version: 3,
  up(sqlite) {
    sqlite.exec(`
      CREATE TABLE inspection_runs (
        id         TEXT PRIMARY KEY,
        started_at TEXT NOT NULL,
        document   TEXT NOT NULL CHECK (json_valid(document))
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE inspection_results (
        seq    INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL REFERENCES inspection_runs (id) ON DELETE CASCADE,
        part   BLOB NOT NULL
      ) STRICT;
      CREATE INDEX inspection_results_run ON inspection_results (run_id, seq);

      CREATE TABLE inspection_schedules (
        id       TEXT PRIMARY KEY,
        document TEXT NOT NULL CHECK (json_valid(document))
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE inspection_exemptions (
        id       TEXT PRIMARY KEY,
        document TEXT NOT NULL CHECK (json_valid(document))
      ) STRICT, WITHOUT ROWID;
    `);
  },
};
