import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClusterRecord } from '../clusters/types.ts';
import type { SecretBox } from '../types.ts';
import { openDatabase } from './database.ts';
import { openStore, type Store, storePath } from './index.ts';
import { migrations } from './migrations/index.ts';

const fixture = fileURLToPath(new URL('./fixtures/format-1.db', import.meta.url));
let dir: string;
const opened: Store[] = [];

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-store-'));
});
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function open(options: { passphrase?: string } = {}): Promise<Store> {
  const store = await openStore({ dir, ...options });
  opened.push(store);
  return store;
}

function close(store: Store): void {
  opened.splice(opened.indexOf(store), 1);
  store.close();
}

function record(name: string, change: Partial<ClusterRecord> = {}): ClusterRecord {
  return {
    id: `id-${name}`,
    name,
    type: 'local',
    provider: 'kind',
    region: '',
    zones: ['a'],
    corrected: [],
    server: 'https://127.0.0.1:6443',
    context: name,
    sourcePath: null,
    insecure: false,
    approvedExec: null,
    uid: null,
    version: null,
    deletionProtection: false,
    createdAt: '2026-01-05T08:00:00.000Z',
    lastSeen: null,
    ...change,
  };
}

describe('opening', () => {
  test('a new directory is made private, and so are its files', async () => {
    dir = path.join(dir, 'new');
    await open();
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(dir))
      expect([file, statSync(path.join(dir, file)).mode & 0o777]).toEqual([file, 0o600]);
  });

  test('a file of the first format keeps everything when it is migrated', async () => {
    copyFileSync(fixture, storePath(dir));
    const store = await open();
    expect(store.clusters.list().map((cluster) => [cluster.id, cluster.name, cluster.deletionProtection])).toEqual([
      ['c0', 'east', true],
      ['c1', 'west', false],
    ]);
    expect(store.clusters.transitions('c0', 10)).toHaveLength(1);
    expect(store.fleets.list()).toEqual([
      {
        id: 'f0',
        name: 'production',
        description: 'made by format 1',
        clusterIds: ['c1', 'c0'],
        federationId: 'k0',
        deletionProtection: true,
        createdAt: '2026-01-05T08:00:00.000Z',
      },
    ]);
    expect(store.federations.get('k0')?.name).toBe('Global');
    expect(store.settings.get('ui.language')).toBe('zh');
    expect(store.audit.newest()).toBeNull();
  });

  test('a step that fails leaves the file at the format before it', () => {
    const file = path.join(dir, 'x.db');
    openDatabase(file, migrations.slice(0, 1)).close();
    const broken = {
      version: 2,
      up(sqlite: Sqlite.Database) {
        sqlite.exec('CREATE TABLE half (a)');
        throw new Error('power went away');
      },
    };
    expect(() => openDatabase(file, [...migrations.slice(0, 1), broken])).toThrow('power went away');
    const sqlite = new Sqlite(file);
    expect(sqlite.pragma('user_version', { simple: true })).toBe(1);
    expect(sqlite.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all()).toEqual([]);
    sqlite.close();
  });

  test.each([
    ['text instead of a database', () => Buffer.from('not a database at all '.repeat(400))],
    [
      'a database with a page overwritten',
      () => {
        const bytes = readFileSync(fixture);
        bytes.fill(0xab, 1024, 4096);
        return bytes;
      },
    ],
    ['half of a database', () => readFileSync(fixture).subarray(0, 3000)],
  ])('%s is refused as damaged, by its path, and left as it is', async (_what, content) => {
    const file = storePath(dir);
    const before = content();
    writeFileSync(file, before);
    await expect(open()).rejects.toMatchObject({ code: 'STORE_DAMAGED', params: { path: file } });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a database of another program is refused and left as it is', async () => {
    const file = storePath(dir);
    const other = new Sqlite(file);
    other.exec('CREATE TABLE theirs (a)');
    other.close();
    const before = readFileSync(file);
    await expect(open()).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a file of a newer version is refused and left as it is', async () => {
    close(await open());
    const file = storePath(dir);
    const sqlite = new Sqlite(file);
    sqlite.pragma('journal_mode = DELETE');
    sqlite.pragma('user_version = 999');
    sqlite.close();
    const before = readFileSync(file);
    await expect(open()).rejects.toMatchObject({ code: 'STORE_NEWER', params: { path: file, found: 999 } });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a data directory that cannot be made says so', async () => {
    writeFileSync(path.join(dir, 'file'), '');
    await expect(openStore({ dir: path.join(dir, 'file', 'sub') })).rejects.toMatchObject({
      code: 'DATA_DIR_UNWRITABLE',
    });
  });
});

