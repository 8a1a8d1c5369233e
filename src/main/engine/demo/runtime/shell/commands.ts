/** The programs of a simulated container that need nothing but its files, its environment and their input. */
import { pause } from '../logs.ts';
import { absolute, FileFailure } from './files.ts';
import { type CommandIo, ExitShell, type Shell } from './shell.ts';

export type Run = (args: string[], io: CommandIo, shell: Shell) => number | Promise<number>;

/** Flags like `-la` and the words that are none; `--` ends them. */
export function flagsOf(args: readonly string[]): { flags: Set<string>; words: string[] } {
  const flags = new Set<string>();
  const words: string[] = [];
  for (const [index, arg] of args.entries()) {
    if (arg === '--') {
      words.push(...args.slice(index + 1));
      break;
    }
    if (/^-[A-Za-z]+$/.test(arg)) for (const flag of arg.slice(1)) flags.add(flag);
    else words.push(arg);
  }
  return { flags, words };
}

/** `head -n 5`, `head -5`: the count and the other words. */
function countOf(args: readonly string[], fallback: number): { count: number; words: string[] } {
  let count = fallback;
  const words: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '-n' || arg === '-c') count = Number(args[++index] ?? fallback);
    else if (/^-n?\d+$/.test(arg)) count = Number(arg.replace(/^-n?/, ''));
    else words.push(arg);
  }
  return { count: Number.isFinite(count) ? Math.abs(count) : fallback, words };
}

