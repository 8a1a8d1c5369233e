/** `fleetdeck apiserver` from its start to its end: what it prints, what it keeps, what it refuses and how. */

import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
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
