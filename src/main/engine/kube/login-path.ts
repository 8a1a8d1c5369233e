/**
 * The PATH of the person's login shell. A program started from a desktop inherits the desktop's PATH, in which the sign-in
 * programs of clouds (aws, gke-gcloud-auth-plugin, kubelogin) usually are not.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';

export interface LoginPathOptions {
  env?: NodeJS.ProcessEnv;
  platform?: NodeJS.Platform;
  timeoutMs?: number;
  /** Runs the shell and answers with what it printed; replaced in tests. */
  run?: (shell: string, args: string[], timeoutMs: number) => Promise<string>;
}

const TIMEOUT_MS = 10_000;
/** Shells print greetings and what profiles say; what is between the marks is ours. */
const MARK = '__fleetdeck_path__';

/** Null where the question makes no sense (Windows, no shell), or the shell gives no answer in time. */
export async function loginShellPath(options: LoginPathOptions = {}): Promise<string | null> {
  const { env = process.env, platform = process.platform, timeoutMs = TIMEOUT_MS, run = runShell } = options;
  const shell = env.SHELL;
  if (platform === 'win32' || shell === undefined || !path.isAbsolute(shell)) return null;
  const print = path.basename(shell) === 'fish' ? 'string join : $PATH' : 'printf %s "$PATH"';
  try {
    const printed = await run(shell, ['-ilc', `printf %s ${MARK}; ${print}; printf %s ${MARK}`], timeoutMs);
    const answer = printed.split(MARK)[1]?.trim() ?? '';
    return answer === '' ? null : answer;
  } catch {
    return null;
  }
}

/** Folders of the shell first, then those that only this process has. */
export function joinPaths(ofShell: string, own: string): string {
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
