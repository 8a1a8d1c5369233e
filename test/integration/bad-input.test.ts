/**
 * What the command line says when it is given what cannot work: code and exit status for scripts, title and remedy in
 * the person's language, and nothing changed. The same failures in the interface are in test/e2e.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '#engine/apiserver/index.ts';
import { createClusters } from '#engine/clusters/index.ts';
import { lockDirectory, openStore, storePath } from '#engine/store/index.ts';
import type { ErrorCode } from '#shared/errors.ts';
import { errorText, type Language } from '#shared/i18n/index.ts';
import { cliEntry } from '../fixtures/demo-process.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
let server: ApiServer;
let dir: string;
let data: string;

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'east' });
});
afterAll(() => server.close());
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'fleetdeck-bad-'));
  data = path.join(dir, 'data');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

function fleetdeck(args: readonly string[], env: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const { FLEETDECK_PASSPHRASE: _none, ...rest } = process.env;
    execFile(
      process.execPath,
      // Manifests are judged without a store.
      [cliEntry, ...args, ...(args.includes('--input') ? [] : ['--data', data])],
      { env: { ...rest, FLEETDECK_LANG: 'en', ...env }, timeout: 50_000 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

/** Refused with this code, for scripts and for people, in both languages. */
async function refuses(args: readonly string[], code: ErrorCode, env: Record<string, string> = {}): Promise<void> {
  const params = { port: args[args.indexOf('--port') + 1] ?? '' };
  const text = (language: Language) => errorText(language, { code, message: '', retryable: false, params });
  const forScripts = await fleetdeck([...args, '--json'], env);
  expect(JSON.parse(forScripts.stdout)).toMatchObject({ error: { code, hint: text('en').hint } });
  expect(forScripts.code).toBe(1);
  const forPeople = await fleetdeck(args, { ...env, FLEETDECK_LANG: 'zh' });
  expect(forPeople.stderr).toContain(text('zh').title);
  expect(forPeople.stderr).toContain(text('zh').hint);
  expect(forPeople.code).toBe(1);
}

function file(name: string, text: string): string {
  const place = path.join(dir, name);
  writeFileSync(place, text);
  return place;
}
const hashOf = (place: string) => createHash('sha256').update(readFileSync(place)).digest('hex');

/** A data directory with one cluster whose kubeconfig was pasted, and so is sealed. */
async function withPastedCluster(passphrase?: string): Promise<void> {
  const store = await openStore({ dir: data, ...(passphrase === undefined ? {} : { passphrase }) });
  const clusters = createClusters({
    repository: store.clusters,
    fleets: () => ({ get: () => undefined, fleetOfCluster: () => undefined }),
    addToFleet: async () => {},
    log: silent,
    env: {},
    home: dir,
  });
  await clusters.register({
    source: { kind: 'text', text: server.kubeconfig() },
    context: 'east',
    name: 'east',
    deletionProtection: false,
    evenIfUnreachable: false,
  });
  await clusters.close();
  await store.close();
}

test('a verdict is told from what kept it from being given: 1 and 2', async () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'web', image: 'web' }] },
  };
  const bad = await fleetdeck([
    'inspect',
    '--input',
    file('pod.json', JSON.stringify(pod)),
    '--fail-on',
    'notice',
    '--json',
  ]);
  expect(JSON.parse(bad.stdout).length).toBeGreaterThan(0);
  expect(bad.code).toBe(1);
  const broken = await fleetdeck(['inspect', '--input', file('pod.yaml', 'kind: [broken'), '--json']);
  expect(JSON.parse(broken.stdout)).toMatchObject({ error: { code: 'INVALID' } });
  expect(broken.code).toBe(2);
  const missing = await fleetdeck(['diagnose', 'pod', 'a/b', '--kubeconfig', path.join(dir, 'none'), '--json']);
  expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: 'KUBECONFIG_UNREADABLE' } });
  expect(missing.code).toBe(2);
});

