import type { IFileSystem } from 'just-bash/browser';
import { pack } from 'tar-stream';
import { beforeAll, describe, expect, test } from 'vitest';
import { absolute, emptyFiles, mounted, rootFiles, type ShellLibrary, shellLibrary } from './container-files.ts';
import { directoryView } from './directory-view.ts';
import { type CommandIo, inputOf, Shell } from './shell.ts';
import { tar } from './tar.ts';
import { TOOLS } from './tools.ts';

let library: ShellLibrary;
beforeAll(async () => {
  library = await shellLibrary();
});

function makeShell(
  options: { signal?: AbortSignal; user?: number; readOnly?: boolean; name?: string; machine?: IFileSystem } = {},
) {
  const root = emptyFiles(library);
  for (const directory of ['/tmp', '/var/log', '/etc', '/dev', '/bin', '/usr/local/sbin', '/usr/local/bin'])
    root.mkdirSync(directory, { recursive: true });
  root.writeFileSync('/etc/hostname', 'web-0\n');
  for (const name of [...TOOLS, 'greet', 'tar', 'chroot', 'nsenter'])
    root.writeFileSync(`/usr/bin/${name}`, '', undefined, { mode: 0o755 });
  const fixed = emptyFiles(library);
  fixed.writeFileSync('/key', 'value\n');
  return new Shell({
    library,
    name: options.name ?? 'sh',
    files: mounted(library, rootFiles(root, { readOnly: options.readOnly === true, user: options.user ?? 0 }), [
      { path: '/config', files: fixed, readOnly: true },
      { path: '/data', files: emptyFiles(library), readOnly: false },
      { path: '/data/config', files: fixed, readOnly: true },
    ]),
    env: new Map([
      ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ['HOME', '/root'],
      ['NAME', 'two words'],
      ['LONG', 'x'.repeat(9999)],
    ]),
    signal: options.signal ?? new AbortController().signal,
    machine: () => options.machine ?? null,
    ready: async () => undefined,
    programs: {
      tar,
      greet: async (args, io) => {
        io.out(`hello ${args[0] ?? (await io.input()).trim()}\n`);
        return 3;
      },
    },
  });
}

