/** `ls`: the library's own, with owners, modes and inode numbers, which it has no notion of, and directories as without `-F`. */
import type { ExecResult, IFileSystem, ResolvedCommandContext } from 'just-bash/browser';
import { fnv1a } from '../../sim/random.ts';
import { ownerText } from './accounts.ts';
import { bitsText, type Owners } from './owners.ts';

const OWNERS = /^([-dlbcps])([-rwxsStT]{9}) +(\d+) user user/;
/** The name at the end of a line of `ls -l`, without where a link leads. */
const NAME = /^[-dlbcps][-rwxsStT]{9}\s+\d+\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+ (.*?)(?: -> .*)?$/;
export const INODES = 1 << 22;
/** What a directory takes, where the library shows none. */
export const DIRECTORY_BYTES = 4096;

/** `original`: the library's; `owners`: absent, all is root's and as the library shows it. */
export async function listing(
  args: readonly string[],
  { cwd, fs }: Pick<ResolvedCommandContext, 'cwd' | 'fs'>,
  original: (args: string[]) => Promise<ExecResult>,
  owners?: Owners,
): Promise<ExecResult> {
  const numbered = args.some(wantsInodes);
  const numeric = args.some((arg) => /^-[A-Za-z1]*n/.test(arg) || arg === '--numeric-uid-gid');
  const known = numeric ? args.flatMap(withoutNumeric) : args;
  const words = numbered ? known.flatMap(withoutInode) : [...known];
  // Each operand is one line, where directories are not opened.
  const single = words.some((word) => /^-[A-Za-z1]*d/.test(word) || word === '--directory');
  const result = await original(words);
  const operands = words.filter((word) => !word.startsWith('-'));
  const lines: string[] = [];
  const name = numeric ? String : ownerText;
  const text = single ? result.stdout.replace(/\n{2,}/g, '\n') : result.stdout;
  for (const { line, path } of placed(text.replace(/^(d.*)\/$/gm, '$1'), operands, (...names) =>
    fs.resolvePath(cwd, names.join('/')),
  )) {
    const whose = path === null ? line : await owned(line, path, fs, name, owners);
    const number = path === null || !numbered ? '' : `${String((fnv1a(path) % INODES) + 2).padStart(7)} `;
    lines.push(`${number}${whose}`);
  }
  return { ...result, stdout: lines.join('\n') };
}

async function owned(
  line: string,
  path: string,
  fs: IFileSystem,
  name: (id: number) => string,
  owners?: Owners,
): Promise<string> {
  const [head, type = '-', shown = '', links = ''] = OWNERS.exec(line) ?? [];
  if (head === undefined) return line;
  const rest =
    type === 'd' ? line.slice(head.length).replace(/^(\s*) {4}0 /, `$1${DIRECTORY_BYTES} `) : line.slice(head.length);
  const whose = (id: number) => name(id).padEnd(8);
  const found = owners === undefined ? null : await fs.lstat(path).catch(() => null);
  if (owners === undefined || found === null) return `${type}${shown} ${links} ${whose(0)} ${whose(0)}${rest}`;
  // The library shows what a link leads to.
  const link = found.isSymbolicLink && !rest.includes(' -> ');
  const kind = found.isSymbolicLink ? 'link' : found.isDirectory ? 'directory' : 'file';
  const { user, group, mode } = owners(path, found.mode, kind);
  const bits = kind === 'link' ? 'lrwxrwxrwx' : `${type}${bitsText(mode)}`;
  return `${bits} ${links} ${whose(user)} ${whose(group)}${rest}${link ? ` -> ${await fs.readlink(path)}` : ''}`;
}

function wantsInodes(arg: string): boolean {
  return arg === '--inode' || /^-[A-Za-z1]*i/.test(arg);
}

/** A long listing, whose names are left to this file. */
function withoutNumeric(arg: string): string[] {
  if (arg === '--numeric-uid-gid') return ['-l'];
  return [/^-[A-Za-z1]*n/.test(arg) ? arg.replaceAll('n', 'l') : arg];
}

/** One entry a line instead, so that each has its number before it. */
function withoutInode(arg: string): string[] {
  if (!wantsInodes(arg)) return [arg];
  return [arg === '--inode' ? '-1' : `${arg.replace('i', '')}1`];
}

/** The lines with the paths that they speak of; null for those that do not. */
function placed(
  text: string,
  operands: readonly string[],
  resolved: (...names: string[]) => string,
): { line: string; path: string | null }[] {
  let directory = operands.length === 1 ? operands[0]! : '.';
  return text.split('\n').map((line) => {
    if (line === '' || /^total \d+/.test(line)) return { line, path: null };
    const long = NAME.exec(line)?.[1];
    const heading = line.slice(0, -1);
    if (long === undefined && line.endsWith(':') && (operands.includes(heading) || /^\.?\//.test(heading))) {
      directory = heading;
      return { line, path: null };
    }
    const name = long ?? line;
    return { line, path: operands.includes(name) ? resolved(name) : resolved(directory, name) };
  });
}
