import { beforeEach, expect, test } from 'vitest';
import { emptyFiles, shellLibrary } from './container-files.ts';
import { fileTools } from './file-tools.ts';
import type { Owner, Owners } from './owners.ts';
import { inputOf, Shell } from './shell.ts';

const given = new Map<string, Partial<Owner>>();
let shell: Shell;

async function makeShell(user: number): Promise<Shell> {
  const library = await shellLibrary();
  const files = emptyFiles(library);
  files.mkdirSync('/data', { recursive: true });
  files.writeFileSync('/data/note', 'hello\n');
  await files.utimes('/data/note', new Date(0), new Date('2026-01-02T03:04:05.678Z'));
  await files.symlink('note', '/data/short');
  const owners: Owners = (path, mode) => ({ user: 0, group: 0, mode, ...given.get(path) });
  const tools = fileTools({
    user,
    owners,
    give: (path, owner) => given.set(path, { ...given.get(path), ...owner }),
    kindAt: (path) => (path.startsWith('/data') ? 'tmpfs' : 'overlay'),
  });
  const env = new Map([['PATH', '/usr/bin']]);
  for (const name of ['ls', 'cat', 'chmod', 'chroot', 'cut', 'sh', ...Object.keys(tools)])
    files.writeFileSync(`/usr/bin/${name}`, '', undefined, { mode: 0o755 });
  const signal = new AbortController().signal;
  return new Shell({ library, name: 'sh', files, env, signal, programs: tools, ready: async () => undefined, owners });
}

async function run(script: string, at = shell): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await at.run(script, {
    ...inputOf(Buffer.alloc(0)),
    out: (content) => {
      out += Buffer.from(content as string).toString('utf8');
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

beforeEach(async () => {
  given.clear();
  shell = await makeShell(0);
});

test.each([
  ['mkdir -m 777 /open; stat -c "%a %F" /open', '777 directory\n'],
  ['mkdir -pm 0700 /deep/er; stat -c %a /deep /deep/er', '755\n700\n'],
  ['mkdir --mode=u=rwx,go=rx /x -v; stat -c %A /x', "mkdir: created directory '/x'\ndrwxr-xr-x\n"],
  ['mkdir -m go-w /y; stat -c %A /y', 'drwxr-xr-x\n'],
  ['stat -c "%n %s %a %u:%g %U:%G %F %Y %h" /data/note', '/data/note 6 644 0:0 root:root regular file 1767323045 1\n'],
  ["stat -c '%N %F' /data/short; stat -L -c %F /data/short", "'/data/short' -> 'note' symbolic link\nregular file\n"],
  ['stat -f -c %T /data /usr', 'tmpfs\noverlayfs\n'],
  ['chown 1000:3000 /data/note; stat -c %u:%g /data/note', '1000:3000\n'],
  ['chown -R nobody /data; stat -c %U:%g /data /data/note', 'nobody:0\nnobody:0\n'],
  ['chgrp 7 /data/note; stat -c %u:%g /data/note', '0:7\n'],
  ['truncate -s 1K /data/note; stat -c %s /data/note', '1024\n'],
  ['truncate -s +4 /data/note; stat -c %s /data/note', '10\n'],
  ['truncate -s -4 /data/note; cat /data/note', 'he'],
  ['fallocate -l 1M /data/big; stat -c %s /data/big', '1048576\n'],
  ['fallocate -l 2 /data/note; cat /data/note', 'hello\n'],
])('%s', async (script, out) => {
  expect(await run(script)).toEqual({ code: 0, out, err: '' });
});

test.each([
  ['mkdir /data', "mkdir: can't create directory '/data': File exists\n"],
  ['mkdir /no/where', "mkdir: can't create directory '/no/where': No such file or directory\n"],
  ['mkdir -p /data/note', "mkdir: can't create directory '/data/note': File exists\n"],
  ['mkdir /data/note/x', "mkdir: can't create directory '/data/note/x': Not a directory\n"],
  ['mkdir -m 9 /z', "mkdir: invalid mode '9'\n"],
  ['stat /nothing', "stat: can't stat '/nothing': No such file or directory\n"],
  ['chown kim /data', 'chown: unknown user kim\n'],
  ['chown 1 /nothing', 'chown: /nothing: No such file or directory\n'],
  ['truncate -s 1G /data/big', 'truncate: /data/big: No space left on device\n'],
  ['truncate -s much /data/big', "truncate: invalid number 'much'\n"],
  ['mkfifo /data/pipe', 'mkfifo: /data/pipe: Operation not permitted\n'],
  ['umount /data', "umount: can't unmount /data: Operation not permitted\n"],
])('%s is refused', async (script, err) => {
  expect(await run(script)).toEqual({ code: 1, out: '', err });
});

test('in another root a file is the same one by another path', async () => {
  expect((await run('chroot /data sh -c "chown 1000 /note; stat -c %u /note"')).out).toBe('1000\n');
  expect((await run('stat -c %u /data/note; ls -ln /data/note | cut -c14-18')).out).toBe('1000\n1000 \n');
  // What is typed next is run there.
  await run('chroot /data');
  expect((await run('stat -c %u /note')).out).toBe('1000\n');
});

test('only root gives files away', async () => {
  const other = await makeShell(1000);
  expect((await run('chown 1000 /data/note', other)).err).toBe('chown: /data/note: Operation not permitted\n');
  expect(given.size).toBe(0);
});

test('stat tells everything of a file', async () => {
  const { out } = await run('stat /data/note');
  expect(out.split('\n').slice(0, 2)).toEqual([
    '  File: /data/note',
    '  Size: 6         \tBlocks: 8          IO Block: 4096   regular file',
  ]);
  expect(out).toContain('Access: (0644/-rw-r--r--)  Uid: (    0/    root)   Gid: (    0/    root)\n');
  expect(out).toContain('Modify: 2026-01-02 03:04:05.678000000 +0000\n');
});
