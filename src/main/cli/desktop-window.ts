/** The desktop window as a child of the command line: opened where that is possible, ended with us. */
import { spawn } from 'node:child_process';
import { findDesktop } from '../host/desktop.ts';
import { untilAskedToEnd } from '../host/lifetime.ts';
import { appRoot } from '../host/locations.ts';
import type { Output } from './output.ts';

/**
 * Runs the desktop application until it is closed, and returns its exit code; null when no window can be opened here,
 * which is then said in words.
 */
export async function runDesktop(out: Output, env: Record<string, string>): Promise<number | null> {
  const desktop = findDesktop();
  if ('missing' in desktop) {
    out.note(out.text(`host.cli.noDesktop.${desktop.missing}`));
    return null;
  }
  out.note(out.text('host.cli.window'));
  const child = spawn(desktop.electron, [appRoot], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  void untilAskedToEnd().then(() => child.kill('SIGTERM'));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
