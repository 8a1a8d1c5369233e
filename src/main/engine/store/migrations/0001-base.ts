/**
 * The first layout. Identity, uniqueness and references are columns, because SQLite must guard them; what only we read
 * is one JSON document per row. Secrets lie in a table of their own, sealed, so that no other row ever holds one.
 */
import type { Migration } from '../database.ts';

export const base: Migration = {
  version: 1,
  up(sqlite) {
    sqlite.exec(`
      CREATE TABLE settings (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL CHECK (json_valid(value))
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE secrets (
        owner   TEXT PRIMARY KEY,
        backend TEXT NOT NULL,
        key_id  TEXT NOT NULL,
        sealed  BLOB NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE clusters (
        id       TEXT PRIMARY KEY,
        name     TEXT NOT NULL UNIQUE,
        document TEXT NOT NULL CHECK (json_valid(document))
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE cluster_transitions (
        seq        INTEGER PRIMARY KEY,
        cluster_id TEXT NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
        document   TEXT NOT NULL CHECK (json_valid(document))
      ) STRICT;
      CREATE INDEX cluster_transitions_cluster ON cluster_transitions (cluster_id, seq);

      CREATE TABLE federations (
        id         TEXT PRIMARY KEY,
        name       TEXT NOT NULL UNIQUE COLLATE NOCASE,
        created_at TEXT NOT NULL,
        document TEXT NOT NULL CHECK (json_valid(document))
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE fleets (
        id                  TEXT PRIMARY KEY,
        name                TEXT NOT NULL UNIQUE,
        description         TEXT NOT NULL,
        federation_id       TEXT,
        deletion_protection INTEGER NOT NULL,
        created_at          TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE fleet_clusters (
        cluster_id TEXT PRIMARY KEY,
        fleet_id   TEXT NOT NULL REFERENCES fleets (id),
        position   INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX fleet_clusters_fleet ON fleet_clusters (fleet_id, position);
    `);
  },
};
