/**
 * `chroot` and `nsenter`: programs that run another among other files. A shell without a command is entered: what is typed
 * next is run there, until it ends. Source: coreutils chroot(1), util-linux nsenter(1).
 */
import type { IFileSystem } from 'just-bash/browser';
import { isShell } from '../script-kind.ts';
import { absolute, statOf } from './container-files.ts';
import { directoryView } from './directory-view.ts';

/** Where a command is to be run; `words` is empty for a shell that is to be entered. */
export interface Elsewhere {
  files: IFileSystem;
  words: readonly string[];
  /** Where the root of those files is among the others; null for the machine's, as they are. */
  root: string | null;
}

/** Why it cannot be, and with which exit code. */
export interface Refusal {
  text: string;
  code: number;
}

export async function chroot(args: readonly string[], files: IFileSystem, cwd: string): Promise<Elsewhere | Refusal> {
  const at = args.findIndex((arg) => !arg.startsWith('-'));
  const directory = args[at];
  if (directory === undefined) return { text: 'chroot: missing operand', code: 125 };
  const root = absolute(cwd, directory);
  const found = await statOf(files, root);
  if (found?.isDirectory !== true) {
    const why = found === null ? 'No such file or directory' : 'Not a directory';
    return { text: `chroot: cannot change root directory to '${directory}': ${why}`, code: 125 };
  }
  const words = commandOf(args.slice(at + 1));
  return root === '/' ? { files, words, root: '' } : { files: directoryView(files, root), words, root };
}

/**
 * `machine`: the files of the machine, where the container sees its processes and may enter them; null elsewhere, whose
 * first process is the container's own.
 */
export async function nsenter(
  args: readonly string[],
  files: IFileSystem,
  machine: IFileSystem | null,
): Promise<Elsewhere | Refusal> {
  let target: string | null = null;
  let mounts = false;
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--') {
      at += 1;
      break;
    }
    if (!arg.startsWith('-')) break;
    const [, named, value] = /^--(\w+)(?:=(.*))?$/.exec(arg) ?? [];
    if (arg === '-t' || arg === '--target') target = args[++at] ?? '';
    else if (named === 'target') target = value ?? '';
    else if (arg.startsWith('-t')) target = arg.slice(2);
    if (named === 'all' || named === 'mount' || /^-[a-z]*[am]/i.test(arg)) mounts = true;
    // A namespace may be named by its file instead.
    if (value !== undefined && /\/proc\/\d+\/ns\//.test(value)) target = /\/proc\/(\d+)\//.exec(value)?.[1] ?? null;
  }
  if (target === null) return { text: 'nsenter: no target PID specified', code: 1 };
  if (target !== '1')
    return { text: `nsenter: cannot open /proc/${target}/ns/mnt: No such file or directory`, code: 1 };
  const words = commandOf(args.slice(at));
  return mounts && machine !== null ? { files: machine, words, root: null } : { files, words, root: '' };
}

export function isRefusal(found: Elsewhere | Refusal): found is Refusal {
  return 'text' in found;
}

/** A shell that would only wait for what is typed is none. */
function commandOf(words: readonly string[]): readonly string[] {
  const [first = '', ...flags] = words;
  return isShell(first) && flags.every((flag) => /^-[il]+$|^--login$/.test(flag)) ? [] : words;
}
