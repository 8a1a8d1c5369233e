/** What the interpreter's own programs are changed by: their words, what they show, and whether a file can be written at all. */
import type { ExecResult, ResolvedCommandContext } from 'just-bash/browser';
import { statOf } from './container-files.ts';
import { LAST_JOB, ZERO } from './outer-output.ts';
import { said } from './said.ts';

/** Variables of the interpreter that no program shows. */
const HIDDEN = new RegExp(`^(\\?|${LAST_JOB}|${ZERO})=.*\n`, 'gm');

/** Why one of the files cannot be opened for writing, or null. */
export async function refusal(paths: readonly string[], { fs, cwd }: ResolvedCommandContext): Promise<string | null> {
  for (const path of paths) {
    const whole = fs.resolvePath(cwd, path);
    if (whole.startsWith('/dev/')) continue;
    const found = await statOf(fs, whole);
    if (found?.isDirectory === true) return `${path}: Is a directory`;
    try {
      // Nothing is added, but whatever speaks against it is said.
      if (found !== null) await fs.appendFile(whole, '');
      else {
        const above = await statOf(fs, whole.slice(0, whole.lastIndexOf('/')) || '/');
        if (above === null) return `${path}: No such file or directory`;
        await fs.writeFile(whole, '');
      }
    } catch (error) {
      return `${path}: ${said(error)}`;
    }
  }
  return null;
}

/** `env` and `printenv`. */
export async function environment(args: string[], context: ResolvedCommandContext) {
  const result = await libraryOwn(args, context);
  return { ...result, stdout: result.stdout.replace(HIDDEN, '') };
}

/** The library's own program of that name. */
export async function libraryOwn(args: string[], { origCommand }: ResolvedCommandContext): Promise<ExecResult> {
  return (await origCommand?.(args)) ?? { stdout: '', stderr: '', exitCode: 127 };
}

/** `-n1` as two words. */
export function apart(word: string): string[] {
  const [, flag, value] = /^(-[nLIPd])(.+)$/.exec(word) ?? [];
  return flag === undefined || value === undefined ? [word] : [flag, value];
}
