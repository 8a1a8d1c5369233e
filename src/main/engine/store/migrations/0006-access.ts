/** Issued kubeconfigs of clusters, and the operation log, which outlives the clusters it speaks of. */
import type { Migration } from '../database.ts';

export const access: Migration = {
  version: 6,
  up(sqlite) {
    sqlite.exec(`
      CREATE TABLE cluster_access (
        id         TEXT PRIMARY KEY,
        cluster_id TEXT NOT NULL,
        issued_at  TEXT NOT NULL,
        document   TEXT NOT NULL CHECK (json_valid(document))
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX cluster_access_cluster ON cluster_access (cluster_id, issued_at);

      CREATE TABLE cluster_operations (
        seq        INTEGER PRIMARY KEY,
        id         TEXT NOT NULL UNIQUE,
        cluster_id TEXT NOT NULL,
        document   TEXT NOT NULL CHECK (json_valid(document))
      ) STRICT;
      CREATE INDEX cluster_operations_cluster ON cluster_operations (cluster_id, seq);
    `);
  },
};
