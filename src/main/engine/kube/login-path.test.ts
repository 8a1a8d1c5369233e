import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { joinPaths, loginShellPath } from './login-path.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'login-path-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function shell(name: string, script: string): string {
  const file = path.join(dir, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

test('is what a login shell has, whatever its profile prints around it', async () => {
  const noisy = shell('noisy', 'echo "Welcome"; PATH="/opt/cloud/bin:$PATH"; eval "$2"; echo; echo bye');
  const found = await loginShellPath({ env: { SHELL: noisy }, platform: 'linux' });
  expect(found?.split(':')[0]).toBe('/opt/cloud/bin');
});

test('is not known without a shell, on Windows, and from a shell that fails or never answers', async () => {
  const run = async () => {
    throw new Error('no such shell');
  };
  expect(await loginShellPath({ env: {}, platform: 'linux', run })).toBeNull();
  expect(await loginShellPath({ env: { SHELL: '/bin/sh' }, platform: 'win32' })).toBeNull();
  expect(await loginShellPath({ env: { SHELL: '/bin/sh' }, platform: 'linux', run })).toBeNull();
  const hanging = shell('hanging', 'exec sleep 60');
  expect(await loginShellPath({ env: { SHELL: hanging }, platform: 'linux', timeoutMs: 100 })).toBeNull();
});

test('fish is asked in its own words', async () => {
  const asked: string[][] = [];
  const run = async (_shell: string, args: string[]) => {
    asked.push(args);
    return '';
  };
  await loginShellPath({ env: { SHELL: '/usr/bin/fish' }, platform: 'darwin', run });
  expect(asked[0]?.[1]).toContain('string join : $PATH');
});

test('folders of the shell come first, each once', () => {
  expect(joinPaths('/a:/b', '/usr/bin:/a:')).toBe('/a:/b:/usr/bin');
});
