/** `fleetdeck apiserver` from its start to its end: what it prints, what it keeps, what it refuses and how. */

import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import type { Json } from '#shared/kubernetes/types.ts';
import { ApiServerProcess, runApiServerCommand } from '../fixtures/apiserver-process.ts';
import { Kubectl, kubectlPath } from '../fixtures/kubectl.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'fleetdeck-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const errorOf = (stdout: string) => JSON.parse(stdout).error;

test('it says where it is ready and writes the kubeconfig where it was asked to, readable by the owner alone', async () => {
  const [data, out] = [path.join(folder, 'data'), path.join(folder, 'out.yaml')];
  const first = await ApiServerProcess.start(['--data', data, '--kubeconfig-out', out, '--name', 'lab']);
  expect(first.ready).toEqual({
    ready: true,
    name: 'lab',
    server: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
    dataDir: data,
    kubeconfig: out,
  });
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(readFileSync(path.join(data, 'kubeconfig'), 'utf8')).toBe(readFileSync(out, 'utf8'));
  if (kubectlPath !== null)
    expect(await new Kubectl(out).ok(['create', 'configmap', 'kept', '--from-literal=a=b'])).toContain('created');

  const second = await runApiServerCommand(['--data', data, '--json']);
  expect([second.code, errorOf(second.stdout).code]).toEqual([1, 'DATA_DIR_LOCKED']);
  expect(await first.end('SIGTERM')).toBe(0);

  // The same folder: same address, same credentials, same objects.
  const again = await ApiServerProcess.start(['--data', data]);
  expect(again.ready.server).toBe(first.ready.server);
  if (kubectlPath !== null)
    expect(await new Kubectl(out).ok(['get', 'configmap', 'kept', '-o', 'name'])).toBe('configmap/kept\n');
  expect(await again.end('SIGTERM')).toBe(0);
});

test('without a folder of its own nothing is left behind', async () => {
  const server = await ApiServerProcess.start([]);
  expect(existsSync(server.ready.kubeconfig)).toBe(true);
  await server.end('SIGTERM');
  expect(existsSync(server.ready.dataDir)).toBe(false);
});

test('at rest nothing of the runtime is loaded that only the requests of a browser need', async () => {
  const [seen, loaded] = [path.join(folder, 'seen.cjs'), path.join(folder, 'loaded.txt')];
  const write = `require('node:fs').writeFileSync(${JSON.stringify(loaded)}, process.moduleLoadList.join('\\n'))`;
  writeFileSync(seen, `process.on('exit', () => ${write});`);
  vi.stubEnv('NODE_OPTIONS', `--require=${seen}`);
  const server = await ApiServerProcess.start([]).finally(() => vi.unstubAllEnvs());
  expect(await server.end('SIGTERM')).toBe(0);
  const modules = readFileSync(loaded, 'utf8').split('\n');
  expect(modules).toContain('NativeModule https');
  expect(modules.filter((name) => name.includes('undici'))).toEqual([]);
});

test('tokens of a file are users from the start, and a file that is wrong is refused with its line', async () => {
  const file = path.join(folder, 'tokens.csv');
  writeFileSync(file, 'abc-token,ada,42,"system:masters,team"\n');
  const server = await ApiServerProcess.start(['--token-auth-file', file]);
  const [cluster] = parse(readFileSync(server.ready.kubeconfig, 'utf8')).clusters;
  const ca = Buffer.from(cluster.cluster['certificate-authority-data'], 'base64').toString();
  const dispatcher = new Agent({ connect: { ca } });
  const ask = (token: string) =>
    request(`${server.ready.server}/apis/authentication.k8s.io/v1/selfsubjectreviews`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
      dispatcher,
    });
  const known = await ask('abc-token');
  expect(known.statusCode).toBe(201);
  expect(((await known.body.json()) as Json).status.userInfo).toMatchObject({
    username: 'ada',
    uid: '42',
    groups: ['system:masters', 'team', 'system:authenticated'],
  });
  const unknown = await ask('abc-tokem');
  await unknown.body.dump();
  expect(unknown.statusCode).toBe(401);
  await dispatcher.close();
  await server.end('SIGTERM');
  writeFileSync(file, 'abc-token,ada\n');
  const refused = await runApiServerCommand(['--token-auth-file', file, '--json']);
  expect([refused.code, errorOf(refused.stdout).code]).toEqual([1, 'INVALID']);
  expect(errorOf(refused.stdout).message).toContain('line 1: at least 3 columns');
});

test('admission plugins are left out by name, and a name that none has is refused', async () => {
  const toleration = async (args: string[]): Promise<unknown> => {
    const server = await ApiServerProcess.start(args);
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { serviceAccountName: 'none', containers: [{ name: 'c', image: 'i' }] },
    };
    const { status, json } = await server.call('POST', '/api/v1/namespaces/default/pods', pod);
    await server.end('SIGTERM');
    return status === 201 ? (json.spec.tolerations ?? 'created') : status;
  };
  expect(await toleration([])).toBe(403);
  const off = 'ServiceAccount,DefaultTolerationSeconds';
  expect(await toleration(['--disable-admission-plugins', off])).toBe('created');
  const refused = await runApiServerCommand(['--disable-admission-plugins', 'ServiceAccounts', '--json']);
  expect(errorOf(refused.stdout).message).toContain('unknown admission plugins: ServiceAccounts');
});

test('a port that is taken and a file that cannot be written are refused in clear words', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const taken = await runApiServerCommand(['--port', String(port), '--json']);
  expect([taken.code, errorOf(taken.stdout).code]).toEqual([1, 'PORT_TAKEN']);
  other.close();
  const file = path.join(folder, 'no', 'such', 'folder', 'kubeconfig');
  const unwritable = await runApiServerCommand(['--kubeconfig-out', file]);
  expect(unwritable.code).toBe(1);
  expect(unwritable.stderr).toContain(file);
  expect((await runApiServerCommand(['--port', 'many'])).code).toBe(2);
});