test('when the disk is full a write fails with DISK_FULL and nothing of it is kept', () => {
  const file = path.join(dir, 'full.db');
  const db = openDatabase(file, migrations);
  const pages = Number(db.statement<{ page_count: number }>('PRAGMA page_count').get()?.page_count);
  db.statement(`PRAGMA max_page_count = ${pages + 2}`).get();
  const put = db.statement('INSERT INTO settings (key, value) VALUES (?, ?)');
  let failure: unknown;
  try {
    db.transaction(() => {
      put.run('small', '1');
      put.run('large', JSON.stringify('x'.repeat(1_000_000)));
    });
  } catch (error) {
    failure = error;
  }
  expect(failure).toMatchObject({ code: 'DISK_FULL' });
  expect(db.statement('SELECT key FROM settings').all()).toEqual([]);
  db.close();
});

describe('secrets', () => {
  const text = 'apiVersion: v1\nkind: Config\nusers: [{user: {token: s3cr3t-token}}]\n';

  test('a kubeconfig comes back after a restart and lies nowhere in clear', async () => {
    let store = await open();
    await store.clusters.insert(record('east'), text);
    expect(await store.clusters.getKubeconfig('id-east')).toBe(text);
    for (const file of readdirSync(dir))
      expect(readFileSync(path.join(dir, file)).includes('s3cr3t-token')).toBe(false);
    close(store);
    store = await open();
    expect(await store.clusters.getKubeconfig('id-east')).toBe(text);
    expect(store.secretBox).toMatchObject({ backend: 'keyFile', keyFile: path.join(dir, 'secrets.key') });
    expect(statSync(path.join(dir, 'secrets.key')).mode & 0o777).toBe(0o600);
  });

  test('a sealed value moved to another row does not open', async () => {
    const store = await open();
    await store.clusters.insert(record('east'), text);
    await store.clusters.insert(record('west'), 'other');
    const sqlite = new Sqlite(storePath(dir));
    sqlite.exec(`UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE owner = 'cluster/id-east/kubeconfig')
                 WHERE owner = 'cluster/id-west/kubeconfig'`);
    sqlite.close();
    await expect(store.clusters.getKubeconfig('id-west')).rejects.toMatchObject({ code: 'SECRETS_LOCKED' });
  });

  test('a passphrase opens what it sealed; a wrong one is refused at once', async () => {
    let store = await open({ passphrase: 'correct horse' });
    expect(store.secretBox.backend).toBe('passphrase');
    await store.clusters.insert(record('east'), text);
    close(store);
    await expect(open({ passphrase: 'wrong horse' })).rejects.toMatchObject({ code: 'SECRETS_LOCKED' });
    store = await open({ passphrase: 'correct horse' });
    expect(await store.clusters.getKubeconfig('id-east')).toBe(text);
    expect(readdirSync(dir)).not.toContain('secrets.key');
  });

  test('after a change of backend the old values stay and the answer names what sealed them', async () => {
    let store = await open();
    await store.clusters.insert(record('east'), text);
    close(store);
    store = await open({ passphrase: 'now with one' });
    await expect(store.clusters.getKubeconfig('id-east')).rejects.toMatchObject({
      code: 'SECRETS_LOCKED',
      params: { backend: 'keyFile', current: 'passphrase' },
    });
    close(store);
    store = await open();
    expect(await store.clusters.getKubeconfig('id-east')).toBe(text);
  });

  test('a lost key file is not replaced; the secrets open again once it is back', async () => {
    const keyFile = path.join(dir, 'secrets.key');
    let store = await open();
    await store.clusters.insert(record('east'), text);
    close(store);
    const key = readFileSync(keyFile);
    rmSync(keyFile);
    store = await open();
    await expect(store.clusters.getKubeconfig('id-east')).rejects.toMatchObject({ code: 'SECRETS_LOCKED' });
    await expect(store.clusters.insert(record('west'), text)).rejects.toMatchObject({ code: 'SECRETS_LOCKED' });
    expect(store.clusters.list().map((cluster) => cluster.name)).toEqual(['east']);
    expect(readdirSync(dir)).not.toContain('secrets.key');
    close(store);
    writeFileSync(keyFile, key, { mode: 0o600 });
    store = await open();
    expect(await store.clusters.getKubeconfig('id-east')).toBe(text);
  });

  test('a keychain that refuses is a locked secret, and nothing is registered without it', async () => {
    let locked = false;
    const answer = (value: string): string => {
      if (locked) throw new Error('user denied access');
      return value;
    };
    const secretBox: SecretBox = {
      backend: 'keychain',
      seal: async (plain) => Buffer.from(answer(plain)),
      open: async (sealed) => answer(Buffer.from(sealed).toString()),
    };
    const store = await openStore({ dir, secretBox });
    opened.push(store);
    await store.clusters.insert(record('east'), text);
    expect(await store.clusters.getKubeconfig('id-east')).toBe(text);
    locked = true;
    const refusal = { code: 'SECRETS_LOCKED', params: { backend: 'keychain' } };
    await expect(store.clusters.getKubeconfig('id-east')).rejects.toMatchObject(refusal);
    await expect(store.clusters.insert(record('west'), text)).rejects.toMatchObject(refusal);
    expect(store.clusters.list()).toHaveLength(1);
    expect(readdirSync(dir)).not.toContain('secrets.key');
  });

  test('a key file with something else in it is refused, not overwritten', async () => {
    const keyFile = path.join(dir, 'secrets.key');
    writeFileSync(keyFile, 'oops');
    await expect(open()).rejects.toMatchObject({ code: 'SECRETS_LOCKED', params: { path: keyFile } });
    expect(readFileSync(keyFile, 'utf8')).toBe('oops');
  });
});

