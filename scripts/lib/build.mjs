/**
 * Builds what is stale. Each target has a stamp, a hash over the content of everything that goes into it; a target is
 * built into a folder beside the old one and takes its place only when it is complete.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { capture } from './capture.mjs';
import { inRoot, node24, root, Stop, say } from './paths.mjs';

const common = ['package.json', 'package-lock.json', 'vite.config.ts', 'src/shared'];

/** Target names are modes of vite.config.ts and folders of dist/. @type {Record<string, string[]>} */
export const targets = {
  main: [...common, 'src/main', 'resources'],
  preload: [...common, 'src/main/electron'],
  renderer: [...common, 'src/renderer', 'resources', 'scripts/lib/library-styles.ts'],
};

/** Hash over path and content of all files under `inputs`, tests left out. @param {string[]} inputs */
export function fingerprint(inputs, base = root) {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap((input) => filesUnder(base, input)).sort()) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(base, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** @param {string} base @param {string} relative @returns {string[]} */
function filesUnder(base, relative) {
  const absolute = path.join(base, relative);
  if (!existsSync(absolute)) return [];
  let entries;
  try {
    entries = readdirSync(absolute, { withFileTypes: true });
  } catch {
    return [relative];
  }
  return entries.flatMap((entry) => {
    const name = `${relative}/${entry.name}`;
    if (entry.isDirectory()) return filesUnder(base, name);
    return entry.isFile() && !/\.test\.tsx?$/.test(entry.name) ? [name] : [];
  });
}

/** Targets whose stamp is not the hash of their inputs. @returns {{name: string, hash: string}[]} */
export function stale() {
  return Object.entries(targets)
    .filter(([name]) => name !== 'preload' || existsSync(inRoot('src', 'main', 'electron', 'preload.ts')))
    .map(([name, inputs]) => ({ name, hash: fingerprint(inputs) }))
    .filter(({ name, hash }) => readStamp(name) !== hash);
}

/** @param {{name: string, hash: string}[]} wanted */
export async function build(wanted) {
  say(`Building ${wanted.map(({ name }) => name).join(', ')} ...`);
  const started = Date.now();
  const results = await Promise.all(wanted.map(buildOne));
  const failed = results.filter((text) => text !== null);
  if (failed.length > 0) throw new Stop(failed.join('\n'));
  say(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

/** @param {{name: string, hash: string}} target @returns {Promise<string | null>} what went wrong */
async function buildOne({ name, hash }) {
  const fresh = inRoot('dist', `.${name}.new`);
  const old = inRoot('dist', `.${name}.old`);
  const place = inRoot('dist', name);
  rmSync(fresh, { recursive: true, force: true });
  const { code, output } = await vite(name, fresh);
  if (code !== 0) return `Building ${name} failed:\n${stripVTControlCharacters(output).trim()}`;
  writeFileSync(path.join(fresh, '.stamp'), hash);
  rmSync(old, { recursive: true, force: true });
  if (existsSync(place)) renameSync(place, old);
  mkdirSync(path.dirname(place), { recursive: true });
  renameSync(fresh, place);
  rmSync(old, { recursive: true, force: true });
  return null;
}

/** @param {string} mode @param {string} outDir */
function vite(mode, outDir) {
  const entry = inRoot('node_modules', 'vite', 'bin', 'vite.js');
  const args = [entry, 'build', '--mode', mode, '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'];
  return capture(node24, args, { cwd: root, env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' } });
}

/** @param {string} name */
function readStamp(name) {
  try {
    return readFileSync(inRoot('dist', name, '.stamp'), 'utf8');
  } catch {
    return null;
  }
}
