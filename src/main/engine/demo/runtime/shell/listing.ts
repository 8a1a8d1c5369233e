/** `ls`: the library's own, with owners and inode numbers, which it has no notion of, and directories as without `-F`. */
import type { ExecResult, ResolvedCommandContext } from 'just-bash/browser';
import { fnv1a } from '../../sim/random.ts';

const OWNERS = /^([-dlbcps][-rwxsStT]{9} +\d+) user user/gm;
/** The name at the end of a line of `ls -l`, without where a link leads. */
const NAME = /^[-dlbcps][-rwxsStT]{9}\s+\d+\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+ (.*?)(?: -> .*)?$/;
const INODES = 1 << 22;

/** `original`: the library's. */
export async function listing(
  args: readonly string[],
  { cwd, fs }: Pick<ResolvedCommandContext, 'cwd' | 'fs'>,
  original: (args: string[]) => Promise<ExecResult>,
): Promise<ExecResult> {
  const numbered = args.some(wantsInodes);
  const words = numbered ? args.flatMap(withoutInode) : [...args];
  const result = await original(words);
  const stdout = result.stdout.replace(OWNERS, '$1 root     root    ').replace(/^(d.*)\/$/gm, '$1');
  if (!numbered) return { ...result, stdout };
  const operands = words.filter((word) => !word.startsWith('-'));
  return { ...result, stdout: withInodes(stdout, operands, (...names) => fs.resolvePath(cwd, names.join('/'))) };
}

function wantsInodes(arg: string): boolean {
  return arg === '--inode' || /^-[A-Za-z1]*i/.test(arg);
}

/** One entry a line instead, so that each has its number before it. */
function withoutInode(arg: string): string[] {
  if (!wantsInodes(arg)) return [arg];
  return [arg === '--inode' ? '-1' : `${arg.replace('i', '')}1`];
}

/** A number that stays with the path. */
function withInodes(text: string, operands: readonly string[], resolved: (...names: string[]) => string): string {
  let directory = operands.length === 1 ? operands[0]! : '.';
  return text.replace(/^.+$/gm, (line) => {
    if (/^total \d+/.test(line)) return line;
    if (line.endsWith(':') && operands.includes(line.slice(0, -1))) {
      directory = line.slice(0, -1);
      return line;
    }
    const name = NAME.exec(line)?.[1] ?? line;
    const path = operands.includes(name) ? resolved(name) : resolved(directory, name);
    return `${String((fnv1a(path) % INODES) + 2).padStart(7)} ${line}`;
  });
}
