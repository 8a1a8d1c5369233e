import { beforeAll, expect, test } from 'vitest';
import { emptyFiles, type ShellLibrary, shellLibrary } from './container-files.ts';
import { dd } from './dd.ts';
import { inputOf } from './shell.ts';

let library: ShellLibrary;
beforeAll(async () => {
  library = await shellLibrary();
});

function machine() {
  const files = emptyFiles(library);
  for (const [path, content] of Object.entries({
    '/dev/zero': '\0',
    '/data/ten': '0123456789',
    '/data/old': 'abcdefgh',
  }))
    files.writeFileSync(path, content);
  return async (line: string, input = '') => {
    const out: string[] = [];
    const err: string[] = [];
    const io = {
      ...inputOf(Buffer.from(input)),
      out: (content: string | Uint8Array) => void out.push(Buffer.from(content as string).toString()),
      err: (text: string) => void err.push(text),
    };
    const shell = {
      name: 'sh',
      files,
      env: new Map(),
      cwd: '/data',
      root: '',
      signal: new AbortController().signal,
      status: 0,
    };
    const code = await dd(line.split(' '), io, shell);
    return { code, out: out.join(''), err: err.join(''), file: (path: string) => files.readFile(path) };
  };
}

test('what is shorter than a block is copied as it is', async () => {
  const run = machine();
  const { code, err, file } = await run('of=/data/name conv=fsync', 'web-0\n');
  expect([code, await file('/data/name')]).toEqual([0, 'web-0\n']);
  expect(err).toMatch(/^0\+1 records in\n0\+1 records out\n6 bytes \(6B\) copied, /);
  expect((await run('of=/data/none', '')).err).toContain('0+0 records in');
});

test('blocks are counted, skipped and sought', async () => {
  const run = machine();
  expect((await run('if=ten bs=4')).err).toContain('2+1 records in');
  expect((await run('if=ten bs=4 skip=1 count=1')).out).toBe('4567');
  expect(await (await run('of=old bs=2 seek=1', 'XY')).file('/data/old')).toBe('abXY');
  expect(await (await run('of=ten bs=2 seek=1 conv=notrunc', 'XY')).file('/data/ten')).toBe('01XY456789');
});

test('an endless device gives what is asked for, and has no end', async () => {
  const run = machine();
  expect((await run('if=/dev/zero bs=1k count=3')).out).toHaveLength(3072);
  expect(await run('if=/dev/zero of=/data/full bs=1M')).toMatchObject({
    code: 1,
    err: "dd: error writing '/data/full': No space left on device\n",
  });
  expect((await run('if=/data/nothing')).err).toBe('dd: /data/nothing: No such file or directory\n');
});
