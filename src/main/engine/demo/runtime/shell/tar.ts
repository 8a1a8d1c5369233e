/**
 * `tar` of a simulated container: what `kubectl cp` runs on both ends, and what people type. Archives are read and written
 * whole, in memory; compression, links and owners are not kept.
 */
import { type Extract, extract, pack } from 'tar-stream';
import type { Run } from './commands.ts';
import { absolute, FileFailure } from './files.ts';
import type { CommandIo, Shell } from './shell.ts';

type Entry = Extract extends AsyncIterable<infer One> ? One : never;

interface Options {
  mode: 'c' | 'x' | 't' | '';
  verbose: boolean;
  archive: string;
  directory: string;
  words: string[];
}

/** `-cf - dir`, `xmf - -C /tmp`, `--no-same-owner`: the first word may lack its dash. */
function optionsOf(args: readonly string[]): Options {
  const out: Options = { mode: '', verbose: false, archive: '-', directory: '.', words: [] };
  const rest = [...args];
  const first = rest[0];
  if (first !== undefined && /^[A-Za-z]+$/.test(first)) rest[0] = `-${first}`;
  while (rest.length > 0) {
    const arg = rest.shift() ?? '';
    if (arg === '--') {
      out.words.push(...rest.splice(0));
    } else if (arg.startsWith('--')) {
      if (arg === '--directory') out.directory = rest.shift() ?? '.';
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (const flag of arg.slice(1)) {
        if (flag === 'c' || flag === 'x' || flag === 't') out.mode = flag;
        else if (flag === 'v') out.verbose = true;
        else if (flag === 'f') out.archive = rest.shift() ?? '-';
        else if (flag === 'C') out.directory = rest.shift() ?? '.';
      }
    } else out.words.push(arg);
  }
  return out;
}

export const tar: Run = async (args, io, shell) => {
  const options = optionsOf(args);
  const base = absolute(shell.cwd, options.directory);
  if (!shell.files.isDirectory(base)) {
    io.err(`tar: can't change directory to '${options.directory}': No such file or directory\n`);
    return 1;
  }
  if (options.mode === 'c') return await create(options, base, io, shell);
  if (options.mode === 'x' || options.mode === 't') return await read(options, base, io, shell);
  io.err('tar: must specify one of -c, -x or -t\n');
  return 1;
};

async function create(options: Options, base: string, io: CommandIo, shell: Shell): Promise<number> {
  const { files } = shell;
  const archive = pack();
  const chunks: Buffer[] = [];
  const written = (async () => {
    for await (const chunk of archive) chunks.push(chunk as Buffer);
  })();
  let code = 0;
  const say = (name: string) => {
    if (options.verbose) (options.archive === '-' ? io.err : io.out)(`${name}\n`);
  };
  const add = async (path: string, name: string): Promise<void> => {
    const mtime = new Date();
    if (files.isDirectory(path)) {
      archive.entry({ name: `${name}/`, type: 'directory', mode: 0o755, mtime });
      say(`${name}/`);
      for (const below of files.list(path)) await add(absolute(path, below), `${name}/${below}`);
      return;
    }
    try {
      archive.entry({ name, mode: 0o644, mtime }, await files.bytes(path));
      say(name);
    } catch (error) {
      if (!(error instanceof FileFailure)) throw error;
      io.err(`tar: ${name}: ${error.message}\n`);
      code = 1;
    }
  };
  for (const word of options.words) {
    if (word.startsWith('/')) io.err("tar: removing leading '/' from member names\n");
    await add(absolute(base, word), word.replace(/^\/+|\/+$/g, '') || '.');
  }
  archive.finalize();
  await written;
  const whole = Buffer.concat(chunks);
  if (options.archive === '-') io.out(whole);
  else files.write(absolute(shell.cwd, options.archive), whole);
  return code;
}

async function read(options: Options, base: string, io: CommandIo, shell: Shell): Promise<number> {
  const bytes =
    options.archive === '-' ? await io.bytes() : await shell.files.bytes(absolute(shell.cwd, options.archive));
  const archive = extract();
  archive.end(bytes);
  try {
    for await (const entry of archive) await member(entry, options, base, io, shell);
    return 0;
  } catch (error) {
    if (error instanceof FileFailure) throw error;
    io.err(bytes.length === 0 ? 'tar: short read\n' : 'tar: invalid tar header\n');
    return 1;
  }
}

async function member(entry: Entry, options: Options, base: string, io: CommandIo, shell: Shell): Promise<void> {
  const { name, type } = entry.header;
  const wanted =
    options.words.length === 0 || options.words.some((word) => name === word || name.startsWith(`${word}/`));
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  if (!wanted) return;
  if (options.mode === 't' || options.verbose) io.out(`${name}\n`);
  if (options.mode === 't') return;
  // Names cannot lead out of the directory.
  const path = absolute(base, `.${absolute('/', name)}`);
  shell.files.makeParents(type === 'directory' ? path : path.slice(0, path.lastIndexOf('/')));
  if (type === 'file' || type === 'contiguous-file') shell.files.write(path, Buffer.concat(chunks));
}
