import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockDirectory } from './index.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-lock-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('the lock on a data directory', () => {
  test('a second holder is refused with the pid of the first, and gets it once it is free', async () => {
    const first = await lockDirectory(dir);
    await expect(lockDirectory(dir, { waitMs: 0 })).rejects.toMatchObject({
      code: 'DATA_DIR_LOCKED',
      params: { path: dir, pid: process.pid },
    });
    first.release();
    first.release();
    (await lockDirectory(dir, { waitMs: 0 })).release();
  });

  test('a holder that is just ending is waited for', async () => {
    const first = await lockDirectory(dir);
    const second = lockDirectory(dir, { waitMs: 5000 });
    await new Promise((resolve) => setImmediate(resolve));
    first.release();
    (await second).release();
  });

  test('a holder killed with -9 leaves it free', async () => {
    const script = `
      const { lockDirectory } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
      await lockDirectory(${JSON.stringify(dir)});
      console.log('held');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('../../../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => resolve());
        child.once('exit', (code) => reject(new Error(`the holder ended with ${code}`)));
      });
      await expect(lockDirectory(dir, { waitMs: 0 })).rejects.toMatchObject({
        code: 'DATA_DIR_LOCKED',
        params: { pid: child.pid },
      });
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    (await lockDirectory(dir, { waitMs: 0 })).release();
  });
});
