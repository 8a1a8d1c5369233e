import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { copiesInput, copyInput, runPiped } from './piped.ts';

/** A shell that writes down what it is given; a command is whole when it does not end with a backslash. */
function recorder() {
  const ran: string[] = [];
  let heard: () => void = () => undefined;
  const shell = {
    status: 0,
    ended: false,
    ran,
    /** Resolves with the next command. */
    next: () => new Promise<string>((resolve) => (heard = () => resolve(ran.at(-1) ?? ''))),
    incomplete: (text: string) => text.endsWith('\\\n'),
    async run(text: string) {
      ran.push(text);
      const [, code] = /exit (\d+)/.exec(text) ?? [];
      shell.status = Number(code ?? 0);
      shell.ended = code !== undefined;
      heard();
      return shell.status;
    },
  };
  return shell;
}

const io = (out: (content: string | Uint8Array) => void = () => undefined) => ({
  input: async () => '',
  bytes: async () => Buffer.alloc(0),
  out,
  err: () => undefined,
});

test('a command runs when it is whole, while the input stays open', async () => {
  const [shell, stdin] = [recorder(), new PassThrough()];
  const ended = runPiped(shell, stdin, io());
  const first = shell.next();
  stdin.write('echo ');
  stdin.write('one\necho tw');
  expect(await first).toBe('echo one\n');
  const second = shell.next();
  stdin.write('o \\\n');
  stdin.write('  three\n');
  expect(await second).toBe('echo two \\\n  three\n');
  stdin.end('echo last');
  expect(await ended).toBe(0);
  expect(shell.ran.at(-1)).toBe('echo last');
});

test('exit ends it, whatever comes after and however long the input stays open', async () => {
  const [shell, stdin] = [recorder(), new PassThrough()];
  const ended = runPiped(shell, stdin, io());
  stdin.write('exit 4\n');
  stdin.write('echo not\n');
  expect(await ended).toBe(4);
  expect(shell.ran).toHaveLength(1);
});

test('what comes at once runs apart where another shell reads on', async () => {
  const [shell, stdin] = [recorder(), new PassThrough()];
  const ended = runPiped(shell, stdin, io());
  stdin.end('echo a\necho b\nchroot /host\nls\npwd\n');
  await ended;
  expect(shell.ran).toEqual(['echo a\necho b\nchroot /host\n', 'ls\npwd\n']);
});

test('a character that is cut in two is one character', async () => {
  const [shell, stdin] = [recorder(), new PassThrough()];
  const bytes = Buffer.from('echo 集群\n');
  const ended = runPiped(shell, stdin, io());
  for (const byte of bytes) stdin.write(Buffer.of(byte));
  stdin.end();
  await ended;
  expect(shell.ran).toEqual(['echo 集群\n']);
});

test('no input is no command; one that never ends is refused', async () => {
  expect(await runPiped(recorder(), null, io())).toBe(0);
  const stdin = new PassThrough();
  const ended = runPiped(recorder(), stdin, io());
  stdin.end(Buffer.alloc(5 << 20, 'a'));
  await expect(ended).rejects.toThrow('ENOMEM');
});

test('cat of its input and nothing else gives back what comes', async () => {
  expect([['cat'], ['/bin/cat', '-'], ['cat', '-u']].map(copiesInput)).toEqual([true, true, true]);
  expect([['cat', '/etc/hosts'], ['cat', '-n'], ['tac']].map(copiesInput)).toEqual([false, false, false]);
  const stdin = new PassThrough();
  let said: (text: string) => void = () => undefined;
  const first = new Promise<string>((resolve) => (said = resolve));
  const ended = copyInput(
    stdin,
    io((content) => said(Buffer.from(content as string).toString())),
    async () => undefined,
  );
  stdin.write('one\n');
  expect(await first).toBe('one\n');
  stdin.end();
  expect(await ended).toBe(0);
});
