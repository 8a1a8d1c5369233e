import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { shellLibrary } from './container-files.ts';
import { listing } from './listing.ts';
import { ownersIn } from './owners.ts';

const container: Json = {
  name: 'c',
  image: 'busybox:1.28',
  volumeMounts: [
    { name: 'scratch', mountPath: '/data/demo' },
    { name: 'memory', mountPath: '/memory' },
    { name: 'secret', mountPath: '/secret/' },
    { name: 'config', mountPath: '/config' },
    { name: 'host', mountPath: '/host' },
    { name: 'token', mountPath: '/token' },
  ],
};
const owners = (securityContext: Json) =>
  ownersIn(
    {
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        securityContext,
        containers: [container],
        volumes: [
          { name: 'scratch', emptyDir: {} },
          { name: 'memory', emptyDir: { medium: 'Memory' } },
          { name: 'secret', secret: {} },
          { name: 'config', configMap: {} },
          { name: 'host', hostPath: { path: '/x' } },
          { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
        ],
      },
    } as unknown as KubeObject,
    container,
  );
const shared = owners({ runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000 });
const plain = owners({ runAsUser: 1000 });

test.each([
  [shared, '/data', 0o755, 'directory', '0 0 755'],
  [shared, '/data/demo', 0o777, 'directory', '0 2000 2777'],
  [shared, '/data/demo/new', 0o755, 'directory', '1000 2000 2755'],
  [shared, '/data/demo/new', 0o644, 'file', '1000 2000 644'],
  [plain, '/data/demo', 0o777, 'directory', '0 0 777'],
  [plain, '/data/demo/new', 0o644, 'file', '1000 0 644'],
  [shared, '/memory', 0o777, 'directory', '0 2000 3777'],
  [plain, '/memory', 0o777, 'directory', '0 0 1777'],
  [shared, '/secret/key', 0o400, 'file', '0 2000 440'],
  [shared, '/secret', 0o755, 'directory', '0 2000 3777'],
  [plain, '/secret/key', 0o400, 'file', '0 0 400'],
  [shared, '/token/token', 0o600, 'file', '0 2000 640'],
  [plain, '/token/token', 0o600, 'file', '1000 0 600'],
  [plain, '/config', 0o755, 'directory', '0 0 777'],
  [shared, '/host', 0o755, 'directory', '0 0 755'],
  [plain, '/tmp', 0o755, 'directory', '0 0 1777'],
  [shared, '/tmp/new', 0o644, 'file', '1000 3000 644'],
] as const)('%# %s: whose and with which bits', (of, path, mode, kind, expected) => {
  const { user, group, mode: bits } = of(path, mode, kind);
  expect(`${user} ${group} ${bits.toString(8)}`).toBe(expected);
});

test('ls tells of them, by name, by directory and below it', async () => {
  const { Bash, InMemoryFs } = await shellLibrary();
  const fs = new InMemoryFs({});
  fs.mkdirSync('/data/demo/in', { recursive: true });
  await fs.chmod('/data/demo', 0o777);
  fs.writeFileSync('/data/demo/testfile', 'hello\n');
  await fs.symlink('in/run', '/data/demo/short');
  fs.writeFileSync('/data/demo/in/run', '', undefined, { mode: 0o750 });
  const bash = new Bash({ fs });
  const ls = async (...args: string[]) => {
    const { stdout } = await listing(
      args,
      { cwd: '/data', fs },
      async (words) => ({ ...(await bash.exec(`ls ${words.join(' ')}`, { cwd: '/data' })), env: {} }),
      shared,
    );
    return stdout.replaceAll(/ +\d+ \w{3} +\d+ \d\d:\d\d/g, '').replaceAll(/ +/g, ' ');
  };
  expect(await ls('-ld', '/data/demo')).toBe('drwxrwsrwx 1 root 2000 /data/demo\n');
  expect(await ls('-l', 'demo')).toBe(
    'total 3\ndrwxr-sr-x 1 1000 2000 in\nlrwxrwxrwx 1 1000 2000 short -> in/run\n-rw-r--r-- 1 1000 2000 testfile\n',
  );
  expect(await ls('-l', 'demo/testfile')).toBe('-rw-r--r-- 1 1000 2000 demo/testfile\n');
  expect(await ls('-lR', '/data/demo')).toContain('/data/demo/in:\ntotal 1\n-rwxr-x--- 1 1000 2000 run\n');
  expect(await ls('demo')).toBe('in\nshort\ntestfile\n');
});
