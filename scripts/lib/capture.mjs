/** A helper process whose words are kept: npm and Vite. It and what it started do not outlive us when we are told to end. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { watchAncestors } from './child.mjs';

/** How long a helper may take to end after it was told to. */
const GRACE_MS = 3000;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd: string, env?: NodeJS.ProcessEnv, echo?: boolean, shell?: boolean}} options echo: also to standard error
 * @returns {Promise<{code: number, output: string}>} both streams together; rejects when it cannot be started
 */
export function capture(command, args, { cwd, env = process.env, echo = false, shell = false }) {
  return new Promise((resolve, reject) => {
    // A group of its own, so that what npm and its scripts have started ends with them.
    const group = process.platform !== 'win32';
    const child = spawn(command, args, { cwd, env, shell, detached: group, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-50_000);
        if (echo) process.stderr.write(text);
      });
    }
    let ending = /** @type {NodeJS.Signals | null} */ (null);
    const kill = (/** @type {NodeJS.Signals} */ signal) => {
      try {
        if (group && child.pid !== undefined) process.kill(-child.pid, signal);
        else child.kill(signal);
      } catch {
        // It has just ended.
      }
    };
    const end = (/** @type {NodeJS.Signals} */ signal) => {
      if (ending !== null) return;
      ending = signal;
      kill('SIGTERM');
      setTimeout(() => kill('SIGKILL'), GRACE_MS).unref();
    };
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
    for (const signal of signals) process.on(signal, end);
    const stopWatching = watchAncestors(() => end('SIGTERM'));
    const done = () => {
      for (const signal of signals) process.off(signal, end);
      stopWatching();
      if (ending !== null) process.exit(128 + constants.signals[ending]);
    };
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('close', (code) => {
      done();
      resolve({ code: code ?? 1, output });
    });
  });
}
