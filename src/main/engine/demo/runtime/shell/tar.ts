/**
 * `tar` of a simulated container: what `kubectl cp` runs on both ends, and what people type. Archives are read and written
 * whole, in memory; compression, links and owners are not kept.
 */
import { type Extract, extract, pack } from 'tar-stream';
import { absolute, statOf } from './container-files.ts';
import { said } from './said.ts';
import type { CommandIo, CommandShell, Run } from './shell.ts';

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
  if ((await statOf(shell.files, base))?.isDirectory !== true) {
    io.err(`tar: can't change directory to '${options.directory}': No such file or directory\n`);
    return 1;
  }
  if (options.mode === 'c') return await create(options, base, io, shell);
  if (options.mode === 'x' || options.mode === 't') return await read(options, base, io, shell);
  io.err('tar: must specify one of -c, -x or -t\n');
  return 1;
};

async function create(options: Options, base: string, io: CommandIo, shell: CommandShell): Promise<number> {
  const { files } = shell;
  const archive = pack();
  const chunks: Buffer[] = [];
  const written = (async () => {
    for await (const chunk of archive) chunks.push(chunk as Buffer);
  })();
  let code = 0;
  let added = 0;
  const say = (name: string) => {
    added += 1;
    if (options.verbose) (options.archive === '-' ? io.err : io.out)(`${name}\n`);
  };
  const add = async (path: string, name: string): Promise<void> => {
    const found = await statOf(files, path);
    const mtime = found?.mtime ?? new Date();
    if (found?.isDirectory === true) {
      archive.entry({ name: `${name}/`, type: 'directory', mode: found.mode & 0o7777, mtime });
      say(`${name}/`);
      for (const below of (await files.readdir(path)).sort()) await add(absolute(path, below), `${name}/${below}`);
      return;
    }
    try {
      archive.entry(
        { name, mode: (found?.mode ?? 0o644) & 0o7777, mtime },
        Buffer.from(await files.readFileBuffer(path)),
      );
      say(name);
    } catch (error) {
      io.err(`tar: ${name}: ${said(error)}\n`);
      code = 1;
    }
  };
  for (const word of options.words) {
    if (word.startsWith('/')) io.err("tar: removing leading '/' from member names\n");
    await add(absolute(base, word), word.replace(/^\/+|\/+$/g, '') || '.');
  }
  archive.finalize();
  await written;
  // Nothing found, nothing written: a reader that waits for the end of an archive hears of the failure instead.
  const whole = added === 0 ? Buffer.alloc(0) : Buffer.concat(chunks);
  if (options.archive === '-') io.out(whole);
  else await files.writeFile(absolute(shell.cwd, options.archive), whole);
  return code;
}

async function read(options: Options, base: string, io: CommandIo, shell: CommandShell): Promise<number> {
  const bytes =
    options.archive === '-'
      ? await io.bytes()
      : Buffer.from(await shell.files.readFileBuffer(absolute(shell.cwd, options.archive)));
  const archive = extract();
  archive.end(bytes);
  let code = 0;
  try {
    for await (const entry of archive) code = Math.max(code, await member(entry, options, base, io, shell));
    return code;
  } catch {
    io.err(bytes.length === 0 ? 'tar: short read\n' : 'tar: invalid tar header\n');
    return 1;
  }
}

async function member(
  entry: Entry,
  options: Options,
  base: string,
  io: CommandIo,
  shell: CommandShell,
): Promise<number> {
  const { name, type, mode } = entry.header;
  const wanted =
    options.words.length === 0 || options.words.some((word) => name === word || name.startsWith(`${word}/`));
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  if (!wanted) return 0;
  if (options.mode === 't' || options.verbose) io.out(`${name}\n`);
  if (options.mode === 't') return 0;
  // Names cannot lead out of the directory.
  const path = absolute(base, `.${absolute('/', name)}`);
  const folder = type === 'directory' ? path : path.slice(0, path.lastIndexOf('/'));
  try {
    if ((await statOf(shell.files, folder)) === null) await shell.files.mkdir(folder, { recursive: true });
    if (type !== 'file' && type !== 'contiguous-file') return 0;
    await shell.files.writeFile(path, Buffer.concat(chunks));
    if (mode !== undefined) await shell.files.chmod(path, mode);
    return 0;
  } catch (error) {
    io.err(`tar: ${name}: Cannot open: ${said(error)}\n`);
    return 1;
  }
}
