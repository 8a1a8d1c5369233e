/** Where things are in a checkout. Every path is absolute, so that the program may be started from anywhere. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** @param {...string} parts */
export const inRoot = (...parts) => path.join(root, ...parts);

/** The Node that everything runs under, installed as a development dependency. */
export const node24 = inRoot('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** One line for the person who started us. Standard output belongs to the program. */
export function say(/** @type {string} */ text) {
  process.stderr.write(`${text}\n`);
}

/** An end that needs no stack trace: the text says what to do. */
export class Stop extends Error {
  constructor(/** @type {string} */ message, code = 1) {
    super(message);
    this.exitCode = code;
  }
}
