import { PassThrough } from 'node:stream';
import { beforeAll, expect, test } from 'vitest';
import { emptyFiles, type ShellLibrary, shellLibrary } from './container-files.ts';
import { Shell } from './shell.ts';
import { interact } from './terminal.ts';
import { TOOLS } from './tools.ts';

let library: ShellLibrary;
beforeAll(async () => {
  library = await shellLibrary();
});

/** What a terminal of one line each would show. */
function screen(written: string): string[] {
  return written.split('\n').map((line) => {
    const cells: string[] = [];
    let at = 0;
    for (const character of line) {
      if (character === '\b') at -= 1;
      else if (character === '\r') at = 0;
      else {
        cells[at] = character;
        at += 1;
      }
    }
    return cells.join('').trimEnd();
  });
}

/** A shell on a terminal. `typed` waits until what it shows ends with the text. */
function terminal() {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  let written = '';
  let look: () => void = () => undefined;
  stdout.on('data', (chunk: Buffer) => {
    written += chunk.toString('utf8');
    look();
  });
  const files = emptyFiles(library);
  for (const directory of ['/bin', '/tmp', '/var/log']) files.mkdirSync(directory, { recursive: true });
  for (const name of TOOLS) files.writeFileSync(`/bin/${name}`, '', undefined, { mode: 0o755 });
  const shell = new Shell({
    library,
    name: 'sh',
    files,
    env: new Map([['PATH', '/bin']]),
    signal: new AbortController().signal,
    programs: {},
    ready: async () => undefined,
  });
  const end = interact({ stdin, stdout }, () => '# ', shell, new AbortController().signal);
  return {
    files,
    end,
    close: () => stdin.end(),
    async type(keys: string, until: string): Promise<string[]> {
      const from = written.length;
      stdin.write(keys);
      await new Promise<void>((resolve) => {
        look = () => {
          if (written.slice(from).endsWith(until)) resolve();
        };
        look();
      });
      return screen(written.slice(from));
    },
  };
}

test('a command goes on in the next line until it is whole', async () => {
  const { type } = terminal();
  await type('for i in 1 2\r', '\n> ');
  await type('do echo "turn\r', '\n> ');
  expect(await type('$i"; done\r', '\n# ')).toEqual(['$i"; done', 'turn', '1', 'turn', '2', '#']);
  expect(await type('if true; then\r', '\n> ')).toEqual(['if true; then', '>']);
  expect(await type('\x03', '# ')).toEqual(['^C', '#']);
  expect(await type('echo $?\r', '\n# ')).toEqual(['echo $?', '130', '#']);
  await type('cat <<END\r', '\n> ');
  expect(await type('one\rEND\r', '\n# ')).toContain('one');
});

test('keys move within the line, and earlier lines come back', async () => {
  const { type } = terminal();
  expect(await type('eco one\x1b[D\x1b[D\x1b[D\x1b[D\x1b[Dh\r', '\n# ')).toEqual(['echo one', 'one', '#']);
  // Back to the start, a word cut, deleted to the right, all at once.
  expect(await type('xecho two three\x01\x1b[3~\x05\x17\x7f\r', '\n# ')).toEqual(['echo two', 'two', '#']);
  expect(await type('\x1b[A\x1b[A\r', '\n# ')).toEqual(['echo one', 'one', '#']);
  expect(await type('echo 中文\x1b[D\x7f国\r', '\n# ')).toContain('国文');
});

test('a word is completed as far as it is clear', async () => {
  const { files, type } = terminal();
  files.mkdirSync('/tmp/reports');
  files.writeFileSync('/tmp/reports/august', 'hot\n');
  files.writeFileSync('/tmp/reports/autumn', 'wet\n');
  expect(await type('basen\t', 'ame ')).toEqual(['basename']);
  await type('\x15', '\b');
  await type('cat /tmp/re\t', 'reports/');
  await type('\t', 'au');
  expect(await type('\t', 'cat /tmp/reports/au')).toEqual(['', 'august  autumn', '# cat /tmp/reports/au']);
  expect(await type('g\t\r', '\n# ')).toContain('hot');
});

test('what is typed is read by a command that asks for it', async () => {
  const { type } = terminal();
  await type('cat > /tmp/note\r', '\n');
  await type('first\rsecone\x7fd\r\x04', '# ');
  expect(await type('cat /tmp/note\r', '\n# ')).toEqual(['cat /tmp/note', 'first', 'second', '#']);
  await type('read name; echo "hello $name"\r', '\n');
  expect(await type('ann\r', '\n# ')).toEqual(['ann', 'hello ann', '#']);
});

test('jobs run beside the shell, and Ctrl-C ends only what is in front', async () => {
  const { files, type, close, end } = terminal();
  await type('tail -f /tmp/log > /dev/null & echo $!\r', '\n# ');
  expect(await type('jobs\r', '\n# ')).toEqual([
    'jobs',
    '[1]+  Running                 tail -f /tmp/log > /dev/null &',
    '#',
  ]);
  files.writeFileSync('/var/log/app', 'started\n');
  await type('tail -f /var/log/app\r', 'started\r\n');
  await files.appendFile('/var/log/app', 'more\n');
  expect(await type('', 'more\r\n')).toEqual(['more', '']);
  expect(await type('\x03', '\n# ')).toEqual(['^C', '#']);
  expect(await type('echo $?; kill %1; wait; jobs\r', '\n# ')).toContain('130');
  await type('exit 3\r', '\r\n');
  expect(await end).toBe(3);
  close();
});
