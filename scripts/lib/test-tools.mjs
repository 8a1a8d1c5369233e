/** Finds what tests need beside npm packages: a Chromium and kubectl. As root on Debian they are installed when missing. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inRoot, say } from './paths.mjs';

/** @returns {Promise<string | null>} path of an executable */
export async function findChromium() {
  const given = process.env.FLEETDECK_CHROMIUM;
  if (given !== undefined && existsSync(given)) return given;
  const onPath = () =>
    which('chromium') ?? which('chromium-browser') ?? which('google-chrome') ?? which('google-chrome-stable');
  const found = onPath() ?? playwrightChromium();
  if (found !== null) return found;
  aptInstall(['chromium', 'fonts-noto-cjk']);
  return onPath();
}

/** @returns {Promise<string | null>} */
export async function findKubectl() {
  const found = which('kubectl');
  if (found !== null) return found;
  aptInstall(['kubernetes-client']);
  return which('kubectl');
}

/** Path of a program, or null. @param {string} name */
export function which(name) {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

function playwrightChromium() {
  try {
    const executable = createRequire(inRoot('package.json'))('playwright').chromium.executablePath();
    return existsSync(executable) ? executable : null;
  } catch {
    return null;
  }
}

/** @param {string[]} packages */
function aptInstall(packages) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || which('apt-get') === null) return;
  say(`Installing ${packages.join(' and ')} with apt-get.`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['update', '-q'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } catch (error) {
    say(`apt-get failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
