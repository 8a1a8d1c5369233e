/** The data directory: made private to its owner, and held by one process at a time. */
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '#shared/errors.ts';
import { storeError } from './errors.ts';

const LOCK = 'lock.db';
const HOLDER = 'lock.pid';
const POLL_MS = 50;

export interface DirectoryLock {
  readonly dir: string;
  /** Frees the directory; harmless when called twice. */
  release(): void;
}

/** Makes `dir` with mode 0700 where it does not exist. An existing one keeps its rights: it may be somebody's home. */
export function ensureDirectory(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw storeError(error, dir);
  }
}

/** Makes an empty file with mode 0600 where none exists, so that whoever fills it never widens its rights. */
export function ensureFile(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  } catch (error) {
    throw storeError(error, file);
  }
}

/**
 * Holds `dir` for this process alone. The lock is an exclusive transaction on an otherwise empty database, which the
 * operating system frees when the process ends however it ends, so there is never a stale lock to clean up. The
 * holder's pid lies beside it for the message only. Nobody may open lock.db by other means: closing any descriptor of
 * it would drop a POSIX lock.
 *
 * @throws AppError DATA_DIR_LOCKED after `waitMs` (a predecessor that is just ending gets that long), with the pid.
 */
export async function lockDirectory(dir: string, options: { waitMs?: number } = {}): Promise<DirectoryLock> {
  ensureDirectory(dir);
  const file = path.join(dir, LOCK);
  ensureFile(file);
  const deadline = Date.now() + (options.waitMs ?? 3000);
  for (;;) {
    const held = tryLock(file);
    if (held !== null) {
      const pidFile = path.join(dir, HOLDER);
      try {
        writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
      } catch (error) {
        held.close();
        throw storeError(error, pidFile);
      }
      let released = false;
      return {
        dir,
        release() {
          if (released) return;
          released = true;
          rmSync(pidFile, { force: true });
          held.close();
        },
      };
    }
    if (Date.now() >= deadline) {
      const pid = holderOf(dir);
      throw new AppError('DATA_DIR_LOCKED', `${dir} is in use by process ${pid ?? 'unknown'}`, {
        params: { path: dir, pid: pid ?? 0 },
      });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function tryLock(file: string): Database.Database | null {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db?.close();
    const code = String((error as { code?: unknown }).code);
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return null;
    throw storeError(error, file);
  }
}

function holderOf(dir: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path.join(dir, HOLDER), 'utf8'), 10);
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}
