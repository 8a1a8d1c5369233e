/**
 * One SQLite file: opened with care, migrated forward, and asked through prepared statements whose failures are
 * AppErrors. A file that is damaged, is not ours or was written by a newer version is refused and left as it is.
 */
import { existsSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { AppError } from '#shared/errors.ts';
import { ensureFile } from './directory.ts';
import { storeError } from './errors.ts';

/** One numbered step forward. `up` runs inside a transaction together with the new version number. */
export interface Migration {
  version: number;
  up(sqlite: Sqlite.Database): void;
}

/** "FLDK": tells our file from any other SQLite file that happens to carry the same name. */
const APPLICATION_ID = 0x46_4c_44_4b;
const BUSY_TIMEOUT_MS = 5000;
/** Up to this size the whole file is checked at each start; a larger one would cost more than it is worth. */
const CHECK_BELOW_BYTES = 8 * 1024 * 1024;

export type SqlValue = string | number | null | Uint8Array;

export interface Statement<Row> {
  get(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
  /** Number of rows changed. */
  run(...values: SqlValue[]): number;
  /** One row at a time, for what is too long to hold. */
  each(...values: SqlValue[]): IterableIterator<Row>;
}

export interface Database {
  readonly path: string;
  statement<Row = unknown>(sql: string): Statement<Row>;
  /** All or nothing; nested calls join the outer transaction. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Opens for reading and writing, making or migrating the file as needed. */
export function openDatabase(path: string, migrations: readonly Migration[]): Database {
  const latest = migrations.at(-1)?.version ?? 0;
  if (existsSync(path)) inspect(path, latest);
  ensureFile(path);
  return guarded(path, () => {
    const sqlite = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      sqlite.pragma('journal_mode = WAL');
      // What was answered as done must survive power loss too: writes are few and made by people.
      sqlite.pragma('synchronous = FULL');
      sqlite.pragma('foreign_keys = ON');
      migrate(sqlite, migrations);
      return wrap(sqlite, path);
    } catch (error) {
      sqlite.close();
      throw error;
    }
  });
}

/** Opens for reading alone, beside a running engine or on a copy; never changes or migrates the file. */
export function openDatabaseReadOnly(path: string, latest: number): Database {
  if (!existsSync(path)) throw new AppError('NOT_FOUND', `${path} does not exist`, { params: { path } });
  inspect(path, latest);
  return guarded(path, () =>
    wrap(new Sqlite(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS }), path),
  );
}

/** Refuses a file that this version must not touch. Works on a read-only connection, before anything is written. */
function inspect(path: string, latest: number): void {
  guarded(path, () => {
    const size = statSync(path).size;
    if (size === 0) return;
    const sqlite = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    try {
      const version = Number(sqlite.pragma('user_version', { simple: true }));
      const application = Number(sqlite.pragma('application_id', { simple: true }));
      const tables = Number(sqlite.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
      if (application !== APPLICATION_ID && (version !== 0 || tables !== 0))
        throw new AppError('STORE_DAMAGED', `${path} is a database of another program`, { params: { path } });
      if (version > latest)
        throw new AppError('STORE_NEWER', `${path} has format ${version}, this version knows up to ${latest}`, {
          params: { path, found: version, known: latest },
        });
      if (size <= CHECK_BELOW_BYTES) {
        const verdict = String(sqlite.pragma('quick_check(1)', { simple: true }));
        if (verdict !== 'ok') throw new AppError('STORE_DAMAGED', `${path}: ${verdict}`, { params: { path } });
      }
    } finally {
      sqlite.close();
    }
  });
}

function migrate(sqlite: Sqlite.Database, migrations: readonly Migration[]): void {
  let version = Number(sqlite.pragma('user_version', { simple: true }));
  for (const migration of migrations) {
    if (migration.version <= version) continue;
    sqlite
      .transaction(() => {
        migration.up(sqlite);
        sqlite.pragma(`application_id = ${APPLICATION_ID}`);
        sqlite.pragma(`user_version = ${migration.version}`);
      })
      .immediate();
    version = migration.version;
  }
}

function wrap(sqlite: Sqlite.Database, path: string): Database {
  const prepared = new Map<string, Sqlite.Statement<SqlValue[]>>();
  function prepare(sql: string): Sqlite.Statement<SqlValue[]> {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = sqlite.prepare<SqlValue[]>(sql);
      prepared.set(sql, statement);
    }
    return statement;
  }
  return {
    path,
    statement<Row>(sql: string): Statement<Row> {
      return {
        get: (...values) => guarded(path, () => prepare(sql).get(...values) as Row | undefined),
        all: (...values) => guarded(path, () => prepare(sql).all(...values) as Row[]),
        run: (...values) => guarded(path, () => prepare(sql).run(...values).changes),
        // Not cached: a statement that is being iterated cannot be used a second time.
        each: (...values) =>
          guarded(path, () => sqlite.prepare<SqlValue[]>(sql).iterate(...values) as IterableIterator<Row>),
      };
    },
    transaction: (work) => guarded(path, () => sqlite.transaction(work).immediate()),
    close() {
      sqlite.close();
    },
  };
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(error, path);
  }
}
