/**
 * Where a demo keeps its data. Without a directory named by the person it gets a fresh one among the temporary files,
 * which stays after the end (the person may want to look) and is removed by a later start when it is old and unused.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '#shared/errors.ts';
import { ensureDirectory } from '../engine/store/index.ts';

const PREFIX = 'fleetdeck-demo-';
/** Lies in every demo's directory: who uses it, and that it may be emptied. */
const MARKER = 'demo.json';
const MAX_AGE_MS = 3 * 24 * 3600 * 1000;

export interface DemoDirectory {
  dir: string;
  /** Nobody chose it, so the person has to be told where it is. */
  temporary: boolean;
}

export function demoDirectory(chosen: string | undefined, fresh: boolean): DemoDirectory {
  if (chosen === undefined) {
    prune(tmpdir(), Date.now());
    return { dir: mkdtempSync(path.join(tmpdir(), PREFIX)), temporary: true };
  }
  const dir = path.resolve(chosen);
  if (fresh) empty(dir);
  ensureDirectory(dir);
  return { dir, temporary: false };
}

/** Called once the directory is held, so that the marker always names its present user. */
export function markInUse(dir: string): void {
  writeFileSync(path.join(dir, MARKER), `${JSON.stringify({ pid: process.pid })}\n`, { mode: 0o600 });
}

/** Removes temporary demo directories of this user that nobody uses any more. Never fails a start. */
export function prune(parent: string, now: number): string[] {
  const removed: string[] = [];
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const dir = path.join(parent, name);
    try {
      const { mtimeMs, uid } = statSync(dir);
      if (now - mtimeMs < MAX_AGE_MS || uid !== (process.getuid?.() ?? uid) || userOf(dir) !== null) continue;
      rmSync(dir, { recursive: true, force: true });
      removed.push(dir);
    } catch {
      // Somebody else removes it at the same time, or may not be removed: no concern of this start.
    }
  }
  return removed;
}

/**
 * Data directory of a demo that runs: the one named, or the only temporary one of this user.
 * @throws AppError NOT_FOUND when none runs, INVALID when several do and one has to be named.
 */
export function runningDemo(chosen: string | undefined): string {
  if (chosen !== undefined) return path.resolve(chosen);
  const running = readdirSync(tmpdir())
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => path.join(tmpdir(), name))
    .filter((dir) => (userOf(dir) ?? -1) > 0);
  const [only, ...others] = running;
  if (only === undefined) throw new AppError('NOT_FOUND', 'no demo is running', { hint: 'demo.notRunning' });
  if (others.length === 0) return only;
  throw new AppError('INVALID', `several demos are running, name one with --data: ${running.join(', ')}`, {
    params: { field: 'data' },
  });
}

function empty(dir: string): void {
  if (!existsSync(dir) || readdirSync(dir).length === 0) return;
  if (!existsSync(path.join(dir, MARKER))) {
    throw new AppError('REFUSED', `${dir} was not made by a demo, so it is not emptied`, { params: { path: dir } });
  }
  const pid = userOf(dir);
  if (pid !== null) {
    throw new AppError('DATA_DIR_LOCKED', `${dir} is in use by process ${pid}`, { params: { path: dir, pid } });
  }
  for (const name of readdirSync(dir)) rmSync(path.join(dir, name), { recursive: true, force: true });
}

/** Process that uses the directory now. */
function userOf(dir: string): number | null {
  try {
    const { pid } = JSON.parse(readFileSync(path.join(dir, MARKER), 'utf8')) as { pid: unknown };
    if (typeof pid !== 'number') return null;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? -1 : null;
  }
}
