/** `tail -f`: the end of files, and whatever is added to them, until somebody ends it. */
import type { ExecResult, ResolvedCommandContext } from 'just-bash/browser';
import { pause } from '../logs.ts';
import { statOf } from './container-files.ts';
import type { CommandIo, Run } from './shell.ts';

const LOOK_AGAIN_MS = 250;
const LINES = 10;

/** `sleep`: that of a container whose time is simulated. */
export async function follow(
  args: readonly string[],
  { fs, cwd, env }: ResolvedCommandContext,
  io: CommandIo,
  signal: AbortSignal,
  sleep: Run | undefined,
): Promise<ExecResult> {
  const { lines, names } = asked(args);
  const seen = new Map<string, number>();
  let last: string | null = null;
  const say = (name: string, content: Buffer): void => {
    if (content.length === 0 && last !== null) return;
    if (names.length > 1 && last !== name) io.out(`${last === null ? '' : '\n'}==> ${name} <==\n`);
    last = name;
    io.out(content);
  };
  for (const name of names) {
    const content = await contentOf(name);
    if (content === null) io.err(`tail: can't open '${name}': No such file or directory\n`);
    else say(name, lastLines(content, lines));
    seen.set(name, content?.length ?? 0);
  }
  while (!signal.aborted) {
    if (sleep === undefined) await pause(LOOK_AGAIN_MS, signal);
    else
      await sleep([String(LOOK_AGAIN_MS / 1000)], io, {
        name: 'tail',
        files: fs,
        env,
        cwd,
        root: '',
        signal,
        status: 0,
      });
    for (const name of names) {
      const size = seen.get(name) ?? 0;
      const now = (await statOf(fs, fs.resolvePath(cwd, name)))?.size ?? 0;
      if (now === size) continue;
      const content = (await contentOf(name)) ?? Buffer.alloc(0);
      if (content.length > size) say(name, content.subarray(size));
      seen.set(name, content.length);
    }
  }
  return { stdout: '', stderr: '', exitCode: 130 };

  async function contentOf(name: string): Promise<Buffer | null> {
    const path = fs.resolvePath(cwd, name);
    if ((await statOf(fs, path)) === null) return null;
    return path === '/dev/null' ? Buffer.alloc(0) : Buffer.from(await fs.readFileBuffer(path));
  }
}

function asked(args: readonly string[]): { lines: number; names: string[] } {
  let lines = LINES;
  const names: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    const count = /^-(?:\w*n)?(\d+)[fF]?$/.exec(arg)?.[1] ?? (/^-\w*n$/.test(arg) ? args[++at] : undefined);
    if (count !== undefined) lines = Number.parseInt(count, 10) || 0;
    else if (!arg.startsWith('-')) names.push(arg);
  }
  return { lines, names };
}

function lastLines(content: Buffer, count: number): Buffer {
  let from = content.length;
  for (let found = 0; from > 0; from--) {
    if (content[from - 1] !== 10 || from === content.length) continue;
    found += 1;
    if (found === count) break;
  }
  return count === 0 ? Buffer.alloc(0) : content.subarray(from);
}
