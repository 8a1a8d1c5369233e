/** `dd`: copies blocks of a file, of its input or of an endless device. Source: POSIX dd; busybox for what it says at the end. */
import { absolute, statOf } from './container-files.ts';
import { said } from './said.ts';
import type { CommandIo, CommandShell, Run } from './shell.ts';
import { sizeOf } from './sizes.ts';

/** More does not fit into a simulated disk, whatever else is there. */
const MOST_BYTES = 60 << 20;
const ENDLESS = new Set(['/dev/zero', '/dev/urandom', '/dev/random', '/dev/full']);
const BLOCK = 512;
/** Bytes a second of the simulated disk. */
const SPEED = 900e6;

export const dd: Run = async (args, io, shell) => {
  const options = new Map(args.map((arg) => arg.split('=', 2) as [string, string]));
  const block = sizeOf(options.get('bs') ?? options.get('ibs') ?? String(BLOCK));
  const count = options.has('count') ? sizeOf(options.get('count') ?? '') : Number.POSITIVE_INFINITY;
  if (!(block > 0) || Number.isNaN(count)) {
    io.err(`dd: invalid number '${options.get('bs') ?? options.get('count') ?? ''}'\n`);
    return 1;
  }
  const to = options.get('of');
  try {
    const wanted = block * count;
    const content = await contentOf(options, Math.min(wanted, MOST_BYTES), block, io, shell);
    if (to === undefined) io.out(content);
    else if (to !== '/dev/null') await write(shell, absolute(shell.cwd, to), content, options, block);
    if (content.length === MOST_BYTES && wanted > MOST_BYTES && to !== '/dev/null') {
      io.err(`dd: error writing '${to ?? 'standard output'}': No space left on device\n`);
      return 1;
    }
    if (options.get('status') !== 'none') io.err(summary(content.length, block));
    return 0;
  } catch (error) {
    const why = said(error);
    const full =
      why === 'No space left on device' ? `error writing '${to}'` : (to ?? options.get('if') ?? 'standard input');
    io.err(`dd: ${full}: ${why}\n`);
    return 1;
  }
};

/** What is read, `skip` blocks left out. */
async function contentOf(
  options: ReadonlyMap<string, string>,
  most: number,
  block: number,
  io: CommandIo,
  { files, cwd }: CommandShell,
): Promise<Buffer> {
  const from = options.get('if');
  const path = from === undefined ? null : absolute(cwd, from);
  const given = path === null ? await io.bytes() : Buffer.from(await files.readFileBuffer(path));
  if (path !== null && ENDLESS.has(path)) return Buffer.alloc(most, given);
  const start = sizeOf(options.get('skip') ?? '0') * block;
  return given.subarray(start, start + Math.min(most, given.length));
}

/** From `seek` blocks on; what is behind it stays with `conv=notrunc`. */
async function write(
  { files }: CommandShell,
  path: string,
  content: Buffer,
  options: ReadonlyMap<string, string>,
  block: number,
): Promise<void> {
  const at = sizeOf(options.get('seek') ?? '0') * block;
  const keeps = (options.get('conv') ?? '').split(',').includes('notrunc');
  const there = at > 0 || keeps ? await statOf(files, path) : null;
  const old = there?.isFile === true ? Buffer.from(await files.readFileBuffer(path)) : Buffer.alloc(0);
  const before = Buffer.alloc(at);
  old.copy(before);
  const after = keeps ? old.subarray(at + content.length) : Buffer.alloc(0);
  await files.writeFile(path, Buffer.concat([before, content, after]));
}

function summary(length: number, block: number): string {
  const records = `${Math.floor(length / block)}+${length % block > 0 ? 1 : 0} records`;
  const seconds = 0.00002 + length / SPEED;
  const text = (bytes: number) =>
    bytes >= 1 << 20
      ? `${(bytes / 2 ** 20).toFixed(1)}MB`
      : bytes >= 1024
        ? `${(bytes / 1024).toFixed(1)}KB`
        : `${bytes}B`;
  return `${records} in\n${records} out\n${length} bytes (${text(length)}) copied, ${seconds.toFixed(6)} seconds, ${text(Math.floor(length / seconds))}/s\n`;
}
