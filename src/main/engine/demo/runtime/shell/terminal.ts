/**
 * An interactive shell on a terminal: prompt, echo, line editing, history and completion as a small shell has them. A command
 * that is not whole goes on in the next line, Ctrl-C ends what runs, Ctrl-D on an empty line ends the input or the shell.
 */
import type { Readable, Writable } from 'node:stream';
import type { Completions } from './completion.ts';
import { EditedLine } from './edited-line.ts';
import { type CommandIo, inputOf } from './shell.ts';

export interface Terminal {
  stdin: Readable;
  stdout: Writable;
}

/** What reads the commands that are typed. */
export interface Interpreter {
  /** Of the last command. */
  status: number;
  /** Whoever reads lines for it is done. */
  readonly ended: boolean;
  /** What there is to say of commands that ran beside. */
  readonly jobs: { ended(): string[] };
  /** Ends a shell within it; false: there is none. */
  leave(): boolean;
  /** The same with another signal. */
  resumed(signal: AbortSignal): Interpreter;
  run(text: string, io: CommandIo): Promise<number>;
  /** Whether the command goes on in the next line. */
  incomplete(text: string): boolean;
  complete(before: string): Promise<Completions>;
}

const HISTORY = 200;
const MORE = '> ';
const INTERRUPT = '\x03';
const END = '\x04';

/** Resolves with the exit code when the shell ends or the client goes. Each command runs under a signal of its own. */
export async function interact<T extends Interpreter>(
  { stdin, stdout }: Terminal,
  prompt: (shell: T) => string,
  first: T,
  signal: AbortSignal,
): Promise<number> {
  const history: string[] = [];
  /** Typed while a command ran that does not read. */
  const pending: string[] = [];
  const keys = keysOf(stdin);
  let next = keys.next();
  let shell = first;
  /** Gives keys to a command that reads its input. */
  let reader: ((key: string | null) => void) | null = null;
  const write = (content: string | Uint8Array) =>
    stdout.write(
      Buffer.from(content as string)
        .toString('utf8')
        .replace(/\r?\n/g, '\r\n'),
    );
  for (;;) {
    for (const line of shell.jobs.ended()) write(`${line}\n`);
    const text = await readCommand();
    if (text === null) {
      if (!shell.leave()) return shell.status;
      write('exit\n');
      continue;
    }
    if (text.trim() === '') continue;
    const interrupt = new AbortController();
    shell = shell.resumed(AbortSignal.any([signal, interrupt.signal])) as T;
    let whole: Promise<Buffer> | null = null;
    const bytes = () => {
      whole ??= readInput(/(^|[\s;|&])read\s/.test(text));
      return whole;
    };
    const input = { input: async () => (await bytes()).toString('utf8'), bytes };
    await running(shell.run(text, { ...inputOf(Buffer.alloc(0)), ...input, out: write, err: write }), interrupt);
    if (signal.aborted) return 130;
    if (shell.ended) return shell.status;
  }

  /** Lines until they make a whole command; null at the end of the input. */
  async function readCommand(): Promise<string | null> {
    let text: string | null = null;
    for (;;) {
      const line = await readLine(text === null ? prompt(shell) : MORE);
      if (line === null) return text;
      if (line === INTERRUPT) {
        shell.status = 130;
        return '';
      }
      if (line.trim() !== '') {
        history.push(line);
        if (history.length > HISTORY) history.shift();
      }
      text = text === null ? line : `${text}\n${line}`;
      if (!shell.incomplete(text)) return text;
    }
  }

  /** Watches for Ctrl-C while a command runs; what it does not read waits for the next line. */
  async function running(command: Promise<unknown>, interrupt: AbortController): Promise<void> {
    const ended = command.then(
      () => null,
      () => null,
    );
    for (;;) {
      const key = await Promise.race([next, ended]);
      if (key === null) break;
      if (key.done === true) {
        interrupt.abort();
        reader?.(null);
        next = Promise.resolve(key);
        break;
      }
      next = keys.next();
      if (key.value === INTERRUPT) {
        write('^C\n');
        interrupt.abort();
        reader?.(null);
      } else if (reader !== null) reader(key.value);
      else pending.push(key.value);
    }
    await command;
    reader = null;
  }

  /** What is typed for a command, to the end of the input or, for `read`, of its first line. */
  async function readInput(one: boolean): Promise<Buffer> {
    let text = '';
    let line = '';
    return await new Promise((resolve) => {
      const done = () => {
        reader = null;
        resolve(Buffer.from(text + line));
      };
      reader = (key) => {
        if (key === null || (key === END && line === '')) done();
        else if (key === '\r' || key === '\n') {
          write('\n');
          text += `${line}\n`;
          line = '';
          if (one) done();
        } else if (key === '\x7f' || key === '\b') {
          if (line !== '') write('\b \b');
          line = line.slice(0, -1);
        } else if (key >= ' ' && !key.startsWith('\x1b')) {
          line += key;
          write(key);
        }
      };
      for (const key of pending.splice(0))
        if (reader !== null) reader(key);
        else pending.push(key);
    });
  }

  /** Null at the end of the input, Ctrl-C itself when that was typed. */
  async function readLine(sign: string): Promise<string | null> {
    write(sign);
    const line = new EditedLine(write);
    let at = history.length;
    for (;;) {
      const key = await nextKey();
      if (key === null) return null;
      switch (key) {
        case '\r':
        case '\n':
          line.end();
          write('\n');
          return line.text;
        case INTERRUPT:
          write('^C\n');
          return INTERRUPT;
        case END:
          if (line.text === '') {
            write('\n');
            return null;
          }
          line.remove(1);
          break;
        case '\x0c':
          write(`\x1b[H\x1b[2J${sign}`);
          line.show();
          break;
        case '\t':
          await complete(line, sign);
          break;
        case '\x1b[A':
        case '\x1bOA':
        case '\x10':
          at = Math.max(0, at - 1);
          line.replace(history[at] ?? '');
          break;
        case '\x1b[B':
        case '\x1bOB':
        case '\x0e':
          at = Math.min(history.length, at + 1);
          line.replace(history[at] ?? '');
          break;
        default:
          line.key(key);
      }
    }
  }

  /** One way to go on is taken; of several as much as they share, else they are shown. */
  async function complete(line: EditedLine, sign: string): Promise<void> {
    const { rest, choices } = await shell.complete(line.before);
    if (rest !== '') line.insert(rest);
    else if (choices.length > 1) {
      write(`\n${choices.join('  ')}\n${sign}`);
      line.show();
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

const ESCAPE = String.fromCharCode(27);
const KEY = new RegExp(`${ESCAPE}\\[[0-9;]*[A-Za-z~]|${ESCAPE}O[A-Z]|${ESCAPE}[a-z]|[\\s\\S]`, 'gu');

/** Single keys, escape sequences whole. */
async function* keysOf(stdin: Readable): AsyncGenerator<string> {
  for await (const chunk of stdin) {
    const text = Buffer.isBuffer(chunk) ? chunk.toString('utf8') : String(chunk);
    for (const [key] of text.matchAll(KEY)) yield key;
  }
}
