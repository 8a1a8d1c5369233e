/** `fleetdeck clusters` and `search` as a person types them, in this process: one command after the other on one data directory. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '#engine/apiserver/index.ts';
import { type Command, Options } from '#main/cli/command.ts';
import { clusters } from '#main/cli/commands/clusters.ts';
import { search } from '#main/cli/commands/search.ts';
import { Output } from '#main/cli/output.ts';

const log = { debug() {}, info() {}, warn() {}, error() {}, toFile() {} };
let dir: string;
let server: ApiServer;

beforeAll(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'cli-clusters-'));
  server = await startApiServer({ dir: null, name: 'east' });
  writeFileSync(path.join(dir, 'admin.yaml'), server.kubeconfig());
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

async function run(command: Command, line: string): Promise<{ code: number; json: unknown }> {
  let printed = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      printed += String(chunk);
      done();
    },
  });
  const known = Object.entries(command.options).map(([name, { type, multiple }]) => [
    name,
    { type, multiple: multiple === true },
  ]);
  const args = [...line.split(' '), '--data', path.join(dir, 'data')];
  const { values, positionals } = parseArgs({ args, options: Object.fromEntries(known), allowPositionals: true });
  const out = new Output(true, 'en', stdout, new Writable({ write: (_chunk, _encoding, done) => done() }));
  const call = { args: positionals, options: new Options(values), json: true, language: 'en' as const, out, log };
  const code = await command.run(call as Parameters<Command['run']>[0]);
  return { code, json: printed === '' ? null : JSON.parse(printed) };
}

test('a cluster is registered, searched, opened to others, closed to them again and forgotten; its log stays', async () => {
  const file = path.join(dir, 'jane.yaml');
  expect(await run(clusters, `register ${path.join(dir, 'admin.yaml')} --name east`)).toMatchObject({
    ...{ code: 0, json: { name: 'east', state: 'running' } },
  });
  expect(await run(search, 'kube-system kind:Namespace')).toMatchObject({
    ...{ code: 0, json: { hits: [{ cluster: 'east', kind: 'Namespace', name: 'kube-system' }], failed: [] } },
  });
  const issue = `access issue east --for jane --role view --namespace default --expires 8h --out ${file}`;
  expect(await run(clusters, issue)).toMatchObject({ code: 0, json: { subject: 'jane', path: file } });
  expect(existsSync(file)).toBe(true);
  const listed = await run(clusters, 'access list east');
  expect(listed.json).toMatchObject([{ subject: 'jane', namespaces: ['default'], revokedAt: null }]);
  const [{ id }] = listed.json as [{ id: string }];
  await expect(run(clusters, 'access revoke east zzz')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await run(clusters, `access revoke east ${id.slice(0, 6)}`)).toMatchObject({
    ...{ code: 0, json: [{ id, refused: true }] },
  });
  expect(existsSync(file)).toBe(false);

  // One that is still open when the cluster goes is taken out of it.
  await run(clusters, 'access issue east --for ci');
  expect(await run(clusters, 'unregister east')).toMatchObject({ code: 0, json: { unregistered: 'east' } });
  const accounts = { group: '', version: 'v1', resource: 'serviceaccounts' };
  expect((await server.client('test').list(accounts, { namespace: 'fleetdeck-access' })).items).toEqual([]);
  const { json } = await run(clusters, 'log east');
  expect((json as { kind: string; result: string }[]).map(({ kind, result }) => `${kind} ${result}`)).toEqual([
    'deregister succeeded',
    'issueAccess succeeded',
    'revokeAccess succeeded',
    'issueAccess succeeded',
    'register succeeded',
  ]);
  await expect(run(clusters, 'log nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test.each([
  'access list',
  'access issue east',
  'access issue east --for ci --expires 90x',
  'access revoke east',
  'check',
  'teleport east',
  'log east west',
])('wrong use is told before anything is opened: clusters %s', async (line) => {
  await expect(run(clusters, line)).rejects.toMatchObject({ name: 'UsageError' });
});
