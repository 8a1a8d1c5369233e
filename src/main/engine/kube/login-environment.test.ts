import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { adoptEnvironment, loginShellEnvironment } from './login-environment.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'login-environment-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function shell(name: string, script: string): string {
  const file = path.join(dir, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

test('is what a login shell has, whatever its profile prints around it, and however many lines a value has', async () => {
  const profile = `echo "Welcome"
PATH="/opt/cloud/bin:$PATH"
export HTTPS_PROXY=http://proxy:3128 KUBECONFIG=/a:/b AWS_PROFILE=shop NOTE="one
TWO=two"
eval "$2"; echo; echo bye`;
  const found = await loginShellEnvironment({ env: { SHELL: shell('noisy', profile) }, platform: 'linux' });
  expect(found).toMatchObject({
    HTTPS_PROXY: 'http://proxy:3128',
    KUBECONFIG: '/a:/b',
    AWS_PROFILE: 'shop',
    NOTE: 'one\nTWO=two',
  });
  expect(found?.PATH?.split(':')[0]).toBe('/opt/cloud/bin');
  for (const name of ['TWO', 'PWD', 'SHLVL', '_']) expect(found).not.toHaveProperty(name);
});

test('is understood from an `env` that only knows lines', async () => {
  const run = async (_shell: string, args: string[]) => {
    const mark = /printf %s (\w+);/.exec(args[1] ?? '')?.[1] ?? '';
    return `hello ${mark}PATH=/a:/b\nNO_PROXY=.corp\n${mark} bye`;
  };
  expect(await loginShellEnvironment({ env: { SHELL: '/bin/sh' }, platform: 'darwin', run })).toEqual({
    PATH: '/a:/b',
    NO_PROXY: '.corp',
  });
});

test('is not known without a shell, on Windows, and from a shell that fails or never answers', async () => {
  const run = async () => {
    throw new Error('no such shell');
  };
  expect(await loginShellEnvironment({ env: {}, platform: 'linux', run })).toBeNull();
  expect(await loginShellEnvironment({ env: { SHELL: '/bin/sh' }, platform: 'win32' })).toBeNull();
  expect(await loginShellEnvironment({ env: { SHELL: '/bin/sh' }, platform: 'linux', run })).toBeNull();
  const hanging = shell('hanging', 'exec sleep 60');
  expect(await loginShellEnvironment({ env: { SHELL: hanging }, platform: 'linux', timeoutMs: 100 })).toBeNull();
});

test('what the program has itself stays; folders of the shell come first, each once', () => {
  const own = { PATH: '/usr/bin:/a:', HTTPS_PROXY: 'http://own:1' };
  adoptEnvironment(own, { PATH: '/a:/b', HTTPS_PROXY: 'http://shell:1', NO_PROXY: '.corp' });
  expect(own).toEqual({ PATH: '/a:/b:/usr/bin', HTTPS_PROXY: 'http://own:1', NO_PROXY: '.corp' });
});
