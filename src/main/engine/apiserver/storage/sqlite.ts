/**
 * Backend on SQLite in WAL mode. A commit is durable, over kill -9 and loss of power, when the log has been flushed to
 * the disk. That is done here and not by SQLite, which would hold the event loop meanwhile: SQLite appends the
 * transaction to the log (synchronous NORMAL keeps the order of log and database over checkpoints), then the log is
 * flushed in the background. Source: SQLite documentation, "Write-Ahead Logging", "PRAGMA synchronous".
 *
 * The file is locked exclusively: a second server on the same folder is refused instead of damaging anything.
 */
import { chmodSync, closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { AppError, toErrorShape } from '#shared/errors.ts';
import type { BatchOperation, HistoryRow, StorageBackend, StoredRow } from './types.ts';

const SCHEMA_VERSION = 3;
const REVISION = 'revision';
/** Setting: the revision after which the history is complete. */
const HISTORY_FROM = 'historyFrom';
/** Changes kept for watches that outlive the process; up to twice as many until the older half is dropped at once. */
const HISTORY_KEPT = 4096;
/** Pages of the log after which it is copied into the database: 16 MB, so that busy pages are copied once for many writes. */
const CHECKPOINT_PAGES = 4096;

const flush = promisify(fdatasync);

/** Opens or creates the database file (mode 0600). Throws AppError DATA_DIR_LOCKED, STORE_DAMAGED, STORE_NEWER or DISK_FULL. */
export function openSqlite(file: string): StorageBackend {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: 0 });
    prepare(database);
    chmodSync(file, 0o600);
    return new SqliteBackend(database, `${file}-wal`);
  } catch (error) {
    database?.close();
    throw openError(error, file);
  }
}

function prepare(database: Database.Database): void {
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > SCHEMA_VERSION)
    throw new AppError('STORE_NEWER', `state was written by a newer version (schema ${version})`);
  database.exec('BEGIN EXCLUSIVE');
  if (version < 1) {
    database.exec(`
      CREATE TABLE objects (
        collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (collection, key)
      ) STRICT;
      CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    `);
  }
  if (version < 2)
    database.exec(`
      ALTER TABLE objects ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
      UPDATE objects SET revision = CAST(json_extract(value, '$.metadata.resourceVersion') AS INTEGER);
    `);
  if (version < 3)
    database.exec(`
      CREATE TABLE history (
        revision INTEGER PRIMARY KEY, collection TEXT NOT NULL, key TEXT NOT NULL,
        previous TEXT, previousRevision INTEGER, last TEXT
      ) STRICT;
      INSERT INTO settings (name, value) SELECT '${HISTORY_FROM}', value FROM settings WHERE name = '${REVISION}';
    `);
  if (version < SCHEMA_VERSION) database.pragma(`user_version = ${SCHEMA_VERSION}`);
  database.exec('COMMIT');
}

class SqliteBackend implements StorageBackend {
  readonly #database: Database.Database;
  readonly #log: string;
  /** Opened with the first commit: before it there may be no log. */
  #logFile: number | null = null;
  readonly #put: Database.Statement<[string, string, string, number]>;
  readonly #delete: Database.Statement<[string, string]>;
  readonly #remember: Database.Statement<[number, string, string, string | null, number | null, string | null]>;
  readonly #setting: Database.Statement<[string, string]>;
  readonly #readSetting: Database.Statement<[string], { value: string }>;
  /** What is in the log but could not be flushed is neither there nor gone: nothing may be written on top of it. */
  #failure: AppError | null = null;
  /** Rows of the history, at least. */
  #remembered = 0;

  constructor(database: Database.Database, log: string) {
    this.#database = database;
    this.#log = log;
    this.#put = database.prepare(
      'INSERT INTO objects (collection, key, value, revision) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, revision = excluded.revision',
    );
    this.#delete = database.prepare('DELETE FROM objects WHERE collection = ? AND key = ?');
    this.#remember = database.prepare(
      'INSERT INTO history (revision, collection, key, previous, previousRevision, last) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#setting = database.prepare(
      'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
    this.#readSetting = database.prepare('SELECT value FROM settings WHERE name = ?');
  }

  load(visit: (row: StoredRow) => void): number {
    const rows = this.#database.prepare<[], StoredRow>('SELECT collection, key, value, revision FROM objects');
    for (const row of rows.iterate()) visit(row);
    return Number(this.readSetting(REVISION) ?? 0);
  }

  loadHistory(visit: (row: HistoryRow) => void): number {
    const rows = this.#database.prepare<[], HistoryRow>('SELECT * FROM history ORDER BY revision DESC');
    for (const row of rows.iterate()) {
      this.#remembered++;
      visit(row);
    }
    return Number(this.readSetting(HISTORY_FROM) ?? 0);
  }

  async commit(operations: readonly BatchOperation[], revision: number): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    this.#append(operations, revision);
    try {
      this.#logFile ??= openSync(this.#log, 'r+');
      await flush(this.#logFile);
    } catch (error) {
      this.#failure = writeError(error);
      throw this.#failure;
    }
  }

  #append(operations: readonly BatchOperation[], revision: number): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const operation of operations) {
        const { collection, key, value } = operation;
        if (value === null) this.#delete.run(collection, key);
        else this.#put.run(collection, key, value, operation.revision);
        const { previous, last } = operation;
        this.#remember.run(
          operation.revision,
          collection,
          key,
          previous?.value ?? null,
          previous?.revision ?? null,
          last,
        );
      }
      this.#forget(operations.length);
      this.#setting.run(REVISION, String(revision));
      this.#database.exec('COMMIT');
    } catch (error) {
      // A full disk rolls back by itself; other failures leave the transaction open.
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      throw writeError(error);
    }
  }

  /** Inside the transaction that added to the history. */
  #forget(added: number): void {
    this.#remembered += added;
    if (this.#remembered <= 2 * HISTORY_KEPT) return;
    const oldest = this.#database
      .prepare<[number], { revision: number }>('SELECT revision FROM history ORDER BY revision DESC LIMIT 1 OFFSET ?')
      .get(HISTORY_KEPT);
    if (oldest === undefined) return;
    this.#database.prepare('DELETE FROM history WHERE revision <= ?').run(oldest.revision);
    this.#setting.run(HISTORY_FROM, String(oldest.revision));
    this.#remembered = HISTORY_KEPT;
  }

  readSetting(name: string): string | null {
    return this.#readSetting.get(name)?.value ?? null;
  }

  writeSetting(name: string, value: string): void {
    this.#setting.run(name, value);
  }

  close(): void {
    if (this.#logFile !== null) closeSync(this.#logFile);
    this.#database.close();
  }
}

function writeError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const shape = toErrorShape(error);
  const code = sqliteCode(error);
  const full = shape.code === 'DISK_FULL' || code.startsWith('SQLITE_IOERR_WRITE') || code === 'SQLITE_FULL';
  return new AppError(full ? 'DISK_FULL' : 'INTERNAL', `state could not be written: ${shape.message}`, {
    retryable: true,
    cause: error,
  });
}

function openError(error: unknown, file: string): AppError {
  if (error instanceof AppError) return error;
  const code = sqliteCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new AppError('DATA_DIR_LOCKED', `another server uses ${file}`, { params: { path: file } });
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT'))
    return new AppError('STORE_DAMAGED', `${file} is damaged: ${message}`, { params: { path: file } });
  if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY'))
    return new AppError('DATA_DIR_UNWRITABLE', `${file} cannot be opened for writing: ${message}`, {
      params: { path: file },
    });
  return writeError(error);
}

function sqliteCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