async function run(script: string, shell = makeShell(), input: Partial<CommandIo> = inputOf(Buffer.from('b\na\n'))) {
  let out = '';
  let err = '';
  const io: CommandIo = {
    ...inputOf(Buffer.alloc(0)),
    ...input,
    out: (content) => {
      out += Buffer.from(content as string).toString('utf8');
    },
    err: (text) => {
      err += text;
    },
  };
  return { code: await shell.run(script, io), out, err };
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: shell, not JavaScript.
describe('a line of shell', () => {
  test.each([
    ['echo $0 "${0}"', 'sh sh\n'],
    ['f() { echo $0 $1; }; f x', 'sh x\n'],
    ['sleep 0 & env | grep __', ''],
    [': >/data/none; cat </data/none; wc -c </data/none', '0\n'],
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
    ['seq 1 3 | tr "\\n" " "', '1 2 3 '],
    ['echo a:b:c | cut -d: -f2', 'b\n'],
    ['echo hello | sed s/l/L/g', 'heLLo\n'],
    ["echo '1 2 3' | awk '{print $2 + $3}'", '5\n'],
    ['mkdir /tmp/d; echo needle > /tmp/d/f; grep -r needle /tmp/d', '/tmp/d/f:needle\n'],
    ['find /config -name "k*"', '/config/key\n'],
    ['printf "b\\na\\nb\\n" | sort | uniq -c', '   1 a\n   2 b\n'],
    ['echo a b | xargs -n1 echo item', 'item a\nitem b\n'],
    ['case foo in f*) echo F;; *) echo other;; esac', 'F\n'],
    ['f() { echo "in $1"; return 3; }; f x; echo $?', 'in x\n3\n'],
    ['cat <<END\nhi $NAME\nEND', 'hi two words\n'],
    ['[[ abc == a* ]] && echo yes', 'yes\n'],
    ['echo ${NAME##* } ${#NAME} ${NAME%% *}', 'words 9 two\n'],
    ['a=5; while [ $a -gt 3 ]; do a=$((a - 1)); done; echo $a', '3\n'],
    ['nope 2>/dev/null || echo $?', '127\n'],
    ['ls /nope 2>&1 | wc -l', '1\n'],
    ['/usr/bin/cat /etc/hostname; which cat; ls /usr/bin | grep -c _', 'web-0\n/usr/bin/cat\n0\n'],
    ['{ echo a; echo b; } > /tmp/g; cat /tmp/g', 'a\nb\n'],
    ['for i in 1 2; do echo $i; done > /tmp/l; wc -l < /tmp/l', '2\n'],
    ['x=$(f() { echo y; }; f); echo $x', 'y\n'],
    ['echo a b | xargs echo | wc -w', '2\n'],
    ['sh -c "echo one; echo two" | wc -l', '2\n'],
    ['find /config -type f -exec echo {} \\; | wc -l', '1\n'],
    ['greet you; echo $?', 'hello you\n3\n'],
    ['echo you | greet', 'hello you\n'],
    ['greet', 'hello b\na\n'],
    ['while read line; do echo "<$line>"; done', '<b>\n<a>\n'],
    ['trapped() { echo in; }; trapped | wc -l', '1\n'],
    ['ls -ld /tmp | cut -c1-24', 'drwxr-xr-x 1 root     ro\n'],
  ])('%s', async (script, expected) => {
    expect(await run(script)).toMatchObject({ out: expected, err: '' });
  });

  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: shell, not JavaScript.
  test.each([
    ['nope', 127, 'sh: nope: not found\n'],
    ['cat /nope', 1, "cat: can't open '/nope': No such file or directory\n"],
    ['ls /nope', 1, 'ls: /nope: No such file or directory\n'],
    ['exit 7', 7, ''],
    ['false', 1, ''],
    ['echo x > /nowhere/y', 1, "sh: can't create /nowhere/y: nonexistent directory\n"],
    ['echo x > /config/key', 1, "sh: can't create /config/key: Read-only file system\n"],
    ['set -e; false; echo not this', 1, ''],
  ])('%s fails as a shell would', async (script, code, err) => {
    expect(await run(script)).toMatchObject({ code, err });
  });

  test.each(['echo "open', 'if true; then', 'done', 'echo )'])('%s is an error of the grammar', async (script) => {
    const shell = makeShell();
    const { code, err } = await run(script, shell);
    expect([code, shell.ended]).toEqual([2, false]);
    expect(err).toMatch(/^sh: .*(syntax error|unexpected)/);
  });

  test.each([
    'while true; do :; done',
    'for ((;;)); do :; done',
    'until false; do echo x; done',
  ])('%s lets everything else run, and stops when nobody listens any more', async (script) => {
    const gone = new AbortController();
    let turns = 0;
    const tick = () => {
      turns += 1;
      if (turns === 20) gone.abort();
      else setImmediate(tick);
    };
    setImmediate(tick);
    expect((await run(script, makeShell({ signal: gone.signal }))).code).toBe(130);
    expect(turns).toBe(20);
  });

  test('what a command says is heard before the next one ends', async () => {
    const seen: string[] = [];
    const ended = new AbortController();
    await makeShell({ signal: ended.signal }).run('while true; do echo tick; done', {
      ...inputOf(Buffer.alloc(0)),
      out: (content) => {
        seen.push(Buffer.from(content as string).toString('utf8'));
        if (seen.length === 3) ended.abort();
      },
      err: () => undefined,
    });
    expect(seen.slice(0, 3)).toEqual(['tick\n', 'tick\n', 'tick\n']);
  });

  test('an input that nobody reads is not waited for', async () => {
    const open = { bytes: () => new Promise<never>(() => undefined), input: () => new Promise<never>(() => undefined) };
    const script =
      'cat /etc/hostname; head -n 1 /etc/hostname; grep -c w /etc/hostname; sort -k 1 /etc/hostname; echo x | sort; greet you';
    expect(await run(script, makeShell(), open)).toMatchObject({ out: 'web-0\nweb-0\n1\nweb-0\nx\nhello you\n' });
  });

  test('a container holds only so much', async () => {
    const shell = makeShell();
    await shell.files.writeFile('/tmp/big', Buffer.alloc(24 << 20));
    const { code, err } = await run('cp /tmp/big /tmp/a && cp /tmp/big /tmp/b && cat /tmp/big > /tmp/c', shell);
    expect(code).not.toBe(0);
    expect(err).toContain('No space left on device');
  });

  test('bytes that are no text stay what they are', async () => {
    const chunks: Buffer[] = [];
    await makeShell().run('echo /wA= | base64 -d > /data/b; cat /data/b', {
      ...inputOf(Buffer.alloc(0)),
      out: (content) => void chunks.push(Buffer.from(content as string)),
      err: () => undefined,
    });
    expect(Buffer.concat(chunks)).toEqual(Buffer.from([255, 0]));
  });

  test('bash calls itself so', async () => {
    expect((await run('nope', makeShell({ name: 'bash' }))).err).toBe('bash: nope: command not found\n');
  });
});

describe('what may be written', () => {
  test.each([
    [{ readOnly: true }, 'echo x > /tmp/f', 'Read-only file system'],
    [{ readOnly: true }, 'mkdir /opt', 'Read-only file system'],
    [{ readOnly: true }, 'rm /etc/hostname', 'Read-only file system'],
    [{ user: 1000 }, 'echo x > /etc/f', 'Permission denied'],
    [{ user: 1000 }, 'touch /f', 'Permission denied'],
  ])('with %j not: %s', async (options, script, words) => {
    const { code, err } = await run(script, makeShell(options));
    expect(code).not.toBe(0);
    expect(err).toMatch(/^(sh|mkdir|rm|touch): .*: /);
    expect(err).toContain(words);
  });
  test.each([
    [{ readOnly: true }, 'echo x > /data/f; cat /data/f'],
    [{ user: 1000 }, 'echo x > /tmp/f; cat /tmp/f'],
    [{}, 'echo x > /etc/f; cat /etc/f'],
  ])('with %j: %s', async (options, script) => {
    expect(await run(script, makeShell(options))).toMatchObject({ code: 0, out: 'x\n', err: '' });
  });
});

describe('one line after the other', () => {
  test('finds variables, place, functions and status of those before', async () => {
    const shell = makeShell();
    await run('X=1; cd /tmp; f() { echo "f $X"; }; false', shell);
    expect([shell.cwd, shell.status]).toEqual(['/tmp', 1]);
    const next = shell.resumed(new AbortController().signal);
    expect((await run('f; pwd', next)).out).toBe('f 1\n/tmp\n');
  });
  test('an exit ends the shell, a command that is not there does not', async () => {
    const shell = makeShell();
    await run('nope', shell);
    expect([shell.ended, shell.status]).toEqual([false, 127]);
    await run('exit 4', shell);
    expect([shell.ended, shell.status]).toEqual([true, 4]);
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
    await shell.files.writeFile('/tmp/a/raw', bytes);
    expect(await run('tar cf - a | tar xmf - -C /var/log', shell)).toMatchObject({ code: 0, err: '' });
    expect((await run('cat /var/log/a/b/text', shell)).out).toBe('hello\n');
    expect(Buffer.from(await shell.files.readFileBuffer('/var/log/a/raw'))).toEqual(bytes);
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
    await shell.files.writeFile('/tmp/evil.tar', Buffer.concat(chunks));
    await run('cd /tmp; tar xf evil.tar', shell);
    expect((await run('cat /tmp/etc/passwd', shell)).out).toBe('mine');
    expect((await run('tar xf /etc/hostname', shell)).err).toBe('tar: invalid tar header\n');
  });
});

test('a part of a volume is a directory of its own, and what is written there is in the volume', async () => {
  const volume = emptyFiles(library);
  volume.mkdirSync('/logs/web', { recursive: true });
  const part = directoryView(volume, '/logs/web');
  const both = new Shell({
    library,
    name: 'sh',
    files: mounted(library, emptyFiles(library), [
      { path: '/all', files: volume, readOnly: false },
      { path: '/part', files: part, readOnly: false },
    ]),
    env: new Map([['PATH', '/bin']]),
    signal: new AbortController().signal,
    ready: async () => undefined,
    programs: {},
  });
  const { code, out } = await run(
    'cd /part; echo a > one; mkdir sub; mv one sub/two; cp sub/two three; ln -s three four; ls -1; cat /all/logs/web/sub/two four; ls /all/logs',
    both,
  );
  expect(out.split('\n')).toEqual(['four', 'sub', 'three', 'a', 'a', 'web', '']);
  expect(code).toBe(0);
});

test('a volume within another is mounted there', async () => {
  const { out } = await run('echo x > /data/own; cat /data/config/key; ls /data; echo y > /data/config/key');
  expect(out).toBe('value\nconfig\nown\n');
});

test('programs that a shell has of its own are there without one', async () => {
  const io: CommandIo = { ...inputOf(Buffer.alloc(0)), out: () => undefined, err: () => undefined };
  const shell = makeShell();
  const ends = async (...words: string[]) => await shell.program(words, io);
  expect(await ends('test', '-f', '/data/continue')).toBe(1);
  await shell.files.writeFile('/data/continue', '');
  expect([await ends('test', '-f', '/data/continue'), await ends('[', '-d', '/data', ']')]).toEqual([0, 0]);
});

test('what set has switched on holds for the commands after it', async () => {
  const shell = makeShell();
  expect(await run('set -eu; set -o pipefail; f() { echo 1; }', shell)).toMatchObject({ code: 0, err: '' });
  expect(await run('f; true && false || echo "$?"', shell)).toMatchObject({ code: 0, out: '1\n1\n' });
  expect(await run('false | true; echo not', shell)).toMatchObject({ code: 1, out: '' });
  expect(shell.ended).toBe(true);
  const other = makeShell();
  await run('set -e; set +e', other);
  expect(await run('false; echo on', other)).toMatchObject({ out: 'on\n' });
});

test('a trace shows what was written and nothing else', async () => {
  const shell = makeShell();
  await run('set -x', shell);
  expect((await run('for i in 1 2; do echo $i > /tmp/x; done', shell)).err).toBe('+ echo 1\n+ echo 2\n');
});

test('ls -i numbers what it shows, the same each time', async () => {
  const { out } = await run('cd /config; ls -i key; ls -i; ls -idlh /config/key | sed "s/ -r.*//; s/ -w.*//"');
  const [one, all, long] = out.split('\n');
  expect(one).toMatch(/^ *\d+ key$/);
  expect(all).toBe(one);
  expect(`${long} key`).toBe(one);
  expect((await run('ls -i /data')).out).not.toContain(one?.trim().split(' ')[0] ?? '-');
});

test('an absolute link within a volume leads there', async () => {
  const shell = makeShell();
  await run('echo kept > /data/name; ln -s /data/name /data/link; ln -s /etc/hostname /data/out', shell);
  expect((await run('cat /data/link; readlink /data/link; readlink /data/out', shell)).out).toBe(
    'kept\n/data/name\n/etc/hostname\n',
  );
});

describe('another root', () => {
  const planted = async () => {
    const shell = makeShell();
    await run(
      'mkdir -p /host/etc /host/tmp /host/usr /tmp/usr; cp -r /usr/bin /host/usr; cp -r /usr/bin /host/tmp; cp -r /usr/bin /tmp/usr; echo node-1 > /host/etc/hostname',
      shell,
    );
    return shell;
  };

  test('is where a command runs that is given to chroot', async () => {
    const shell = await planted();
    expect(await run('chroot /host cat /etc/hostname; cat /etc/hostname', shell)).toMatchObject({
      code: 0,
      out: 'node-1\nweb-0\n',
    });
    expect((await run("chroot /host sh -c 'cd /etc && echo $(cat hostname) > /tmp/x; exit 3'", shell)).code).toBe(3);
    expect((await run('cat /host/tmp/x; chroot /host/tmp /bin/cat /x | tr a-z A-Z', shell)).out).toBe(
      'node-1\nNODE-1\n',
    );
    expect(await run('chroot /nowhere ls', shell)).toMatchObject({
      code: 125,
      err: "chroot: cannot change root directory to '/nowhere': No such file or directory\n",
    });
  });

  test('is entered by a shell without a command, until its end', async () => {
    let shell = await planted();
    await run('cd /tmp; chroot /host', shell);
    shell = shell.resumed(new AbortController().signal);
    expect((await run('pwd; cat /etc/hostname', shell)).out).toBe('/\nnode-1\n');
    await run('exit 4', shell);
    expect([shell.ended, shell.status]).toEqual([false, 4]);
    expect((await run('pwd; cat /etc/hostname', shell)).out).toBe('/tmp\nweb-0\n');
    await run('chroot /host', shell);
    expect([shell.leave(), shell.leave()]).toEqual([true, false]);
    await run('exit', shell);
    expect(shell.ended).toBe(true);
  });

  test('is that of the machine for nsenter where it can be entered, else the own', async () => {
    const shell = await planted();
    expect((await run('nsenter -t 1 -m -u -i -n -p -- cat /etc/hostname', shell)).out).toBe('web-0\n');
    expect(await run('nsenter -m ls', shell)).toMatchObject({ code: 1, err: 'nsenter: no target PID specified\n' });
    expect((await run('nsenter -t 77 -m ls', shell)).err).toContain('/proc/77/ns/mnt: No such file or directory');
    const machine = emptyFiles(library);
    machine.writeFileSync('/etc/hostname', 'node-1\n');
    machine.writeFileSync('/usr/bin/cat', '', undefined, { mode: 0o755 });
    const inside = makeShell({ machine });
    for (const flags of ['-t 1 -a', '--target 1 --mount --', '--mount=/rootfs/proc/1/ns/mnt --'])
      expect((await run(`nsenter ${flags} cat /etc/hostname`, inside)).out).toBe('node-1\n');
    expect((await run('nsenter -t 1 -n cat /etc/hostname', inside)).out).toBe('web-0\n');
  });
});
