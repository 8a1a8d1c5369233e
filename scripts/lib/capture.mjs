/** A helper process whose words are kept: npm and Vite. It does not outlive us when we are told to end. */
import { spawn } from 'node:child_process';

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd: string, env?: NodeJS.ProcessEnv, echo?: boolean, shell?: boolean}} options echo: also to standard error
 * @returns {Promise<{code: number, output: string}>} both streams together; rejects when it cannot be started
 */
export function capture(command, args, { cwd, env = process.env, echo = false, shell = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-50_000);
        if (echo) process.stderr.write(text);
      });
    }
    const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
      child.kill(signal);
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
    for (const signal of signals) process.on(signal, onSignal);
    const done = () => {
      for (const signal of signals) process.off(signal, onSignal);
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
