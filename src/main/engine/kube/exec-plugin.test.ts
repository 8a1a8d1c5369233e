import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCredentials } from './credentials.ts';
import { createExecRunner, redact, runExecPlugin } from './exec-plugin.ts';
import { type ClusterIdentity, type ExecSpec, execHash } from './identity.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'exec-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const identity = (): ClusterIdentity => ({
  server: 'https://api:6443',
  caData: 'CA',
  insecureSkipTlsVerify: false,
  disableCompression: false,
  baseDir: dir,
});

let scripts = 0;
/** A plugin of our own: body of a shell script. */
async function plugin(body: string, extra: Partial<ExecSpec> = {}): Promise<ExecSpec> {
  const name = `plugin-${scripts++}`;
  await writeFile(path.join(dir, name), `#!/bin/sh\n${body}\n`);
  await chmod(path.join(dir, name), 0o755);
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: `./${name}`,
    args: [],
    env: [],
    provideClusterInfo: false,
    interactiveMode: 'IfAvailable',
    ...extra,
  };
}

const credential = (status: object, apiVersion = 'client.authentication.k8s.io/v1') =>
  `cat <<'END'\n${JSON.stringify({ kind: 'ExecCredential', apiVersion, status })}\nEND`;

const run = (exec: ExecSpec, timeoutMs = 10_000) =>
  runExecPlugin(identity(), exec, { timeoutMs, env: process.env, signal: new AbortController().signal });

