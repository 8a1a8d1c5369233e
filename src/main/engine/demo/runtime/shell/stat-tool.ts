/** `stat`: what there is to know of a file, and of the file system that it lies in. Source: busybox stat, and coreutils for its formats. */
import type { FsStat, IFileSystem } from 'just-bash/browser';
import { fnv1a } from '../../sim/random.ts';
import { ownerText } from './accounts.ts';
import { absolute } from './container-files.ts';
import { DIRECTORY_BYTES, INODES } from './listing.ts';
import { askedOf } from './options.ts';
import { bitsText, type Owners } from './owners.ts';
import type { CommandIo, CommandShell } from './shell.ts';

export interface StatHost {
  owners: Owners;
  /** Kind of the file system that holds the path. */
  kindAt(path: string): string;
}

export async function stat(
  args: readonly string[],
  io: CommandIo,
  shell: CommandShell,
  host: StatHost,
): Promise<number> {
  const { flags, values, words } = askedOf(args, 'c', {
    format: 'c',
    'file-system': 'f',
    dereference: 'L',
    terse: 't',
  });
  const { files } = shell;
  let failed = 0;
  for (const word of words) {
    const path = absolute(shell.cwd, word);
    const found = await (flags.has('L') ? files.stat(path) : files.lstat(path)).catch(() => null);
    if (found === null) {
      io.err(
        shell.name === 'bash'
          ? `stat: cannot statx '${word}': No such file or directory\n`
          : `stat: can't stat '${word}': No such file or directory\n`,
      );
      failed = 1;
      continue;
    }
    const format = values.get('c');
    if (flags.has('f')) {
      const kind = host.kindAt(`${shell.root ?? ''}${path}`);
      const shown: Record<string, string> = {
        n: word,
        T: kind === 'ext4' ? 'ext2/ext3' : kind === 'overlay' ? 'overlayfs' : kind,
      };
      io.out(
        format === undefined
          ? `  File: "${word}"\n    ID: 0        Namelen: 255     Type: ${shown['T']}\n`
          : `${filled(format, shown)}\n`,
      );
      continue;
    }
    const { root } = shell;
    const owners: Owners = (at, mode, kind) =>
      root === null ? { user: 0, group: 0, mode } : host.owners(`${root}${at}`, mode, kind);
    const fields = await fieldsOf(word, path, found, files, owners);
    io.out(format === undefined ? long(fields) : `${filled(format, fields)}\n`);
  }
  return failed;
}

async function fieldsOf(
  word: string,
  path: string,
  found: FsStat,
  files: IFileSystem,
  owners: Owners,
): Promise<Record<string, string>> {
  const kind = found.isSymbolicLink ? 'link' : found.isDirectory ? 'directory' : 'file';
  const { user, group, mode } = owners(path, found.mode, kind);
  const bits = kind === 'link' ? 0o777 : mode & 0o7777;
  const type = {
    link: ['l', 'symbolic link', 0o120000],
    directory: ['d', 'directory', 0o040000],
    file: ['-', found.size === 0 ? 'regular empty file' : 'regular file', 0o100000],
  }[kind] as [string, string, number];
  const size = kind === 'directory' ? DIRECTORY_BYTES : found.size;
  const seconds = String(Math.floor(found.mtime.getTime() / 1000));
  const time = `${found.mtime.toISOString().slice(0, 23).replace('T', ' ')}000000 +0000`;
  const target = kind === 'link' ? ` -> '${await files.readlink(path)}'` : '';
  return {
    n: word,
    N: `'${word}'${target}`,
    s: String(size),
    a: bits.toString(8),
    A: `${type[0]}${bitsText(bits)}`,
    f: (type[2] | bits).toString(16),
    F: type[1],
    u: String(user),
    U: ownerText(user, 'UNKNOWN'),
    g: String(group),
    G: ownerText(group, 'UNKNOWN'),
    i: String((fnv1a(path) % INODES) + 2),
    h: '1',
    b: String(Math.ceil(size / 4096) * 8),
    B: '512',
    o: '4096',
    d: '46',
    D: '2e',
    t: '0',
    T: '0',
    m: '/',
    ...Object.fromEntries(['x', 'y', 'z'].map((letter) => [letter, time])),
    ...Object.fromEntries(['X', 'Y', 'Z'].map((letter) => [letter, seconds])),
    w: '-',
    W: '0',
  };
}

function filled(format: string, fields: Readonly<Record<string, string>>): string {
  return format.replace(/%([A-Za-z%])/g, (_whole, letter: string) => (letter === '%' ? '%' : (fields[letter] ?? '?')));
}

function long(fields: Readonly<Record<string, string>>): string {
  const {
    N = '',
    n = '',
    s = '',
    b = '',
    o = '',
    F = '',
    i = '',
    h = '',
    a = '',
    A = '',
    u = '',
    U = '',
    g = '',
    G = '',
  } = fields;
  const name = F === 'symbolic link' ? N.replace(/^'(.*?)'/, '$1') : n;
  return [
    `  File: ${name}`,
    `  Size: ${s.padEnd(10)}\tBlocks: ${b.padEnd(10)} IO Block: ${o.padEnd(6)} ${F}`,
    `Device: 2eh/46d\tInode: ${i.padEnd(10)}  Links: ${h}`,
    `Access: (${a.padStart(4, '0')}/${A})  Uid: (${u.padStart(5)}/${U.padStart(8)})   Gid: (${g.padStart(5)}/${G.padStart(8)})`,
    ...['Access', 'Modify', 'Change'].map((what) => `${what}: ${fields['y']}`),
    '',
  ].join('\n');
}
