/**
 * Brings node_modules in line with package-lock.json, and does nothing when it is already. What is installed is read
 * from the lock file that npm itself keeps inside node_modules, so an `npm ci` by hand counts as well.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { capture } from './capture.mjs';
import { inRoot, node24, root, Stop, say } from './paths.mjs';

/** Why an installation is needed, or null. */
export function whyInstall() {
  return differentPackage() ?? (existsSync(node24) ? null : 'Node 24 is missing');
}

function differentPackage() {
  const wanted = readLock(inRoot('package-lock.json'));
  if (wanted === null) throw new Stop('package-lock.json is missing or damaged: is this a complete checkout?');
  const installed = readLock(inRoot('node_modules', '.package-lock.json'));
  if (installed === null) return 'nothing is installed';
  return firstDifference(wanted, installed);
}

/**
 * The first package that is not installed as the lock file says. Optional ones may be absent: they are for other
 * platforms. Packages that nobody asks for any more do no harm.
 * @param {Record<string, LockEntry>} wanted
 * @param {Record<string, LockEntry>} installed
 * @typedef {{version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, link?: boolean}} LockEntry
 */
export function firstDifference(wanted, installed) {
  for (const [where, entry] of Object.entries(wanted)) {
    if (where === '' || entry.link) continue;
    const name = where.replace(/^.*node_modules\//, '');
    const found = installed[where];
    if (found === undefined) {
      if (entry.optional || entry.devOptional) continue;
      return `${name} is missing`;
    }
    if (found.version !== entry.version || found.integrity !== entry.integrity) {
      return `${name} is ${found.version}, not ${entry.version}`;
    }
  }
  return null;
}

/**
 * No package's install script runs, as `.npmrc` says for `npm ci` by hand too: npm would want to compile a native module
 * that comes ready, which needs a compiler and headers that are not on every machine.
 */
const NPM_OPTIONS = ['--no-audit', '--no-fund', '--loglevel=error'];

export async function install() {
  if (differentPackage() !== null) {
    say('Installing packages (once; some minutes on a slow link) ...');
    const { code, output } = await npm(['ci', '--include=dev', '--ignore-scripts', ...NPM_OPTIONS]);
    if (code !== 0) throw new Stop(explain(output, code));
  }
  if (!existsSync(node24)) await fetchNode24();
  const rest = whyInstall();
  if (rest !== null) throw new Stop(`npm ci ended well, but ${rest}. Remove node_modules and try again.`);
}

/** The one install script that is needed: it adds the package with this platform's Node 24. */
async function fetchNode24() {
  const { code, output } = await npm(['rebuild', 'node', ...NPM_OPTIONS, '--ignore-scripts=false']);
  if (code !== 0) throw new Stop(explain(output, code));
}

/**
 * A Node that is still there after an installation. npm puts the checkout's own first on the PATH, and with it this
 * very process may have been started, but an installation removes it; npm itself runs under the person's.
 */
export function lastingNode(env = process.env, own = process.execPath) {
  const inside = (/** @type {string} */ file) => file.startsWith(inRoot('node_modules') + path.sep);
  return [own, env.npm_node_execpath].find((file) => file !== undefined && !inside(file)) ?? 'node';
}

/** npm keeps what it fetched in the home directory; where that cannot be written to, it keeps it here. */
function cacheOption() {
  let place = process.env.npm_config_cache ?? path.join(homedir(), '.npm');
  while (!existsSync(place) && path.dirname(place) !== place) place = path.dirname(place);
  try {
    accessSync(place, constants.W_OK);
    return [];
  } catch {
    return [`--cache=${inRoot('dist', '.npm-cache')}`];
  }
}

/** @param {string[]} given */
function npm(given) {
  const args = [...given, ...cacheOption()];
  const own = process.env.npm_execpath;
  if (own !== undefined && /npm(-cli)?\.(c?js)$/.test(path.basename(own))) {
    return run(lastingNode(), [own, ...args], root);
  }
  return process.platform === 'win32' ? run('npm.cmd', args, root, true) : run('npm', args, root);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
async function run(command, args, cwd, shell = false) {
  // A downloaded Electron is a choice of the person's, not of the installation.
  const env = { ...process.env, ELECTRON_SKIP_BINARY_DOWNLOAD: '1', PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' };
  try {
    return await capture(command, args, { cwd, env, shell, echo: true });
  } catch (error) {
    throw new Stop(
      `${command} could not be started: ${error instanceof Error ? error.message : error}. Is npm installed?`,
    );
  }
}

/**
 * @param {string} output
 * @param {number} code
 */
export function explain(output, code) {
  const network =
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR)\b/;
  if (network.test(output)) {
    return (
      'The packages could not be fetched: the npm registry cannot be reached from here.\n' +
      'Check the network and proxy (npm config get proxy), or name a mirror that can be reached:\n' +
      '  npm config set registry https://YOUR-MIRROR/\n' +
      'Then run the same command again.'
    );
  }
  if (/\bENOSPC\b/.test(output))
    return 'The disk is full: about 1.5 GB are needed for the packages. Free some space and run the same command again.';
  if (/\b(EACCES|EPERM|EROFS)\b/.test(output))
    return `${root} cannot be written to by this user: npm ci ended with ${code}.`;
  if (/can only install packages when your package\.json and package-lock\.json/.test(output)) {
    return 'package.json and package-lock.json do not belong together: run "npm install" and commit the lock file.';
  }
  return `npm ci ended with ${code}; its own words are above.`;
}

/**
 * @param {string} file
 * @returns {Record<string, LockEntry> | null}
 */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}
