/** What federations decided and did, per workload: history for people, bounded by the repository. */
import type { Migration } from '../database.ts';

export const federationJournal: Migration = {
  version: 5,
  up(sqlite) {
    sqlite.exec(`
      CREATE TABLE federation_journal (
        seq           INTEGER PRIMARY KEY AUTOINCREMENT,
        federation_id TEXT NOT NULL REFERENCES federations (id) ON DELETE CASCADE,
        object        TEXT NOT NULL,
        kind          TEXT NOT NULL,
        document      TEXT NOT NULL CHECK (json_valid(document))
      ) STRICT;
      CREATE INDEX federation_journal_object ON federation_journal (federation_id, object, seq);
      CREATE INDEX federation_journal_kind ON federation_journal (federation_id, kind, seq);
      CREATE INDEX federation_journal_order ON federation_journal (federation_id, seq);
    `);
  },
};