/** Contents of the named files, or the input; what cannot be read is told and counts as a failure. */
async function inputs(name: string, paths: readonly string[], io: CommandIo, shell: Shell) {
  if (paths.length === 0) return { texts: [{ path: '', text: await io.input() }], failed: false };
  const texts: { path: string; text: string }[] = [];
  let failed = false;
  for (const path of paths) {
    try {
      texts.push({ path, text: path === '-' ? await io.input() : await shell.files.read(absolute(shell.cwd, path)) });
    } catch (error) {
      if (!(error instanceof FileFailure)) throw error;
      failed = true;
      io.err(
        `${name}: ${error.message === 'Is a directory' ? `read error: ${error.message}` : `can't open '${path}': ${error.message}`}\n`,
      );
    }
  }
  return { texts, failed };
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Does something to each path; one failure does not keep the others from being done. */
function eachPath(
  name: string,
  what: string,
  paths: readonly string[],
  io: CommandIo,
  shell: Shell,
  act: (path: string) => void,
): number {
  let code = 0;
  for (const path of paths) {
    try {
      act(absolute(shell.cwd, path));
    } catch (error) {
      if (!(error instanceof FileFailure)) throw error;
      io.err(`${name}: ${what} '${path}': ${error.message}\n`);
      code = 1;
    }
  }
  return code;
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '0': '\0', a: '\x07' };
const unescaped = (text: string) => text.replace(/\\([ntr\\0a])/g, (_whole, code: string) => escapes[code] ?? code);

async function filtered(
  name: string,
  paths: readonly string[],
  io: CommandIo,
  shell: Shell,
  of: (lines: string[]) => string[],
): Promise<number> {
  const { texts, failed } = await inputs(name, paths, io, shell);
  const lines = of(texts.flatMap(({ text }) => linesOf(text)));
  if (lines.length > 0) io.out(`${lines.join('\n')}\n`);
  return failed ? 1 : 0;
}

export const COMMANDS: Readonly<Record<string, Run>> = {
  true: () => 0,
  ':': () => 0,
  false: () => 1,
  exit: (args, _io, shell) => {
    throw new ExitShell(args[0] === undefined ? shell.status : Number(args[0]) & 255);
  },
  echo: (args, io) => {
    const flags = /^-[neE]+$/.test(args[0] ?? '') ? (args[0] ?? '') : '';
    const text = (flags === '' ? args : args.slice(1)).join(' ');
    io.out(`${flags.includes('e') ? unescaped(text) : text}${flags.includes('n') ? '' : '\n'}`);
    return 0;
  },
  printf: ([format = '', ...args], io) => {
    let next = 0;
    io.out(
      unescaped(format).replace(/%([sd%])/g, (_whole, kind: string) =>
        kind === '%' ? '%' : (args[next++] ?? (kind === 'd' ? '0' : '')),
      ),
    );
    return 0;
  },
  pwd: (_args, io, shell) => {
    io.out(`${shell.cwd}\n`);
    return 0;
  },
  cd: ([path = '/root'], io, shell) => {
    const to = absolute(shell.cwd, path);
    if (shell.files.isDirectory(to)) {
      shell.cwd = to;
      return 0;
    }
    io.err(`${shell.name}: cd: can't cd to ${path}: No such file or directory\n`);
    return 2;
  },
  env: (_args, io, shell) => {
    for (const [name, value] of shell.env) io.out(`${name}=${value}\n`);
    return 0;
  },
  printenv: ([name], io, shell) => {
    if (name === undefined) return COMMANDS.env?.([], io, shell) ?? 0;
    const value = shell.env.get(name);
    if (value !== undefined) io.out(`${value}\n`);
    return value === undefined ? 1 : 0;
  },
  export: (args, _io, shell) => {
    for (const arg of args) {
      const equals = arg.indexOf('=');
      if (equals > 0) shell.env.set(arg.slice(0, equals), arg.slice(equals + 1));
    }
    return 0;
  },
  unset: (args, _io, shell) => {
    for (const name of args) shell.env.delete(name);
    return 0;
  },
  sleep: async ([text = '0'], _io, shell) => {
    const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text);
    const endless = /^inf(inity)?$/.test(text);
    const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[match?.[2] || 's'] ?? 1;
    const seconds = endless ? 2_000_000 : Number(match?.[1] ?? 0) * unit;
    await pause(Math.min(seconds * 1000, 2 ** 31 - 1), shell.signal);
    return shell.signal.aborted ? 130 : 0;
  },
  cat: async (args, io, shell) => {
    const { texts, failed } = await inputs(
      'cat',
      args.filter((arg) => arg !== '-u'),
      io,
      shell,
    );
    for (const { text } of texts) io.out(text);
    return failed ? 1 : 0;
  },
  ls: (args, io, shell) => {
    const { flags, words } = flagsOf(args);
    let code = 0;
    const long = (name: string, path: string) => {
      const directory = shell.files.isDirectory(path);
      const size = String(shell.files.size(path)).padStart(9);
      return `${directory ? 'drwxr-xr-x' : '-rw-r--r--'}    ${directory ? 2 : 1} root     root     ${size} Jan  1 00:00 ${name}`;
    };
    for (const word of words.length === 0 ? ['.'] : words) {
      const path = absolute(shell.cwd, word);
      if (!shell.files.exists(path)) {
        io.err(`ls: ${word}: No such file or directory\n`);
        code = 1;
        continue;
      }
      if (words.length > 1 && shell.files.isDirectory(path)) io.out(`${word}:\n`);
      const names =
        shell.files.isDirectory(path) && !flags.has('d')
          ? [...(flags.has('a') ? ['.', '..'] : []), ...shell.files.list(path)]
          : [word];
      const lines = names.map((name) =>
        flags.has('l') ? long(name, shell.files.isDirectory(path) ? absolute(path, name) : path) : name,
      );
      if (lines.length > 0) io.out(`${lines.join('\n')}\n`);
    }
    return code;
  },
  mkdir: (args, io, shell) => {
    const { flags, words } = flagsOf(args);
    return eachPath('mkdir', "can't create directory", words, io, shell, (path) => {
      if (flags.has('p')) shell.files.makeParents(path);
      else shell.files.makeDirectory(path);
    });
  },
  touch: (args, io, shell) =>
    eachPath('touch', '', args, io, shell, (path) => shell.files.exists(path) || shell.files.write(path, '')),
  rm: (args, io, shell) => {
    const { flags, words } = flagsOf(args);
    return eachPath('rm', "can't remove", words, io, shell, (path) => {
      if (flags.has('f') && !shell.files.exists(path)) return;
      shell.files.remove(path, flags.has('r') || flags.has('R'));
    });
  },
  head: (args, io, shell) => {
    const { count, words } = countOf(args, 10);
    return filtered('head', words, io, shell, (lines) => lines.slice(0, count));
  },
  tail: (args, io, shell) => {
    const { count, words } = countOf(args, 10);
    return filtered(
      'tail',
      words.filter((word) => word !== '-f'),
      io,
      shell,
      (lines) => (count === 0 ? [] : lines.slice(-count)),
    );
  },
  sort: (args, io, shell) => {
    const { flags, words } = flagsOf(args);
    return filtered('sort', words, io, shell, (lines) => {
      const sorted = [...lines].sort(
        flags.has('n')
          ? (a, b) => (Number.parseFloat(a) || 0) - (Number.parseFloat(b) || 0)
          : (a, b) => (a < b ? -1 : a > b ? 1 : 0),
      );
      if (flags.has('r')) sorted.reverse();
      return flags.has('u') ? [...new Set(sorted)] : sorted;
    });
  },
  uniq: (args, io, shell) =>
    filtered('uniq', flagsOf(args).words, io, shell, (lines) =>
      lines.filter((line, index) => line !== lines[index - 1]),
    ),
  wc: async (args, io, shell) => {
    const { flags, words } = flagsOf(args);
    const { texts, failed } = await inputs('wc', words, io, shell);
    for (const { path, text } of texts) {
      const counts: [string, number][] = [
        ['l', (text.match(/\n/g) ?? []).length],
        ['w', text.split(/\s+/).filter((word) => word !== '').length],
        ['c', Buffer.byteLength(text)],
      ];
      const shown = counts.filter(([flag]) => flags.size === 0 || flags.has(flag)).map(([, count]) => String(count));
      io.out(`${shown.join(' ')}${path === '' ? '' : ` ${path}`}\n`);
    }
    return failed ? 1 : 0;
  },
  grep: async (args, io, shell) => {
    const { flags, words } = flagsOf(args);
    const [pattern = '', ...paths] = words;
    let expression: RegExp;
    try {
      expression = new RegExp(
        flags.has('F') ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern,
        flags.has('i') ? 'i' : '',
      );
    } catch {
      io.err(`grep: bad regex '${pattern}'\n`);
      return 2;
    }
    const { texts, failed } = await inputs('grep', paths, io, shell);
    let matches = 0;
    for (const { path, text } of texts) {
      const found = linesOf(text).filter((line) => expression.test(line) !== flags.has('v'));
      matches += found.length;
      const prefix = texts.length > 1 ? `${path}:` : '';
      if (flags.has('c')) io.out(`${prefix}${found.length}\n`);
      else if (!flags.has('q') && found.length > 0) io.out(found.map((line) => `${prefix}${line}\n`).join(''));
    }
    return failed ? 2 : matches > 0 ? 0 : 1;
  },
  test: (args, _io, shell) => Number(!check(args, shell)),
  '[': (args, io, shell) => {
    if (args.at(-1) === ']') return Number(!check(args.slice(0, -1), shell));
    io.err(`${shell.name}: [: missing ]\n`);
    return 2;
  },
};

function check(args: readonly string[], shell: Shell): boolean {
  const [a = '', b = '', c = ''] = args;
  if (a === '!') return !check(args.slice(1), shell);
  if (args.length === 1) return a !== '';
  if (args.length === 2) {
    const path = absolute(shell.cwd, b);
    if (a === '-n') return b !== '';
    if (a === '-z') return b === '';
    if (a === '-d') return shell.files.isDirectory(path);
    if (a === '-f') return shell.files.exists(path) && !shell.files.isDirectory(path);
    return shell.files.exists(path);
  }
  const numbers: Record<string, (x: number, y: number) => boolean> = {
    '-eq': (x, y) => x === y,
    '-ne': (x, y) => x !== y,
    '-lt': (x, y) => x < y,
    '-le': (x, y) => x <= y,
    '-gt': (x, y) => x > y,
    '-ge': (x, y) => x >= y,
  };
  if (b === '=' || b === '==') return a === c;
  if (b === '!=') return a !== c;
  return numbers[b]?.(Number(a), Number(c)) ?? false;
}
