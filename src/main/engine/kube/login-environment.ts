/**
 * What the person's login shell has in its environment. A program started from a desktop inherits the desktop's, in which
 * the sign-in programs of clouds (aws, gke-gcloud-auth-plugin, kubelogin), their profiles, the proxies and KUBECONFIG
 * usually are not.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';

export interface LoginShellOptions {
  env?: NodeJS.ProcessEnv;
  platform?: NodeJS.Platform;
  timeoutMs?: number;
  /** Runs the shell and answers with what it printed; replaced in tests. */
  run?: (shell: string, args: string[], timeoutMs: number) => Promise<string>;
}

const TIMEOUT_MS = 10_000;
/** Shells print greetings and what profiles say; what is between the marks is ours. */
const MARK = '__fleetdeck_environment__';
/** Between variables, so that values may have several lines; an old `env` cannot do that. */
const PRINT = `printf %s ${MARK}; env -0 2>/dev/null || env; printf %s ${MARK}`;
/** What belongs to the shell itself. */
const OF_THE_SHELL: ReadonlySet<string> = new Set(['_', 'PWD', 'OLDPWD', 'SHLVL', 'TERM']);

/** Null where the question makes no sense (Windows, no shell), or the shell gives no answer in time. */
export async function loginShellEnvironment(options: LoginShellOptions = {}): Promise<Record<string, string> | null> {
  const { env = process.env, platform = process.platform, timeoutMs = TIMEOUT_MS, run = runShell } = options;
  const shell = env.SHELL;
  if (platform === 'win32' || shell === undefined || !path.isAbsolute(shell)) return null;
  try {
    const printed = (await run(shell, ['-ilc', PRINT], timeoutMs)).split(MARK)[1] ?? '';
    const lines = printed.split(printed.includes('\0') ? '\0' : '\n');
    const found = lines.flatMap((line): [string, string][] => {
      const [, name = '', value = ''] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(line) ?? [];
      return name === '' || OF_THE_SHELL.has(name) ? [] : [[name, value]];
    });
    return found.length === 0 ? null : Object.fromEntries(found);
  } catch {
    return null;
  }
}

/** What `own` does not have is taken over; folders of the shell's PATH come first, then those that only `own` has. */
export function adoptEnvironment(own: NodeJS.ProcessEnv, ofShell: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(ofShell)) own[name] ??= value;
  own.PATH = joinPaths(ofShell.PATH ?? '', own.PATH ?? '');
}

function joinPaths(ofShell: string, own: string): string {
  const folders = [...ofShell.split(':'), ...own.split(':')].filter((folder) => folder !== '');
  return [...new Set(folders)].join(':');
}

function runShell(shell: string, args: string[], timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(shell, args, { timeout: timeoutMs, maxBuffer: 1_000_000 }, (error, stdout) => {
      if (error !== null && stdout === '') reject(error);
      else resolve(stdout);
    });
    // A profile that asks something must not wait for an answer.
    child.stdin?.end();
  });
}
