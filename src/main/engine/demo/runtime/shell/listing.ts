/** `ls`: the library's own, with owners, modes and inode numbers, which it has no notion of, and directories as without `-F`. */
import type { ExecResult, IFileSystem, ResolvedCommandContext } from 'just-bash/browser';
import { fnv1a } from '../../sim/random.ts';
import type { Owners } from './owners.ts';

const OWNERS = /^([-dlbcps])([-rwxsStT]{9}) +(\d+) user user/;
/** The name at the end of a line of `ls -l`, without where a link leads. */
const NAME = /^[-dlbcps][-rwxsStT]{9}\s+\d+\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+ (.*?)(?: -> .*)?$/;
const INODES = 1 << 22;

/** `original`: the library's; `owners`: absent, all is root's and as the library shows it. */
export async function listing(
  args: readonly string[],
  { cwd, fs }: Pick<ResolvedCommandContext, 'cwd' | 'fs'>,
  original: (args: string[]) => Promise<ExecResult>,
  owners?: Owners,
): Promise<ExecResult> {
  const numbered = args.some(wantsInodes);
  const words = numbered ? args.flatMap(withoutInode) : [...args];
  const result = await original(words);
  const operands = words.filter((word) => !word.startsWith('-'));
  const lines: string[] = [];
  for (const { line, path } of placed(result.stdout.replace(/^(d.*)\/$/gm, '$1'), operands, (...names) =>
    fs.resolvePath(cwd, names.join('/')),
  )) {
    const whose = path === null ? line : await owned(line, path, fs, owners);
    const number = path === null || !numbered ? '' : `${String((fnv1a(path) % INODES) + 2).padStart(7)} `;
    lines.push(`${number}${whose}`);
  }
  return { ...result, stdout: lines.join('\n') };
}

async function owned(line: string, path: string, fs: IFileSystem, owners?: Owners): Promise<string> {
  const [head, type = '-', shown = '', links = ''] = OWNERS.exec(line) ?? [];
  if (head === undefined) return line;
  const rest = line.slice(head.length);
  const found = owners === undefined ? null : await fs.lstat(path).catch(() => null);
  if (owners === undefined || found === null) return `${type}${shown} ${links} ${whose(0)} ${whose(0)}${rest}`;
  // The library shows what a link leads to.
  const link = found.isSymbolicLink && !rest.includes(' -> ');
  const kind = found.isSymbolicLink ? 'link' : found.isDirectory ? 'directory' : 'file';
  const { user, group, mode } = owners(path, found.mode, kind);
  const bits = kind === 'link' ? 'lrwxrwxrwx' : `${type}${bitsText(mode)}`;
  return `${bits} ${links} ${whose(user)} ${whose(group)}${rest}${link ? ` -> ${await fs.readlink(path)}` : ''}`;
}

function whose(id: number): string {
  return (id === 0 ? 'root' : String(id)).padEnd(8);
}

/** `rwxr-sr-t` */
function bitsText(mode: number): string {
  const bits = [...'rwxrwxrwx'].map((letter, at) => ((mode & (0o400 >> at)) === 0 ? '-' : letter));
  for (const [bit, at, letter] of [
    [0o4000, 2, 's'],
    [0o2000, 5, 's'],
    [0o1000, 8, 't'],
  ] as const)
    if ((mode & bit) !== 0) bits[at] = bits[at] === '-' ? letter.toUpperCase() : letter;
  return bits.join('');
}

function wantsInodes(arg: string): boolean {
  return arg === '--inode' || /^-[A-Za-z1]*i/.test(arg);
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
