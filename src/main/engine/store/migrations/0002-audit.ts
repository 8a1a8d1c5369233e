/** The audit log: append-only, chained by hashes (engine/audit says over what). */
import type { Migration } from '../database.ts';

export const audit: Migration = {
  version: 2,
  up(sqlite) {
    sqlite.exec(`
      CREATE TABLE audit (
        seq         INTEGER PRIMARY KEY,
        time        TEXT NOT NULL,
        phase       TEXT NOT NULL CHECK (phase IN ('begin', 'end')),
        ref         INTEGER NOT NULL,
        operator    TEXT NOT NULL,
        action      TEXT NOT NULL,
        request     TEXT NOT NULL,
        result      TEXT NOT NULL CHECK (result IN ('started', 'succeeded', 'failed')),
        error       TEXT,
        duration_ms INTEGER,
        previous    TEXT NOT NULL,
        hash        TEXT NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX audit_end ON audit (ref) WHERE phase = 'end';

      -- Against accidents of our own; against people with a database tool there is the chain of hashes.
      CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
      CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    `);
  },
};
