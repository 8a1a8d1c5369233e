/** The desktop application under Playwright: started with a data directory of its own, ended with all its processes. */
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type ElectronApplication, _electron as electron, type Page } from '@playwright/test';
import { findDesktop } from '../../../src/main/host/desktop.ts';
import type { DemoReady } from '../../fixtures/demo-process.ts';

export const root = path.resolve(import.meta.dirname, '../../..');
/** Address of the interface in the desktop window. */
export const APP_URL = 'app://fleetdeck/';

export interface DesktopOptions {
  dataDir: string;
  /** Simulated clusters; without it the application has none. */
  clusters?: number;
  locale?: string;
  env?: Record<string, string>;
}

export interface Desktop {
  readonly app: ElectronApplication;
  readonly process: ChildProcess;
  readonly window: Page;
  /** Everything on standard error so far. */
  stderr(): string;
  /** The simulated clusters, once they are ready. */
  demo(): Promise<DemoReady>;
  /** As a person quits it; resolves when every process of it has ended. */
  quit(): Promise<void>;
}

export async function startDesktop(options: DesktopOptions): Promise<Desktop> {
  const found = findDesktop();
  if ('missing' in found) throw new Error(`no desktop window here: ${found.missing}`);
  const { dataDir, clusters, locale = 'en-GB' } = options;
  const app = await electron.launch({
    executablePath: found.electron,
    args: [root, `--lang=${locale}`],
    env: {
      ...environment(),
      FLEETDECK_DATA_DIR: dataDir,
      FLEETDECK_NO_DIALOGS: '1',
      ...(clusters === undefined ? {} : { FLEETDECK_DEMO: JSON.stringify({ dataDir, clusters }) }),
      ...options.env,
    },
  });
  const child = app.process();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-100_000);
  });
  const ready = readyLine(child, () => stderr);
  // Whoever starts no demo asks for none.
  ready.catch(() => {});
  const window = await app.firstWindow();
  return {
    app,
    process: child,
    window,
    stderr: () => stderr,
    demo: () => ready,
    quit: async () => await app.close(),
  };
}

/** The line the shell prints when the simulated clusters are ready. */
function readyLine(child: ChildProcess, stderr: () => string): Promise<DemoReady> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('no standard output'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"ready":true,')) resolve(JSON.parse(line) as DemoReady);
    });
    child.once('exit', (code) => reject(new Error(`the desktop ended with ${code}:\n${stderr()}`)));
  });
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
