/**
 * Runs the program and lives exactly as long as it does: signals are passed on, and when whoever started us is killed
 * outright the program is told to end. In the other direction the program holds an IPC channel to us and ends when
 * that breaks, so `kill -9` of any of the processes leaves no other behind.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { node24 } from './paths.mjs';

const POLL_MS = 250;
/** How long the program may take to end after it was asked to. */
const GRACE_MS = 8000;

/**
 * @param {string[]} args for Node 24
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} [options]
 * @returns {Promise<number>} exit code, 128 + signal number when a signal ended it
 */
export function runProgram(args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(node24, args, {
      cwd: options.cwd ?? process.cwd(),
      env: options.env ?? process.env,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    let forced = /** @type {NodeJS.Timeout | undefined} */ (undefined);
    const end = (/** @type {NodeJS.Signals} */ signal) => {
      child.kill(signal);
      forced ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    };
    const onInt = () => end('SIGINT');
    const onTerm = () => end('SIGTERM');
    process.on('SIGINT', onInt);
    process.on('SIGTERM', onTerm);
    process.on('SIGHUP', onTerm);
    const stopWatching = watchAncestors(() => end('SIGTERM'));
    const finish = () => {
      stopWatching();
      clearTimeout(forced);
      process.off('SIGINT', onInt);
      process.off('SIGTERM', onTerm);
      process.off('SIGHUP', onTerm);
    };
    child.once('error', (error) => {
      finish();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      finish();
      resolve(code ?? 128 + (signal === null ? 1 : constants.signals[signal]));
    });
  });
}

/** Who waited for us when we were started: one of them may be gone before anybody watches. */
const parent = process.ppid;
const shell = process.env.npm_lifecycle_event === undefined ? 0 : parent;
const grandparent = shell === 0 ? null : parentOf(shell);

/**
 * Calls back once when an ancestor that waits for us is gone: npm, and the shell npm may have put between. A process
 * whose parent died gets another one, so a changed parent is the sign.
 * @param {() => void} onGone
 * @returns {() => void} stops watching
 */
export function watchAncestors(onGone) {
  const timer = setInterval(() => {
    const gone = process.ppid !== parent || (grandparent !== null && parentOf(shell) !== grandparent);
    if (!gone) return;
    clearInterval(timer);
    onGone();
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Parent of a shell process, from /proc; null where there is none, or when it is no shell. @param {number} pid */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    if (!/^(sh|dash|bash|ash|busybox|zsh)$/.test(name)) return null;
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
