import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore, type Store, storePath } from '../store/index.ts';
import type { Log } from '../types.ts';
import { createAudit, verifyAuditFile } from './index.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
let dir: string;
let store: Store;
let audit: ReturnType<typeof createAudit>;

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-audit-'));
  store = await openStore({ dir });
  audit = createAudit({ repository: store.audit, log: silent });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

function act(action: string, request: unknown = {}): void {
  audit.trail.begin({ operator: 'op', action, request }).end({ ok: true });
}

/** As somebody with a database tool would: past the triggers. */
function tamper(sql: string): void {
  const sqlite = new Sqlite(storePath(dir));
  sqlite.exec('DROP TRIGGER IF EXISTS audit_no_update; DROP TRIGGER IF EXISTS audit_no_delete;');
  sqlite.exec(sql);
  sqlite.close();
}

describe('recording', () => {
  test('an intent is on disk before the work starts, its outcome when it ends', () => {
    const record = audit.trail.begin({ operator: 'op', action: 'fleets.create', request: { name: 'production' } });
    expect(verifyAuditFile(storePath(dir))).toMatchObject({ ok: true, records: 1 });
    expect(audit.service.list({ limit: 10, filter: '' })).toMatchObject([{ seq: 1, result: 'started', error: null }]);
    record.end({ ok: true });
    record.end({ ok: true });
    expect(audit.service.list({ limit: 10, filter: '' })).toMatchObject([
      { seq: 1, operator: 'op', action: 'fleets.create', request: '{"name":"production"}', result: 'succeeded' },
    ]);
    expect(audit.service.verify()).toEqual({ ok: true, records: 2, brokenAt: null, problem: null });
  });

  test('a failure keeps its error, without what looks like a secret', () => {
    audit.trail
      .begin({ operator: 'op', action: 'clusters.register', request: { token: 'abc' } })
      .end({ ok: false, error: { code: 'INVALID', message: 'Bearer abcdefghijkl refused', retryable: false } });
    const [record] = audit.service.list({ limit: 1, filter: '' });
    expect(record).toMatchObject({ result: 'failed', error: { code: 'INVALID' } });
    expect(JSON.stringify(record)).not.toMatch(/abc/);
  });

  test('when the intent cannot be written, the action is refused', () => {
    tamper("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END");
    expect(() => act('fleets.create')).toThrow();
  });

  test('records cannot be changed or deleted by the program itself', () => {
    act('a.b');
    const sqlite = new Sqlite(storePath(dir));
    expect(() => sqlite.exec("UPDATE audit SET operator = 'x'")).toThrow('append-only');
    expect(() => sqlite.exec('DELETE FROM audit')).toThrow('append-only');
    sqlite.close();
  });
});

test('listing pages backwards and finds words in any field, whatever their case', () => {
  for (let i = 1; i <= 5; i++) act(i % 2 === 0 ? 'fleets.create' : 'clusters.register', { name: `thing-${i}` });
  const first = audit.service.list({ limit: 2, filter: '' });
  expect(first.map((record) => record.seq)).toEqual([9, 7]);
  expect(audit.service.list({ limit: 2, filter: '', before: 7 }).map((record) => record.seq)).toEqual([5, 3]);
  expect(audit.service.list({ limit: 9, filter: 'FLEETS thing-4' }).map((record) => record.seq)).toEqual([7]);
  expect(audit.service.list({ limit: 9, filter: "%' OR 1=1" })).toEqual([]);
});

describe('verification finds', () => {
  beforeEach(() => {
    for (const name of ['one', 'two', 'three']) act('a.b', { name });
  });

  test.each([
    ['a changed field', "UPDATE audit SET operator = 'someone else' WHERE seq = 3", 3],
    ['a changed outcome', "UPDATE audit SET result = 'failed' WHERE seq = 4", 4],
    ['a removed record', 'DELETE FROM audit WHERE seq = 2', 2],
    ['a removed beginning', 'DELETE FROM audit WHERE seq <= 2', 1],
    [
      'two records in exchanged order',
      'UPDATE audit SET seq = 99 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 99',
      3,
    ],
    ['a tail that was cut off', 'DELETE FROM audit WHERE seq >= 5', 5],
    ['a log that was emptied', 'DELETE FROM audit', 1],
    ['a mark that was removed', "DELETE FROM settings WHERE key = 'audit.head'", 6],
    [
      'a record added by hand',
      `INSERT INTO audit SELECT 7, time, 'begin', 7, operator, action, request, 'started', error, duration_ms, hash, hash
       FROM audit WHERE seq = 6`,
      7,
    ],
  ])('%s', (_what, sql, brokenAt) => {
    tamper(sql);
    expect(verifyAuditFile(storePath(dir))).toMatchObject({ ok: false, brokenAt });
    expect(audit.service.verify()).toMatchObject({ ok: false, brokenAt });
  });

  test('a cut tail even after the log went on', () => {
    tamper('DELETE FROM audit WHERE seq >= 5');
    act('a.c');
    expect(audit.service.verify()).toMatchObject({ ok: false, brokenAt: 5 });
  });
});

test('a file that is not there is named', () => {
  expect(() => verifyAuditFile(path.join(dir, 'none.db'))).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});
