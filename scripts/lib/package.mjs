/**
 * `npm run package`: installable packages by electron-builder. It needs Electron's program files for each platform and
 * architecture; they are taken from ELECTRON_OVERRIDE_DIST_PATH or the electron package, else electron-builder fetches
 * them. On a machine that can't, this says what is missing and how to provide it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { capture } from './capture.mjs';
import { inRoot, node24, root, Stop, say } from './paths.mjs';
import { prepare } from './prepare.mjs';

const PLATFORMS = /** @type {const} */ ({
  linux: 'linux',
  l: 'linux',
  win: 'win32',
  w: 'win32',
  windows: 'win32',
  mac: 'darwin',
  m: 'darwin',
  macos: 'darwin',
});
const ARCHS = ['x64', 'arm64'];

/** @param {string[]} args for electron-builder @returns {Promise<number>} exit code */
export async function makePackages(args) {
  await prepare();
  const version = JSON.parse(readFileSync(inRoot('node_modules', 'electron', 'package.json'), 'utf8')).version;
  const own = distribution(args, findDistribution(process.env.ELECTRON_OVERRIDE_DIST_PATH), version);
  const cli = inRoot('node_modules', 'electron-builder', 'cli.js');
  const config = inRoot('electron-builder.yml');
  const { code, output } = await capture(node24, [cli, '--config', config, ...args, ...own], { cwd: root, echo: true });
  if (code !== 0) throw new Stop(explain(output, version), code);
  say(`Packages are in ${inRoot('release')}.`);
  return 0;
}

/** A folder with program files: unpacked for one platform, or archives as they are released. */
/** @typedef {{dir: string, archives: string[] | null, version: string | null}} Distribution */

/** @param {string | undefined} given @returns {Distribution | null} */
function findDistribution(given) {
  const dir = given === undefined || given === '' ? inRoot('node_modules', 'electron', 'dist') : path.resolve(given);
  if (!existsSync(dir)) {
    if (given) throw new Stop(`ELECTRON_OVERRIDE_DIST_PATH names ${dir}, which does not exist.`);
    return null;
  }
  const archives = readdirSync(dir).filter((name) => /^electron-v.*\.zip$/.test(name));
  const stamp = path.join(dir, 'version');
  return {
    dir,
    archives: archives.length > 0 ? archives : null,
    version: existsSync(stamp) ? readFileSync(stamp, 'utf8').trim().replace(/^v/, '') : null,
  };
}

/**
 * The arguments that choose architectures and program files. Refuses to put program files of one platform into the
 * package of another.
 * @param {string[]} args
 * @param {Distribution | null} found
 * @param {string} version
 * @param {{platform: string, arch: string}} machine
 */
export function distribution(args, found, version, machine = process) {
  const platforms = new Set(
    args.flatMap(
      (arg) => (/^--?\w+$/.test(arg) && PLATFORMS[/** @type {keyof PLATFORMS} */ (arg.replace(/^-+/, ''))]) || [],
    ),
  );
  if (platforms.size === 0) platforms.add(/** @type {never} */ (machine.platform));
  const chosen = ARCHS.filter((arch) => args.includes(`--${arch}`));
  if (found === null) return chosen.length > 0 ? [] : ARCHS.map((arch) => `--${arch}`);
  const use = `-c.electronDist=${found.dir}`;
  if (found.archives !== null) {
    const archs = chosen.length > 0 ? chosen : ARCHS;
    const missing = [...platforms]
      .flatMap((platform) => archs.map((arch) => `electron-v${version}-${platform}-${arch}.zip`))
      .filter((name) => !found.archives?.includes(name));
    if (missing.length > 0) throw new Stop(`${found.dir} lacks ${missing.join(', ')}.`);
    return [use, ...archs.map((arch) => `--${arch}`).filter((flag) => !args.includes(flag))];
  }
  const other = [...platforms].filter((platform) => platform !== machine.platform);
  if (other.length > 0 || chosen.some((arch) => arch !== machine.arch)) {
    throw new Stop(
      `${found.dir} holds Electron for ${machine.platform}-${machine.arch} only. For other platforms, let ` +
        `ELECTRON_OVERRIDE_DIST_PATH name a folder with electron-v${version}-PLATFORM-ARCH.zip files.`,
    );
  }
  if (found.version !== null && found.version !== version) {
    throw new Stop(`${found.dir} holds Electron ${found.version}; this checkout needs ${version}.`);
  }
  return chosen.length > 0 ? [use] : [use, `--${machine.arch}`];
}

/** @param {string} output @param {string} version */
export function explain(output, version) {
  const unreachable =
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\b|getaddrinfo|fetch failed|socket hang up|status code (4|5)\d\d|HTTPError|RequestError/;
  if (!unreachable.test(output)) return 'electron-builder failed; its own words are above.';
  return (
    'Something that packaging needs could not be fetched; the words above name its address.\n' +
    `Electron's program files: put electron-v${version}-PLATFORM-ARCH.zip into a folder and name it in\n` +
    'ELECTRON_OVERRIDE_DIST_PATH, or name a mirror in ELECTRON_MIRROR.\n' +
    'Tools for AppImage, deb, rpm, nsis and dmg: ELECTRON_BUILDER_BINARIES_MIRROR names a mirror of them.\n' +
    'Without either: npm run package -- --dir, with an unpacked Electron in ELECTRON_OVERRIDE_DIST_PATH.'
  );
}
