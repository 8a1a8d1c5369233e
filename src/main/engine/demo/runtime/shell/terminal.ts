/**
 * An interactive shell on a terminal: prompt, echo, line editing and history as a cooked terminal with a small shell has
 * them. Ctrl-C ends what runs, Ctrl-D on an empty line ends the shell.
 */
import type { Readable, Writable } from 'node:stream';
import { inputOf, type Shell } from './shell.ts';

export interface Terminal {
  stdin: Readable;
  stdout: Writable;
}

const HISTORY = 200;

/** Resolves with the exit code when the shell ends or the client goes. Each line runs under a signal of its own. */
export async function interact(
  { stdin, stdout }: Terminal,
  prompt: (shell: Shell) => string,
  first: Shell,
  signal: AbortSignal,
): Promise<number> {
  const history: string[] = [];
  /** Typed while a command ran. */
  const pending: string[] = [];
  const keys = keysOf(stdin);
  let next = keys.next();
  let interrupt = new AbortController();
  let shell = first;
  const write = (content: string | Uint8Array) =>
    stdout.write(
      Buffer.from(content as string)
        .toString('utf8')
        .replace(/\r?\n/g, '\r\n'),
    );
  for (;;) {
    write(prompt(shell));
    const line = await readLine();
    if (line === null) return shell.status;
    if (line.trim() === '') continue;
    history.push(line);
    if (history.length > HISTORY) history.shift();
    interrupt = new AbortController();
    shell = shell.resumed(AbortSignal.any([signal, interrupt.signal]));
    await running(shell.run(line, { ...inputOf(Buffer.alloc(0)), out: write, err: write }));
    if (signal.aborted) return 130;
    if (shell.ended) return shell.status;
  }

  /** Watches for Ctrl-C while a command runs; other keys wait for the next line. */
  async function running(command: Promise<unknown>): Promise<void> {
    let done = false;
    const ended = command.finally(() => {
      done = true;
    });
    const waiting: string[] = [];
    while (!done) {
      const key = await Promise.race([next, ended.then(() => null)]);
      if (key === null) break;
      if (key.done === true) {
        interrupt.abort();
        next = Promise.resolve(key);
        break;
      }
      next = keys.next();
      if (key.value === '\x03') {
        write('^C\n');
        interrupt.abort();
      } else waiting.push(key.value);
    }
    pending.push(...waiting);
    await ended;
  }

  /** Null at the end of the input. */
  async function readLine(): Promise<string | null> {
    let line = '';
    let at = history.length;
    const replace = (text: string) => {
      write(`${'\b \b'.repeat(line.length)}${text}`);
      line = text;
    };
    for (;;) {
      const key = await nextKey();
      if (key === null) return null;
      if (key === '\r' || key === '\n') {
        write('\n');
        return line;
      }
      if (key === '\x03') {
        write('^C\n');
        return '';
      }
      if (key === '\x04') {
        if (line === '') {
          write('\n');
          return null;
        }
      } else if (key === '\x7f' || key === '\b') {
        if (line !== '') {
          line = line.slice(0, -1);
          write('\b \b');
        }
      } else if (key === '\x15') replace('');
      else if (key === '\x0c') write(`\x1b[H\x1b[2J${prompt(shell)}${line}`);
      else if (key === '\x1b[A' || key === '\x1b[B') {
        at = Math.max(0, Math.min(history.length, at + (key === '\x1b[A' ? -1 : 1)));
        replace(history[at] ?? '');
      } else if (key >= ' ' && !key.startsWith('\x1b')) {
        line += key;
        write(key);
      }
    }
  }

  async function nextKey(): Promise<string | null> {
    const kept = pending.shift();
    if (kept !== undefined) return kept;
    const key = await next;
    if (key.done === true) return null;
    next = keys.next();
    return key.value;
  }
}

const KEY = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z~]|[\\s\\S]`, 'gu');

/** Single keys, escape sequences whole. */
async function* keysOf(stdin: Readable): AsyncGenerator<string> {
  for await (const chunk of stdin) {
    const text = Buffer.isBuffer(chunk) ? chunk.toString('utf8') : String(chunk);
    for (const [key] of text.matchAll(KEY)) yield key;
  }
}
