import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { EVENTS_KEPT } from './collection.ts';
import { openMemory } from './memory.ts';
import { openSqlite } from './sqlite.ts';
import { ObjectStore } from './store.ts';
import type { StorageBackend } from './types.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleetdeck-store-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const ID = '/configmaps';

function configMap(name: string, value = '1'): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { value } };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('writes', () => {
  test('writes of one turn share one transaction and are visible only after it', async () => {
    const commits: number[] = [];
    const store = new ObjectStore({ ...openMemory(), commit: (operations) => void commits.push(operations.length) });
    const collection = store.collection(ID);
    const writes = ['a', 'b', 'c'].map((name) => store.put(collection, `default/${name}`, configMap(name)));
    expect(collection.items.size).toBe(0);
    expect(collection.latest('default/a')?.object.metadata.name).toBe('a');
    const stored = await Promise.all(writes);
    expect(commits).toEqual([3]);
    expect(collection.items.size).toBe(3);
    expect(stored.map(({ revision }) => revision)).toEqual([2, 3, 4]);
    expect(store.revision).toBe(4);
  });

  test('a batch the disk refuses is rejected whole, shows nothing and gives its revisions back', async () => {
    let full = true;
    const backend: StorageBackend = {
      ...openMemory(),
      commit: () => {
        if (full) throw new AppError('DISK_FULL', 'no space');
      },
    };
    const store = new ObjectStore(backend);
    const collection = store.collection(ID);
    const seen: string[] = [];
    collection.watchers.add((event) => seen.push(event.key));
    const results = await Promise.allSettled([
      store.put(collection, 'default/a', configMap('a')),
      store.put(collection, 'default/b', configMap('b')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(collection.latest('default/a')).toBeUndefined();
    expect(seen).toEqual([]);
    full = false;
    const { revision } = await store.put(collection, 'default/c', configMap('c'));
    expect(revision).toBe(2);
    expect(seen).toEqual(['default/c']);
  });

  test('while the disk is busy writes are gathered for the next transaction, and settled waits for no later ones', async () => {
    const commits: { names: string[]; done: () => void }[] = [];
    const backend: StorageBackend = {
      ...openMemory(),
      commit: (operations) =>
        new Promise((resolve) => commits.push({ names: operations.map(({ key }) => key), done: resolve })),
    };
    const store = new ObjectStore(backend);
    const collection = store.collection(ID);
    const first = store.put(collection, 'a', configMap('a'));
    await turn();
    const second = store.put(collection, 'a', configMap('a', '2'));
    const third = store.put(collection, 'b', configMap('b'));
    await turn();
    expect(commits.map(({ names }) => names)).toEqual([['a']]);
    commits[0]!.done();
    await first;
    // What is visible is what is durable; what comes next is for writers alone.
    expect([store.revision, [...collection.items.keys()]]).toEqual([2, ['a']]);
    expect(collection.latest('a')?.object.data).toEqual({ value: '2' });
    expect(commits.map(({ names }) => names)).toEqual([['a'], ['a', 'b']]);
    const settled = store.settled();
    const later = store.put(collection, 'c', configMap('c'));
    commits[1]!.done();
    await settled;
    expect([store.revision, collection.items.size]).toEqual([4, 2]);
    await turn();
    commits[2]!.done();
    expect((await Promise.all([second, third, later])).map(({ revision }) => revision)).toEqual([3, 4, 5]);
  });

  test('writes that came while a transaction failed are rejected with it', async () => {
    let fail: ((error: Error) => void) | null = null;
    const store = new ObjectStore({
      ...openMemory(),
      commit: () => new Promise((_resolve, reject) => (fail = reject)),
    });
    const collection = store.collection(ID);
    const first = store.put(collection, 'a', configMap('a'));
    await turn();
    const resting = store.put(collection, 'a', configMap('a', '2'));
    const settled = store.settled();
    fail!(new Error('input/output error'));
    const results = await Promise.allSettled([first, resting]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await settled;
    expect([store.revision, collection.latest('a')]).toEqual([1, undefined]);
  });

  test('watchers get events in order, deletions with the last state under the revision of the deletion', async () => {
    const store = new ObjectStore(openMemory());
    const collection = store.collection(ID);
    const seen: string[] = [];
    collection.watchers.add((event) => seen.push(`${event.type} ${event.current.object.metadata.resourceVersion}`));
    await store.put(collection, 'default/a', configMap('a'));
    await store.put(collection, 'default/a', configMap('a', '2'));
    const last = await store.remove(collection, 'default/a');
    expect(seen).toEqual(['ADDED 2', 'MODIFIED 3', 'DELETED 4']);
    expect(last.object.data).toEqual({ value: '2' });
  });
});

describe('history', () => {
  test('a snapshot shows the collection as it was, including what was deleted since', async () => {
    const store = new ObjectStore(openMemory());
    const collection = store.collection(ID);
    for (const name of ['b', 'a', 'c']) await store.put(collection, `default/${name}`, configMap(name));
    const then = store.revision;
    await store.remove(collection, 'default/a');
    await store.put(collection, 'default/b', configMap('b', 'new'));
    await store.put(collection, 'default/d', configMap('d'));
    const snapshot = collection.snapshot(then, 'default/');
    expect(snapshot?.map(({ key }) => key)).toEqual(['default/a', 'default/b', 'default/c']);
    expect(snapshot?.[1]?.stored.object.data).toEqual({ value: '1' });
    expect(collection.keys()).toEqual(['default/b', 'default/c', 'default/d']);
  });

  test('a collection that began late had nothing before, while watches go on from its beginning at most', async () => {
    const store = new ObjectStore(openMemory());
    const older = (await store.put(store.collection(ID), 'default/a', configMap('a'))).revision;
    await store.put(store.collection(ID), 'default/b', configMap('b'));
    const late = store.collection('example.com/things', true);
    await store.put(late, 'default/a', configMap('a'));
    expect(late.snapshot(older)).toEqual([]);
    expect(late.eventsAfter(older)).toBeNull();
    late.compact(store.revision);
    expect(late.snapshot(older)).toBeNull();
  });

  test('keys of one namespace do not include those of another that starts with its name', async () => {
    const store = new ObjectStore(openMemory());
    const collection = store.collection(ID);
    for (const key of ['a-b/x', 'a/y', 'a.c/z', 'a/x']) await store.put(collection, key, configMap(key));
    expect(collection.keys('a/')).toEqual(['a/x', 'a/y']);
  });

  test('old events are forgotten and said to be', async () => {
    const store = new ObjectStore(openMemory());
    const collection = store.collection(ID);
    await Promise.all(
      Array.from({ length: EVENTS_KEPT * 2 + 1 }, (_, i) => store.put(collection, 'default/a', configMap('a', `${i}`))),
    );
    expect(collection.eventsAfter(1)).toBeNull();
    expect(collection.eventsAfter(store.revision - 10)).toHaveLength(10);
  });
});

describe('on disk', () => {
  test('what was written is there after opening again, with the next revision greater', async () => {
    const file = join(dir, 'state.db');
    const first = new ObjectStore(openSqlite(file));
    await first.put(first.collection(ID), 'default/a', configMap('a'));
    await first.put(first.collection(ID), 'default/b', configMap('b'));
    await first.remove(first.collection(ID), 'default/b');
    const { revision } = first;
    await first.close();
    const second = new ObjectStore(openSqlite(file));
    expect([...second.collection(ID).items.keys()]).toEqual(['default/a']);
    expect(second.revision).toBe(revision);
    expect((await second.put(second.collection(ID), 'default/c', configMap('c'))).revision).toBe(revision + 1);
    await second.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('a file of the first format is brought up to date', async () => {
    const file = join(dir, 'state.db');
    const { default: Database } = await import('better-sqlite3');
    const database = new Database(file);
    database.exec(`
      CREATE TABLE objects (
        collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (collection, key)
      ) STRICT;
      CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
      INSERT INTO settings VALUES ('revision', '9');
      PRAGMA user_version = 1;
    `);
    const object = configMap('a');
    object.metadata = { ...object.metadata, annotations: { resourceVersion: '1' }, resourceVersion: '7' };
    database.prepare('INSERT INTO objects VALUES (?, ?, ?)').run(ID, 'default/a', JSON.stringify(object));
    database.close();
    const store = new ObjectStore(openSqlite(file));
    const stored = store.collection(ID).items.get('default/a');
    expect([store.revision, stored?.revision, stored?.object]).toEqual([9, 7, object]);
    await store.close();
  });

  test('a file in use is refused', () => {
    const file = join(dir, 'state.db');
    const first = openSqlite(file);
    expect(() => openSqlite(file)).toThrowError(expect.objectContaining({ code: 'DATA_DIR_LOCKED' }));
    first.close();
  });

  test('a damaged file is refused and left as it is', () => {
    const file = join(dir, 'state.db');
    writeFileSync(file, 'this is not a database, whatever its name says. '.repeat(50));
    const before = readFileSync(file);
    expect(() => openSqlite(file)).toThrowError(expect.objectContaining({ code: 'STORE_DAMAGED' }));
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a file of a newer version is refused', async () => {
    const file = join(dir, 'state.db');
    openSqlite(file).close();
    const { default: Database } = await import('better-sqlite3');
    const database = new Database(file);
    database.pragma('user_version = 99');
    database.close();
    expect(() => openSqlite(file)).toThrowError(expect.objectContaining({ code: 'STORE_NEWER' }));
  });

  test('changes before a restart can still be told, each with what was before it', async () => {
    const file = join(dir, 'state.db');
    const first = new ObjectStore(openSqlite(file));
    const maps = first.collection(ID);
    const start = (await first.put(maps, 'default/a', configMap('a', '1'))).revision;
    await first.put(maps, 'default/a', configMap('a', '2'));
    await first.put(maps, 'default/b', configMap('b', '1'));
    await first.remove(maps, 'default/a');
    await first.put(maps, 'default/a', configMap('a', '3'));
    const told = (store: ObjectStore) =>
      store
        .collection(ID)
        .eventsAfter(start)
        ?.map(({ type, key, revision, current, previous }) => [type, key, revision, current.object, previous?.object]);
    const before = told(first);
    await first.close();
    const again = new ObjectStore(openSqlite(file));
    expect(told(again)).toEqual(before);
    expect(told(again)?.map(([type]) => type)).toEqual(['MODIFIED', 'ADDED', 'DELETED', 'ADDED']);
    expect(
      again
        .collection(ID)
        .snapshot(start)
        ?.map(({ stored }) => stored.object.data.value),
    ).toEqual(['1']);
    expect(again.collection('/secrets').eventsAfter(start)).toEqual([]);
    await again.close();
  });

  test('of the changes before a restart the oldest are forgotten, and asking for them says so', async () => {
    const file = join(dir, 'state.db');
    const first = new ObjectStore(openSqlite(file));
    const maps = first.collection(ID);
    const start = (await first.put(maps, 'default/a', configMap('a'))).revision;
    for (let round = 0; round < 10; round++)
      await Promise.all(
        Array.from({ length: 1000 }, (_, index) => first.put(maps, 'default/a', configMap('a', `${round}-${index}`))),
      );
    const last = first.revision;
    await first.close();
    const again = new ObjectStore(openSqlite(file));
    expect(again.collection(ID).eventsAfter(start)).toBeNull();
    expect(again.collection(ID).eventsAfter(last - 3000)).toHaveLength(3000);
    await again.close();
  });

  test('every write acknowledged before kill -9 is there afterwards', async () => {
    const file = join(dir, 'state.db');
    const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
    const script = `
      const { openSqlite } = await import(${url('./sqlite.ts')});
      const { ObjectStore } = await import(${url('./store.ts')});
      const store = new ObjectStore(openSqlite(${JSON.stringify(file)}));
      const collection = store.collection('/configmaps');
      const write = async (worker) => {
        for (let i = 0; ; i++) {
          const name = worker + '-' + i;
          await store.put(collection, 'default/' + name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { filler: 'x'.repeat(200) } });
          process.stdout.write(name + '\\n');
        }
      };
      for (let worker = 0; worker < 8; worker++) write(worker);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const acknowledged: string[] = [];
    const exited = new Promise((resolve) => child.once('exit', resolve));
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 400) child.kill('SIGKILL');
    }
    await exited;
    expect(acknowledged.length).toBeGreaterThanOrEqual(400);
    const store = new ObjectStore(openSqlite(file));
    const missing = acknowledged.filter((name) => !store.collection(ID).items.has(`default/${name}`));
    expect(missing).toEqual([]);
    await store.close();
  });
});
