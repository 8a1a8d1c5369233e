/** Whether a desktop window can be opened here: Electron's program files, a display, and a user its sandbox accepts. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { appRoot } from './locations.ts';

export type NoDesktop = 'noElectron' | 'noDisplay' | 'root';
export type Desktop = { electron: string } | { missing: NoDesktop };

/** What is asked of the machine; a test passes its own. */
export interface Machine {
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  /** Whether windows can be shown. */
  display: boolean;
  /** Effective user id; undefined on Windows. */
  uid: number | undefined;
  root: string;
  exists(file: string): boolean;
  read(file: string): string | null;
}

export const thisMachine = (): Machine => ({
  env: process.env,
  platform: process.platform,
  display: process.platform !== 'linux' || !!process.env.DISPLAY || !!process.env.WAYLAND_DISPLAY,
  uid: process.geteuid?.(),
  root: appRoot,
  exists: existsSync,
  read: (file) => (existsSync(file) ? readFileSync(file, 'utf8') : null),
});

/**
 * Looks for the binary where the electron package keeps it and where ELECTRON_OVERRIDE_DIST_PATH says. The package's
 * own lookup is not used, because it downloads what is missing.
 */
export function findDesktop(machine: Machine = thisMachine()): Desktop {
  const electron = findElectron(machine);
  if (electron === null) return { missing: 'noElectron' };
  if (!machine.display) return { missing: 'noDisplay' };
  if (machine.platform === 'linux' && machine.uid === 0) return { missing: 'root' };
  return { electron };
}

function findElectron({ env, platform, root, exists, read }: Machine): string | null {
  const packageDir = path.join(root, 'node_modules', 'electron');
  const name = read(path.join(packageDir, 'path.txt'))?.trim() || defaultName(platform);
  const dist = env.ELECTRON_OVERRIDE_DIST_PATH || path.join(packageDir, 'dist');
  const binary = path.join(dist, name);
  return exists(binary) ? binary : null;
}

function defaultName(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}
