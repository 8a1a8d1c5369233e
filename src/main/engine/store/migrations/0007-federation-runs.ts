/** Shifts and drills of federations: one document each, so that they go on after a restart. */
import type { Migration } from '../database.ts';

export const federationRuns: Migration = {
  version: 7,
  up(sqlite) {
    sqlite.exec(`
      CREATE TABLE federation_runs (
        id            TEXT PRIMARY KEY,
        federation_id TEXT NOT NULL REFERENCES federations (id) ON DELETE CASCADE,
        ended         INTEGER NOT NULL CHECK (ended IN (0, 1)),
        document      TEXT NOT NULL CHECK (json_valid(document))
      ) STRICT;
      CREATE INDEX federation_runs_federation ON federation_runs (federation_id);
      CREATE INDEX federation_runs_ended ON federation_runs (ended);
    `);
  },
};
