/**
 * What somebody writes into a program that has no terminal (`kubectl exec -i`), as it comes and not at its end: commands for
 * a shell, each run when it is whole; bytes that `cat` gives back.
 */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type CommandIo, inputOf } from './shell.ts';

/** What runs commands. */
interface Reader {
  /** Of the last command. */
  readonly status: number;
  /** An `exit` was run. */
  readonly ended: boolean;
  run(text: string, io: CommandIo): Promise<number>;
  /** Whether the command goes on in the next line. */
  incomplete(text: string): boolean;
}

/** Enters another shell, or ends one. */
const CHANGES_SHELL = /^\s*(chroot|nsenter|exit)\b/;
/** UTF-16 units of one command, however many lines it has. */
const LONGEST = 4 << 20;

/**
 * Runs every line, or lines that make a command together, as soon as it has come. The commands have no input of their own.
 *
 * @returns the exit code: of `exit`, else of the last command.
 * @throws Error when one command is longer than any memory would have it.
 */
export async function runPiped(shell: Reader, stdin: Readable | null, io: CommandIo): Promise<number> {
  const decoder = new StringDecoder('utf8');
  const own: CommandIo = { ...io, ...inputOf(Buffer.alloc(0)) };
  let text = '';
  for await (const chunk of stdin ?? []) {
    text += decoder.write(chunk as Buffer);
    const end = text.lastIndexOf('\n') + 1;
    const whole = text.slice(0, end);
    if (end > 0 && !shell.incomplete(whole)) {
      text = text.slice(end);
      for (const part of parts(shell, whole)) {
        await shell.run(part, own);
        if (shell.ended) return shell.status;
      }
    }
    if (text.length > LONGEST) throw new Error('ENOMEM: out of memory');
  }
  for (const part of parts(shell, text + decoder.end())) {
    await shell.run(part, own);
    if (shell.ended) break;
  }
  return shell.status;
}

/** What came at once, apart after each line from which on another shell may read. */
function parts(shell: Reader, text: string): string[] {
  const out: string[] = [];
  let part = '';
  for (const line of text.split(/(?<=\n)/)) {
    part += line;
    if (!CHANGES_SHELL.test(line) || shell.incomplete(part)) continue;
    out.push(part);
    part = '';
  }
  return part.trim() === '' ? out : [...out, part];
}

/** Whether the words are a `cat` of its input and of nothing else. */
export function copiesInput(words: readonly string[]): boolean {
  const [name = '', ...args] = words;
  return /^(\/(usr\/)?bin\/)?cat$/.test(name) && args.every((arg) => arg === '-' || arg === '-u');
}

/** Gives back what comes; waits for a reader that does not keep up. */
export async function copyInput(stdin: Readable | null, io: CommandIo, drained: () => Promise<void>): Promise<number> {
  for await (const chunk of stdin ?? []) {
    io.out(chunk as Buffer);
    await drained();
  }
  return 0;
}
