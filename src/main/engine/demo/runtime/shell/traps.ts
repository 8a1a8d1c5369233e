/** What a shell does when it ends or is told something: `trap`. Pure. Source: POSIX trap, dash. */

export interface Handler {
  text: string;
  /** Where it was set. */
  cwd: string;
}

const NUMBERS: Readonly<Record<string, string>> = {
  0: 'EXIT',
  1: 'HUP',
  2: 'INT',
  3: 'QUIT',
  10: 'USR1',
  12: 'USR2',
  15: 'TERM',
};
const NAMES = new Set([
  ...Object.values(NUMBERS),
  'ALRM',
  'CHLD',
  'CONT',
  'PIPE',
  'TSTP',
  'TTIN',
  'TTOU',
  'WINCH',
  'ERR',
  'DEBUG',
  'RETURN',
]);

export class Traps {
  readonly #handlers = new Map<string, Handler>();
  /** The shell's, as they were last seen: handlers run with them. */
  variables: ReadonlyMap<string, string> = new Map();

  get some(): boolean {
    return this.#handlers.size > 0;
  }

  /** The builtin: sets, takes back (`-`, or a number first), or lists. */
  set(args: readonly string[], cwd: string): { stdout: string; stderr: string; exitCode: number } {
    const words = args[0] === '--' ? args.slice(1) : args;
    const [text = '', ...signals] = words;
    if (words.length === 0 || text === '-p') {
      const lines = [...this.#handlers].map(
        ([name, one]) => `trap -- '${one.text.replaceAll("'", "'\\''")}' ${name}\n`,
      );
      return { stdout: lines.join(''), stderr: '', exitCode: 0 };
    }
    const back = text === '-' || /^\d+$/.test(text) || signals.length === 0;
    for (const word of text === '-' || !back ? signals : words) {
      const name = signalOf(word);
      if (name === null)
        return { stdout: '', stderr: `bash: trap: ${word}: invalid signal specification\n`, exitCode: 1 };
      if (back) this.#handlers.delete(name);
      else this.#handlers.set(name, { text, cwd });
    }
    return { stdout: '', stderr: '', exitCode: 0 };
  }

  /** What is to be done; that at the end only once. */
  take(signal: string): Handler | null {
    const found = this.#handlers.get(signal) ?? null;
    if (signal === 'EXIT') this.#handlers.delete(signal);
    return found;
  }
}

function signalOf(word: string): string | null {
  const name = NUMBERS[word] ?? word.toUpperCase().replace(/^SIG/, '');
  return NAMES.has(name) ? name : null;
}
