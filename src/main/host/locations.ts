/** Where the program's own files and the person's data are, the same for every host. */
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout or of the installed application: the folder that holds package.json, dist/ and resources/. */
export const appRoot = ((): string => {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const at = here.lastIndexOf(`${path.sep}dist${path.sep}main`);
  return at === -1 ? path.resolve(here, '../../..') : here.slice(0, at);
})();

/** Folder of the built interface. */
export const rendererDir = path.join(appRoot, 'dist', 'renderer');

/**
 * The person's data directory: FLEETDECK_DATA_DIR, else what the platform keeps application data in (XDG Base
 * Directory Specification on Linux).
 */
export function defaultDataDir(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (env.FLEETDECK_DATA_DIR) return path.resolve(env.FLEETDECK_DATA_DIR);
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Fleetdeck');
  if (platform === 'win32') return path.join(env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'Fleetdeck');
  const xdg = env.XDG_DATA_HOME;
  return path.join(xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(home, '.local', 'share'), 'fleetdeck');
}
