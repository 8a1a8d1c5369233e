/** `fleetdeck audit verify` beside the application that writes the log, and on a log that somebody has changed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAudit } from '../../engine/audit/index.ts';
import { lockDirectory, openStore } from '../../engine/store/index.ts';
import { createLog } from '../../host/log.ts';
import { Options } from '../command.ts';
import { Output } from '../output.ts';
import { audit } from './audit.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-audit-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A data directory in use, with two recorded changes; the returned function gives it up. */
async function recorded(): Promise<() => void> {
  const lock = await lockDirectory(dir);
  const store = await openStore({ dir });
  const { trail } = createAudit({ repository: store.audit, log: createLog('silent') });
  for (const name of ['east', 'west']) {
    trail.begin({ operator: 'op', action: 'fleets.create', request: { name } }).end({ ok: true });
  }
  return () => {
    store.close();
    lock.release();
  };
}

async function verify(): Promise<{ code: number; result: unknown }> {
  const stdout = new PassThrough();
  const out = new Output(true, 'en', stdout, new PassThrough());
  const options = new Options({ data: dir });
  const code = await audit.run({
    args: ['verify'],
    options,
    json: true,
    language: 'en',
    out,
  });
  return { code, result: JSON.parse(String(stdout.read())) };
}

test('verifies while the application holds the data directory, and after it has ended', async () => {
  const end = await recorded();
  const intact = { code: 0, result: { ok: true, records: 4, brokenAt: null, problem: null } };
  expect(await verify()).toEqual(intact);
  end();
  expect(await verify()).toEqual(intact);
});

test('a changed record is found, with exit code 1', async () => {
  const end = await recorded();
  end();
  const sqlite = new Sqlite(path.join(dir, 'fleetdeck.db'));
  sqlite.exec("DROP TRIGGER audit_no_update; UPDATE audit SET operator = 'somebody else' WHERE seq = 2");
  sqlite.close();
  expect(await verify()).toMatchObject({ code: 1, result: { ok: false, brokenAt: 2 } });
});

test('a data directory without a store is no success', async () => {
  await expect(verify()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