describe('clusters', () => {
  test('a name is taken once, on insert and on update', async () => {
    const store = await open();
    await store.clusters.insert(record('east'), null);
    await store.clusters.insert(record('west'), null);
    await expect(store.clusters.insert(record('east', { id: 'other' }), 'text')).rejects.toMatchObject({
      code: 'NAME_TAKEN',
      params: { name: 'east' },
    });
    expect(() => store.clusters.update(record('east', { id: 'id-west' }))).toThrow(/east exists/);
    store.clusters.update(record('west', { version: 'v1.34.0' }));
    expect(store.clusters.list().map((cluster) => [cluster.name, cluster.version])).toEqual([
      ['east', null],
      ['west', 'v1.34.0'],
    ]);
  });

  test('of two that ask for one name at the same time, one gets it', async () => {
    const store = await open();
    const results = await Promise.allSettled([
      store.clusters.insert(record('east', { id: 'a' }), 'text a'),
      store.clusters.insert(record('east', { id: 'b' }), 'text b'),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(store.clusters.list()).toHaveLength(1);
  });

  test('removing one takes its kubeconfig and its history along', async () => {
    const store = await open();
    await store.clusters.insert(record('east'), 'text');
    store.clusters.addTransition({
      clusterId: 'id-east',
      at: '2026-01-01T00:00:00Z',
      from: null,
      to: 'running',
      reason: null,
    });
    store.clusters.remove('id-east');
    expect(await store.clusters.getKubeconfig('id-east')).toBeNull();
    expect(store.clusters.transitions('id-east', 10)).toEqual([]);
    await expect(store.clusters.putKubeconfig('id-east', 'again')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('transitions come newest first and the oldest go when there are too many', async () => {
    const store = await open();
    await store.clusters.insert(record('east'), null);
    for (let i = 0; i < 1010; i++)
      store.clusters.addTransition({ clusterId: 'id-east', at: String(i), from: null, to: 'running', reason: null });
    const kept = store.clusters.transitions('id-east', 5000).map((transition) => Number(transition.at));
    expect(kept).toHaveLength(1000);
    expect(kept.slice(0, 2)).toEqual([1009, 1008]);
  }, 30_000);
});

test('federation names are one name whatever their case, and a change keeps the other fields', async () => {
  const store = await open();
  const federation = {
    id: 'k1',
    name: 'Global',
    engine: 'embedded' as const,
    phase: 'active' as const,
    fleetId: null,
    clusterIds: [],
    deletionProtection: true,
    createdAt: '2026-01-05T08:00:00.000Z',
  };
  store.federations.insert(federation);
  expect(() => store.federations.insert({ ...federation, id: 'k2', name: 'GLOBAL' })).toThrow(
    expect.objectContaining({ code: 'NAME_TAKEN', params: { name: 'GLOBAL' } }),
  );
  expect(store.federations.update('k1', { clusterIds: ['c1'], fleetId: 'f1' })).toEqual({
    ...federation,
    fleetId: 'f1',
    clusterIds: ['c1'],
  });
  expect(() => store.federations.update('none', {})).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  store.federations.remove('k1');
  store.federations.remove('k1');
  expect(store.federations.list()).toEqual([]);
});
