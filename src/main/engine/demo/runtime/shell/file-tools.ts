/**
 * Programs that make files and tell about them, where the shell's library has none or knows nothing of owners: `mkdir`, `stat`,
 * `chown`, `chgrp`, `truncate`, `fallocate`, `mkfifo`, `umount`. Source: busybox, and coreutils where bash is the shell.
 */
import type { IFileSystem } from 'just-bash/browser';
import { ownerNamed } from './accounts.ts';
import { absolute, MOST_BYTES, statOf } from './container-files.ts';
import { askedOf } from './options.ts';
import type { Owner } from './owners.ts';
import { said } from './said.ts';
import type { CommandIo, CommandShell, Run } from './shell.ts';
import { sizeOf } from './sizes.ts';
import { type StatHost, stat } from './stat-tool.ts';

export interface FileToolsHost extends StatHost {
  /** Who runs them. */
  user: number;
  /** The files at a path of the container are somebody else's from now on. */
  give(path: string, owner: Partial<Owner>): void;
}

export function fileTools(host: FileToolsHost): Record<string, Run> {
  return {
    mkdir,
    stat: (args, io, shell) => stat(args, io, shell, host),
    chown: (args, io, shell) => chown('chown', args, io, shell, host),
    chgrp: (args, io, shell) => chown('chgrp', args, io, shell, host),
    truncate: (args, io, shell) => resize('truncate', '-s', args, io, shell),
    fallocate: (args, io, shell) => resize('fallocate', '-l', args, io, shell),
    mkfifo: (args, io) => notPermitted('mkfifo', args, io),
    mknod: (args, io) => notPermitted('mknod', args.slice(0, 1), io),
    umount: (args, io) => notPermitted("umount: can't unmount", args, io, ' '),
  };
}

const mkdir: Run = async (args, io, shell) => {
  const { flags, values, words } = askedOf(args, 'm');
  const mode = values.has('m') ? modeOf(values.get('m')!, 0o777) : null;
  let failed = 0;
  const refuse = (word: string, why: string) => {
    io.err(
      shell.name === 'bash'
        ? `mkdir: cannot create directory '${word}': ${why}\n`
        : `mkdir: can't create directory '${word}': ${why}\n`,
    );
    failed = 1;
  };
  if (words.length === 0) {
    io.err('mkdir: missing operand\n');
    return 1;
  }
  if (mode !== null && Number.isNaN(mode)) {
    io.err(`mkdir: invalid mode '${values.get('m')}'\n`);
    return 1;
  }
  for (const word of words) {
    const path = absolute(shell.cwd, word);
    const found = await statOf(shell.files, path);
    if (found?.isDirectory === true && flags.has('p')) continue;
    if (found !== null) {
      refuse(word, 'File exists');
      continue;
    }
    const above = await statOf(shell.files, path.slice(0, path.lastIndexOf('/')) || '/');
    try {
      if (above !== null && !above.isDirectory) refuse(word, 'Not a directory');
      else if (above === null && !flags.has('p')) refuse(word, 'No such file or directory');
      else {
        await shell.files.mkdir(path, { recursive: flags.has('p') });
        if (mode !== null) await shell.files.chmod(path, mode);
        if (flags.has('v')) io.out(`mkdir: created directory '${word}'\n`);
      }
    } catch (error) {
      refuse(word, said(error));
    }
  }
  return failed;
};

/** Octal, or `u=rwx,go=rx` of what it is without. */
function modeOf(text: string, from: number): number {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8);
  let mode = from;
  for (const clause of text.split(',')) {
    const [, who = '', how = '', what = ''] = /^([ugoa]*)([=+-])([rwx]*)$/.exec(clause) ?? [];
    if (how === '') return Number.NaN;
    const bits = (what.includes('r') ? 4 : 0) | (what.includes('w') ? 2 : 0) | (what.includes('x') ? 1 : 0);
    for (const [letter, shift] of [
      ['u', 6],
      ['g', 3],
      ['o', 0],
    ] as const) {
      if (who !== '' && !who.includes(letter) && !who.includes('a')) continue;
      const part = bits << shift;
      mode = how === '+' ? mode | part : how === '-' ? mode & ~part : (mode & ~(7 << shift)) | part;
    }
  }
  return mode;
}

async function chown(
  name: 'chown' | 'chgrp',
  args: readonly string[],
  io: CommandIo,
  shell: CommandShell,
  host: FileToolsHost,
): Promise<number> {
  const { flags, words } = askedOf(args, '', { recursive: 'R' });
  const [whom = '', ...targets] = words;
  if (targets.length === 0) {
    io.err(`${name}: missing operand\n`);
    return 1;
  }
  const owner: Partial<Owner> = {};
  const [user = '', group = ''] = name === 'chgrp' ? ['', whom] : whom.split(/[:.]/);
  for (const [part, text] of [
    ['user', user],
    ['group', group],
  ] as const) {
    if (text === '') continue;
    const id = ownerNamed(text);
    if (id === undefined) {
      io.err(`${name}: unknown ${part} ${text}\n`);
      return 1;
    }
    owner[part] = id;
  }
  let failed = 0;
  for (const word of targets) {
    const path = absolute(shell.cwd, word);
    if ((await shell.files.lstat(path).catch(() => null)) === null) {
      io.err(`${name}: ${word}: No such file or directory\n`);
      failed = 1;
    } else if (host.user !== 0) {
      io.err(`${name}: ${word}: Operation not permitted\n`);
      failed = 1;
    } else
      for (const one of flags.has('R') ? await within(shell.files, path) : [path])
        if (shell.root !== null) host.give(`${shell.root}${one}`, owner);
  }
  return failed;
}

/** The path and all below it. */
async function within(files: IFileSystem, path: string): Promise<string[]> {
  const found = await files.lstat(path).catch(() => null);
  if (found?.isDirectory !== true) return [path];
  const below = await files.readdir(path);
  return [path, ...(await Promise.all(below.map((name) => within(files, absolute(path, name))))).flat()];
}

async function resize(
  name: string,
  flag: string,
  args: readonly string[],
  io: CommandIo,
  shell: CommandShell,
): Promise<number> {
  const { values, words } = askedOf(args, flag.slice(1));
  const [, sign = '', text = ''] = /^([+-]?)(.*)$/.exec(values.get(flag.slice(1)) ?? '') ?? [];
  const size = sizeOf(text);
  if (Number.isNaN(size) || words.length === 0) {
    io.err(Number.isNaN(size) ? `${name}: invalid number '${text}'\n` : `${name}: missing operand\n`);
    return 1;
  }
  for (const word of words) {
    const path = absolute(shell.cwd, word);
    try {
      const found = await statOf(shell.files, path);
      const old = found === null ? Buffer.alloc(0) : Buffer.from(await shell.files.readFileBuffer(path));
      const wanted = Math.max(0, sign === '+' ? old.length + size : sign === '-' ? old.length - size : size);
      const length = name === 'fallocate' ? Math.max(old.length, wanted) : wanted;
      const content = Buffer.alloc(Math.min(length, MOST_BYTES));
      if (length > MOST_BYTES) throw new Error('ENOSPC: no space left on device');
      old.copy(content);
      await shell.files.writeFile(path, content);
    } catch (error) {
      io.err(`${name}: ${word}: ${said(error)}\n`);
      return 1;
    }
  }
  return 0;
}

function notPermitted(name: string, words: readonly string[], io: CommandIo, separator = ': '): number {
  io.err(`${name}${separator}${words.filter((word) => !word.startsWith('-')).join(' ')}: Operation not permitted\n`);
  return 1;
}
