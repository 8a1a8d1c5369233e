/** One installation or build at a time per checkout; a lock left by a killed process is taken over. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { inRoot, root, Stop, say } from './paths.mjs';

const file = inRoot('dist', '.lock');

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function locked(work) {
  try {
    return await alone(work);
  } catch (error) {
    throw explained(error);
  }
}

/** What keeps a checkout from being prepared, in words; any other failure as it is. @param {unknown} error */
export function explained(error) {
  const code = /** @type {NodeJS.ErrnoException | null} */ (error)?.code ?? '';
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
    return new Stop(
      `${root} has to be prepared (packages, build), but this user cannot write to it (${code}).\n` +
        'Run "npm run build" once as its owner, or work in a clone of your own.',
    );
  }
  if (['ENOSPC', 'EDQUOT'].includes(code)) {
    return new Stop(`The disk is full (${code}): free some space and run the same command again.`);
  }
  return error;
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function alone(work) {
  mkdirSync(inRoot('dist'), { recursive: true });
  let told = false;
  while (!take()) {
    if (!told) say('Another process prepares this checkout; waiting for it.');
    told = true;
    await wait(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take() {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  const holder = readHolder();
  if (holder !== null && !isAlive(holder)) rmSync(file, { force: true });
  return false;
}

/** Null while the holder has made the file but not yet written its id. */
function readHolder() {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
