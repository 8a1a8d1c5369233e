/** What diagnoses found, one document a run. */
import type { Migration } from '../database.ts';

export const diagnoses: Migration = {
  version: 4,
  up(sqlite) {
    sqlite.exec(`
      CREATE TABLE diagnoses (
        seq        INTEGER PRIMARY KEY,
        id         TEXT NOT NULL UNIQUE,
        cluster_id TEXT NOT NULL,
        kind       TEXT NOT NULL,
        namespace  TEXT NOT NULL,
        name       TEXT NOT NULL,
        started_at TEXT NOT NULL,
        document   TEXT NOT NULL CHECK (json_valid(document))
      ) STRICT;
      CREATE INDEX diagnoses_object ON diagnoses (cluster_id, kind, namespace, name, seq);
    `);
  },
};
