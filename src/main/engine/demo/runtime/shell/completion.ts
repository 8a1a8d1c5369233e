/** How a word on the command line may go on: programs where a command begins, files elsewhere. */
import { statOf } from './container-files.ts';
import type { CommandShell } from './shell.ts';

export interface Completions {
  /** What all ways to go on share; with what ends the word where there is only one. */
  rest: string;
  choices: string[];
}

export async function completions(
  { files, env, cwd }: Pick<CommandShell, 'files' | 'env' | 'cwd'>,
  before: string,
): Promise<Completions> {
  const word = /[^\s;|&()<>"']*$/.exec(before)?.[0] ?? '';
  const begins = /(^|[;|&(]|\b(do|then|else|sudo|xargs))\s*$/.test(before.slice(0, before.length - word.length));
  const slash = word.lastIndexOf('/');
  const start = word.slice(slash + 1);
  const directories =
    begins && slash < 0
      ? (env.get('PATH') ?? '').split(':')
      : [files.resolvePath(cwd, word.slice(0, slash + 1) || '.')];
  const names = new Map<string, string>();
  for (const directory of directories)
    for (const name of await listed(directory))
      if (name.startsWith(start) && (start.startsWith('.') || !name.startsWith('.')))
        names.set(name, `${directory.replace(/\/$/, '')}/${name}`);
  const choices = [...names.keys()].sort();
  const [only] = choices;
  if (only === undefined) return { rest: '', choices };
  let shared = only.length;
  for (const name of choices) while (!name.startsWith(only.slice(0, shared))) shared -= 1;
  const rest = only.slice(start.length, shared);
  if (choices.length > 1) return { rest, choices };
  const directory = (await statOf(files, names.get(only) ?? ''))?.isDirectory === true;
  return { rest: `${rest}${directory ? '/' : ' '}`, choices };

  async function listed(directory: string): Promise<string[]> {
    return (await statOf(files, directory))?.isDirectory === true ? await files.readdir(directory) : [];
  }
}