const count = async (file: string) => (await readFile(path.join(dir, file), 'utf8')).trim().split('\n').length;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('one run', () => {
  test.each(['v1', 'v1beta1'])('a token comes back (%s), with its expiry', async (version) => {
    const apiVersion = `client.authentication.k8s.io/${version}`;
    const exec = await plugin(credential({ token: 'abc\n', expirationTimestamp: '2030-01-01T00:00:00Z' }, apiVersion), {
      apiVersion,
    });
    expect(await run(exec)).toEqual({
      token: 'abc',
      certificate: undefined,
      key: undefined,
      expiresAt: Date.parse('2030-01-01T00:00:00Z'),
    });
  });

  test('it gets its arguments, its environment and KUBERNETES_EXEC_INFO with the cluster when it asks for it', async () => {
    const exec = await plugin(`echo "$1|$FLAVOUR|$KUBERNETES_EXEC_INFO" > ${dir}/info\n${credential({ token: 't' })}`, {
      args: ['get-token'],
      env: [{ name: 'FLAVOUR', value: 'sweet' }],
      provideClusterInfo: true,
      clusterConfig: { audience: 'x' },
    });
    await run(exec);
    const [arg, flavour, info] = (await readFile(path.join(dir, 'info'), 'utf8')).split('|');
    expect([arg, flavour]).toEqual(['get-token', 'sweet']);
    expect(JSON.parse(info ?? '')).toEqual({
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1',
      spec: {
        interactive: false,
        cluster: {
          server: 'https://api:6443',
          'certificate-authority-data': Buffer.from('CA').toString('base64'),
          config: { audience: 'x' },
        },
      },
    });
  });

  test('a missing command is named, with the hint how to install it', async () => {
    const exec = { ...(await plugin('')), command: 'no-such-plugin-anywhere', installHint: 'apt install it' };
    await expect(run(exec)).rejects.toMatchObject({
      code: 'EXEC_MISSING',
      params: { command: 'no-such-plugin-anywhere', installHint: 'apt install it' },
      hint: 'hints.execInstall',
    });
  });

  test('one that fails is told with the end of what it printed, secrets taken out', async () => {
    const exec = await plugin('echo "login expired; token=abcdefghijklmnopqrstuvwxyz0123456789ABCD" >&2; exit 3');
    const error = await run(exec).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'EXEC_FAILED', params: { why: 'exit', exit: '3' } });
    expect((error as Error).message).toContain('login expired');
    expect((error as Error).message).not.toContain('abcdefghijklmnop');
  });

  test('one that hangs is ended after its time, with every process it has started', async () => {
    const exec = await plugin(`sleep 600 & echo $! > ${dir}/child; echo $$ > ${dir}/parent; wait`);
    await expect(run(exec, 300)).rejects.toMatchObject({ code: 'EXEC_TIMEOUT', params: { seconds: 0.3 } });
    for (const file of ['child', 'parent']) {
      const pid = Number(await readFile(path.join(dir, file), 'utf8'));
      expect(pid).toBeGreaterThan(0);
      await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5_000 });
    }
  });

  test('a helper left behind does not hold the answer back', async () => {
    const exec = await plugin(`sleep 600 & echo $! > ${dir}/helper\n${credential({ token: 't' })}`);
    try {
      await expect(run(exec, 20_000)).resolves.toMatchObject({ token: 't' });
    } finally {
      process.kill(Number(await readFile(path.join(dir, 'helper'), 'utf8')));
    }
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'echo secret-token'],
    ['another kind', 'echo \'{"kind":"Pod","apiVersion":"client.authentication.k8s.io/v1"}\''],
    ['no credential in it', credential({})],
    ['no status', 'echo \'{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":null}\''],
    ['a certificate without key', credential({ clientCertificateData: 'secret-token' })],
    ['another version', credential({ token: 'secret-token' }, 'client.authentication.k8s.io/v1beta1')],
    ['an expiry that is no time', credential({ token: 'secret-token', expirationTimestamp: 'soon' })],
    ['too much', 'head -c 2000000 /dev/zero'],
  ])('an answer with %s is refused and not quoted', async (_what, body) => {
    const error = await run(await plugin(body)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'EXEC_FAILED' });
    expect((error as Error).message).not.toContain('secret-token');
  });

  test('one that needs a terminal and one of an unknown version are not started', async () => {
    const body = `touch ${dir}/started`;
    await expect(run(await plugin(body, { interactiveMode: 'Always' }))).rejects.toMatchObject({
      code: 'EXEC_FAILED',
      hint: 'hints.execInteractive',
    });
    await expect(
      run(await plugin(body, { apiVersion: 'client.authentication.k8s.io/v1alpha1' })),
    ).rejects.toMatchObject({ params: { why: 'apiVersion' } });
    await expect(readFile(path.join(dir, 'started'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('many requests', () => {
  test('share one run, and keep its credential until it is refused', async () => {
    const exec = await plugin(`echo run >> ${dir}/runs\n${credential({ token: 't' })}`);
    const runner = createExecRunner(identity(), exec);
    await Promise.all(Array.from({ length: 10 }, () => runner.credential(false)));
    await runner.credential(false);
    expect(await count('runs')).toBe(1);
    await runner.credential(true);
    expect(await count('runs')).toBe(2);
  });

  test('an expired credential is renewed', async () => {
    const exec = await plugin(
      `echo run >> ${dir}/expiring\n${credential({ token: 't', expirationTimestamp: '2020-01-01T00:00:00Z' })}`,
    );
    const runner = createExecRunner(identity(), exec);
    await runner.credential(false);
    await runner.credential(false);
    expect(await count('expiring')).toBe(2);
  });

  test('a failure is remembered for a moment, so that waiting requests do not start the plugin one after the other', async () => {
    const exec = await plugin(`echo run >> ${dir}/failing\nexit 1`);
    const runner = createExecRunner(identity(), exec);
    for (let request = 0; request < 3; request++) {
      await expect(runner.credential(false)).rejects.toMatchObject({ code: 'EXEC_FAILED' });
    }
    expect(await count('failing')).toBe(1);
    await expect(runner.credential(true)).rejects.toMatchObject({ code: 'EXEC_FAILED' });
    expect(await count('failing')).toBe(2);
  });

  test('closing ends a plugin that runs', async () => {
    const exec = await plugin(`echo $$ > ${dir}/closing; sleep 600`);
    const runner = createExecRunner(identity(), exec);
    const running = runner.credential(false);
    const pid = await vi.waitFor(async () => {
      const read = Number(await readFile(path.join(dir, 'closing'), 'utf8'));
      expect(read).toBeGreaterThan(0);
      return read;
    });
    runner.close();
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  });
});

describe('approval', () => {
  test('a plugin other than the approved one never runs', async () => {
    const exec = await plugin(`touch ${dir}/ran\n${credential({ token: 't' })}`);
    for (const approved of [null, '', execHash({ ...exec, args: ['--other'] })]) {
      const credentials = createCredentials({
        identity: async () => ({ ...identity(), exec }),
        approvedExec: () => approved,
      });
      await expect(credentials.resolve(false)).rejects.toMatchObject({ code: 'EXEC_NOT_APPROVED' });
    }
    await expect(readFile(path.join(dir, 'ran'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('the approved one runs and its token is sent', async () => {
    const exec = await plugin(credential({ token: 'good' }));
    const credentials = createCredentials({
      identity: async () => ({ ...identity(), exec }),
      approvedExec: () => execHash(exec),
    });
    expect((await credentials.resolve(false)).headers.authorization).toBe('Bearer good');
  });
});

test('long runs of token characters are taken out of what a plugin prints', () => {
  expect(redact('error: eyJhbGciOiJSUzI1NiIsImtpZCI6IjEyMyJ9.abc try again')).toBe('error: [redacted] try again');
});
