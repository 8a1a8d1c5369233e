import { beforeEach, expect, test } from 'vitest';
import { emptyFiles, shellLibrary } from './container-files.ts';
import { type CommandIo, inputOf, type Run, Shell } from './shell.ts';
import { Traps } from './traps.ts';

let shell: Shell;
let said: string;
/** A program of the script runs, and goes on. */
let asked: Promise<void>;
let go: () => void;
const io: CommandIo = {
  ...inputOf(Buffer.alloc(0)),
  out: (content) => {
    said += Buffer.from(content as string).toString('utf8');
  },
  err: (text) => {
    said += text;
  },
};

beforeEach(async () => {
  said = '';
  let come = (): void => undefined;
  asked = new Promise((resolve) => {
    come = resolve;
  });
  const gone = new Promise<void>((resolve) => {
    go = resolve;
  });
  const wait_: Run = async () => {
    come();
    await gone;
    return 0;
  };
  const library = await shellLibrary();
  const signal = new AbortController().signal;
  const files = emptyFiles(library);
  shell = new Shell({
    library,
    name: 'sh',
    files,
    env: new Map(),
    signal,
    programs: { wait_ },
    ready: async () => undefined,
  });
});

test.each<[string, number, number | null, string]>([
  ["trap 'echo bye' EXIT; echo hi", 0, null, 'hi\nbye\n'],
  ["trap 'echo bye $?' 0; exit 3", 3, null, 'bye 3\n'],
  ["trap 'exit 7' EXIT; exit 3", 3, 7, ''],
  ["trap 'echo bye' EXIT; trap - EXIT", 0, null, ''],
  ['done_() { echo done $x; }; trap done_ EXIT; x=5', 0, null, 'done 5\n'],
  ["cd /; trap 'echo a' TERM; trap", 0, null, "trap -- 'echo a' TERM\n"],
])('%s', async (script, code, atEnd, text) => {
  expect(await shell.run(script, io)).toBe(code);
  expect(await shell.finish(io)).toBe(atEnd);
  expect(said).toBe(text);
  expect(await shell.finish(io)).toBeNull();
});

test('what a signal is answered with may end the shell, and its end is done then', async () => {
  await shell.run("trap 'echo term; exit 4' SIGTERM; trap 'echo usr' USR1; trap 'echo end' EXIT", io);
  expect(await shell.hear('USR1', io)).toBeNull();
  expect(await shell.hear('INT', io)).toBeNull();
  expect(await shell.hear('TERM', io)).toBe(4);
  expect(said).toBe('usr\nterm\nend\n');
});

test('a handler sees what variables are while the script goes on', async () => {
  const running = shell.run("trap 'echo $x' TERM; x=1; for x in 2 3; do wait_; done", io);
  await asked;
  expect(await shell.hear('TERM', io)).toBeNull();
  go();
  await running;
  expect(said).toBe('2\n');
});

test('handlers are set, taken back by name or number, and refused for signals that are none', () => {
  const traps = new Traps();
  traps.set(['echo', 'TERM', 'INT'], '/');
  expect(traps.set(['15'], '/').exitCode).toBe(0);
  expect([traps.take('TERM'), traps.take('INT')?.text]).toEqual([null, 'echo']);
  expect(traps.set(['echo', 'NOISE'], '/').exitCode).toBe(1);
});
