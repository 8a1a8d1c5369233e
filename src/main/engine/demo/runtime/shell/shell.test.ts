import { pack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from './commands.ts';
import { absolute, Files } from './files.ts';
import { ExitShell, inputOf, Shell } from './shell.ts';
import { tar } from './tar.ts';

function makeShell(signal = new AbortController().signal) {
  return new Shell({
    name: 'sh',
    files: new Files([['/etc/hostname', 'web-0\n']], ['/tmp', '/var/log']),
    env: new Map([
      ['HOME', '/root'],
      ['NAME', 'two words'],
      ['LONG', 'x'.repeat(9999)],
    ]),
    signal,
    ready: async () => undefined,
    programs: (name, args, io, shell) => {
      const run = name === 'tar' ? tar : Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
      return run === undefined ? undefined : (async () => run(args, io, shell))();
    },
  });
}

async function run(script: string, shell = makeShell()): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io = {
    ...inputOf(Buffer.from('b\na\n')),
    out: (text: string | Uint8Array) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  };
  try {
    return { code: await shell.run(script, io), out, err };
  } catch (error) {
    if (error instanceof ExitShell) return { code: error.code, out, err };
    throw error;
  }
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: shell, not JavaScript.
describe('a line of shell', () => {
  test.each([
    ['echo hello   world', 'hello world\n'],
    ['echo "hello   world"', 'hello   world\n'],
    ["echo '$NAME'", '$NAME\n'],
    ['echo $NAME "$NAME" ${NAME}', 'two words two words two words\n'],
    ['echo ${MISSING:-fallback}', 'fallback\n'],
    ['X=1; X=2 printenv X; echo $X', '2\n1\n'],
    ['echo $(cat /etc/hostname)-suffix', 'web-0-suffix\n'],
    ['echo `echo in`', 'in\n'],
    ['echo $((2 + 3))', '5\n'],
    ['false && echo no; true && echo yes', 'yes\n'],
    ['false || echo yes', 'yes\n'],
    ['! false && echo yes', 'yes\n'],
    ['cat | sort', 'a\nb\n'],
    ['printf "%s=%d\\n" a 1', 'a=1\n'],
    ['for i in 1 2 3; do echo n$i; done | tail -n 1', 'n3\n'],
    ['if test -f /etc/hostname; then echo there; else echo gone; fi', 'there\n'],
    ['if [ "$NAME" = x ]; then echo a; elif [ 3 -gt 2 ]; then echo b; fi', 'b\n'],
    ['i=0; while [ $i -lt 3 ]; do i=$((i + 1)); done; echo $i', '3\n'],
    ['echo one > /tmp/f; echo two >> /tmp/f; wc -l < /tmp/f', '2\n'],
    ['nope 2>/dev/null; echo $?', '127\n'],
    ['cd /var && ls', 'log\n'],
    ['echo a b c | grep -c b', '1\n'],
    ['(cd /tmp; pwd)', '/tmp\n'],
    ['echo a # not this', 'a\n'],
    ['mkdir -p /tmp/x/y && touch /tmp/x/y/z && ls /tmp/x/y', 'z\n'],
  ])('%s', async (script, expected) => {
    expect(await run(script)).toMatchObject({ out: expected, err: '' });
  });

  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: shell, not JavaScript.
  test.each([
    ['nope', 127, 'sh: nope: not found\n'],
    ['cat /nope', 1, "cat: can't open '/nope': No such file or directory\n"],
    ['exit 7', 7, ''],
    ['false', 1, ''],
    ['echo "open', 2, 'sh: unterminated quoted string\n'],
    ['if true; then', 2, 'sh: unexpected end of file (expecting "fi")\n'],
    ['echo x > /nowhere/y', 1, "sh: can't create /nowhere/y: nonexistent directory\n"],
    ['done', 2, 'sh: syntax error: unexpected "done"\n'],
  ])('%s fails as a shell would', async (script, code, err) => {
    expect(await run(script)).toMatchObject({ code, err });
  });

  test('a loop without end stops when nobody listens any more', async () => {
    const gone = new AbortController();
    const running = run('while true; do echo x; done', makeShell(gone.signal));
    setImmediate(() => gone.abort());
    expect((await running).out).toMatch(/^(x\n)+$/);
  });

  test('a pipe that nobody empties does not grow for ever', async () => {
    expect((await run('while true; do echo $LONG; done | head -n 1')).out).toHaveLength(10_000);
  });

  test('a container holds only so much', async () => {
    const { code, err } = await run('while true; do echo $LONG >> /tmp/f || exit 9; done');
    expect(code).toBe(9);
    expect(err).toContain('No space left on device');
  });
});

test('paths are absolute and plain', () => {
  expect([absolute('/a/b', '../c'), absolute('/', 'x/./y/'), absolute('/a', '/')]).toEqual(['/a/c', '/x/y', '/']);
});

describe('tar', () => {
  test('packs a tree and unpacks it elsewhere, bytes that are no text included', async () => {
    const shell = makeShell();
    const bytes = Buffer.from([0, 255, 254, 10, 128]);
    await run('mkdir -p /tmp/a/b; echo hello > /tmp/a/b/text; cd /tmp', shell);
    shell.files.write('/tmp/a/raw', bytes);
    expect(await run('tar cf - a | tar xmf - -C /var/log', shell)).toMatchObject({ code: 0, err: '' });
    expect((await run('cat /var/log/a/b/text', shell)).out).toBe('hello\n');
    expect(await shell.files.bytes('/var/log/a/raw')).toEqual(bytes);
    expect((await run('tar cf - -C /tmp a/b | tar tf -', shell)).out).toBe('a/b/\na/b/text\n');
  });

  test('says what is missing and goes on; names do not lead out of the directory', async () => {
    const shell = makeShell();
    expect(await run('tar cf /tmp/x.tar /etc/hostname /absent', shell)).toMatchObject({
      code: 1,
      err: expect.stringContaining('tar: absent: No such file or directory'),
    });
    const archive = pack();
    archive.entry({ name: '../../etc/passwd' }, 'mine');
    archive.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of archive) chunks.push(chunk as Buffer);
    shell.files.write('/tmp/evil.tar', Buffer.concat(chunks));
    await run('cd /tmp; tar xf evil.tar', shell);
    expect((await run('cat /tmp/etc/passwd', shell)).out).toBe('mine');
    expect((await run('tar xf /etc/hostname', shell)).err).toBe('tar: invalid tar header\n');
  });
});