describe('kubeconfigs', () => {
  test.each<[ErrorCode, string, string[]]>([
    ['KUBECONFIG_NOT_YAML', 'a: [b\n c: d', []],
    ['KUBECONFIG_EMPTY', 'apiVersion: v1\nkind: Config\n', []],
    ['KUBECONFIG_CONTEXT_MISSING', '', ['--context', 'nope']],
  ])('%s', async (code, text, more) => {
    await refuses(['clusters', 'register', file('config', text || server.kubeconfig()), ...more], code);
    expect(JSON.parse((await fleetdeck(['clusters', 'list', '--json'])).stdout)).toEqual([]);
  });

  test('a file that is not there, a server that is dead, a name that exists', async () => {
    await refuses(['clusters', 'register', path.join(dir, 'none')], 'KUBECONFIG_UNREADABLE');
    const dead = file('dead', server.kubeconfig().replace(/server: .*/, 'server: https://127.0.0.1:1'));
    await refuses(['clusters', 'register', dead], 'CLUSTER_UNREACHABLE');
    const good = file('good', server.kubeconfig());
    expect((await fleetdeck(['clusters', 'register', good, '--name', 'east'])).code).toBe(0);
    const elsewhere = file('elsewhere', server.kubeconfig().replace('127.0.0.1', 'localhost'));
    await refuses(['clusters', 'register', elsewhere, '--name', 'east'], 'NAME_TAKEN');
  });
});

describe('the data directory', () => {
  test('one that is in use names the process', async () => {
    const lock = await lockDirectory(data);
    try {
      await refuses(['clusters', 'list'], 'DATA_DIR_LOCKED');
      expect((await fleetdeck(['clusters', 'list'])).stderr).toContain(String(process.pid));
    } finally {
      lock.release();
    }
  });

  test('one that cannot be made', async () => {
    data = path.join(file('a-file', ''), 'data');
    await refuses(['clusters', 'list'], 'DATA_DIR_UNWRITABLE');
    await refuses(['demo', '--headless'], 'DATA_DIR_UNWRITABLE');
  });

  test('a damaged database and one of a newer version are left as they are', async () => {
    await (await openStore({ dir: data })).close();
    const database = storePath(data);
    const good = readFileSync(database);
    const newer = new Sqlite(database);
    newer.pragma('user_version = 99');
    newer.close();
    let before = hashOf(database);
    await refuses(['clusters', 'list'], 'STORE_NEWER');
    expect(hashOf(database)).toBe(before);
    writeFileSync(database, Buffer.concat([good.subarray(0, 4096), Buffer.alloc(good.length - 4096, 0xab)]));
    before = hashOf(database);
    await refuses(['serve'], 'STORE_DAMAGED');
    expect(hashOf(database)).toBe(before);
  });
});

describe('secrets', () => {
  test('the wrong passphrase opens nothing, and the right one everything as before', async () => {
    await withPastedCluster('correct horse');
    await refuses(['clusters', 'list'], 'SECRETS_LOCKED', { FLEETDECK_PASSPHRASE: 'wrong horse' });
    const { stdout } = await fleetdeck(['clusters', 'list', '--json'], { FLEETDECK_PASSPHRASE: 'correct horse' });
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'east', state: 'running' }]);
  });

  test('with a lost key file the cluster stays and says why it cannot be reached, until the file is back', async () => {
    await withPastedCluster();
    const key = path.join(data, 'secrets.key');
    renameSync(key, `${key}.away`);
    const lost = JSON.parse((await fleetdeck(['clusters', 'list', '--json'])).stdout);
    expect(lost).toMatchObject([{ name: 'east', reason: { code: 'SECRETS_LOCKED' } }]);
    expect(lost[0].state).not.toBe('running');
    renameSync(`${key}.away`, key);
    const back = JSON.parse((await fleetdeck(['clusters', 'list', '--json'])).stdout);
    expect(back).toMatchObject([{ name: 'east', state: 'running', reason: null }]);
  });
});

test('a port that is taken is named', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = holder.address() as { port: number };
    await refuses(['serve', '--port', String(port)], 'PORT_TAKEN');
    expect((await fleetdeck(['serve', '--port', String(port)])).stderr).toContain(String(port));
  } finally {
    await new Promise((resolve) => holder.close(resolve));
  }
});
