/** The desktop window as a child of the command line: opened where that is possible, ended with us. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { DemoPaths } from '../host/demo.ts';
import { findDesktop } from '../host/desktop.ts';
import { untilAskedToEnd } from '../host/lifetime.ts';
import { appRoot } from '../host/locations.ts';
import type { Output } from './output.ts';

export interface DesktopOptions {
  env: Record<string, string>;
  /** The simulated clusters are ready. */
  onDemoReady?: (kubeconfigs: DemoPaths) => void;
}

/**
 * Runs the desktop application until it is closed, and returns its exit code; null when no window can be opened here,
 * which is then said in words.
 */
export async function runDesktop(out: Output, { env, onDemoReady }: DesktopOptions): Promise<number | null> {
  const desktop = findDesktop();
  if ('missing' in desktop) {
    out.note(out.text(`host.cli.noDesktop.${desktop.missing}`));
    return null;
  }
  out.note(out.text('host.cli.window'));
  const child = spawn(desktop.electron, [appRoot], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  createInterface({ input: child.stdout as Readable }).on('line', (line) => {
    const kubeconfigs = readyLine(line);
    if (kubeconfigs === null) out.note(line);
    else onDemoReady?.(kubeconfigs);
  });
  void untilAskedToEnd().then(() => child.kill('SIGTERM'));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** What the shell prints when the simulated clusters are ready; anything else on its standard output is Chromium's. */
function readyLine(line: string): DemoPaths | null {
  if (!line.startsWith('{"ready":true,')) return null;
  return (JSON.parse(line) as { kubeconfigs: DemoPaths }).kubeconfigs;
}
