/**
 * Files of the built interface for a request path: never anything outside its folder, and the page itself for every
 * path that is a place inside the application. Pure apart from looking whether a file exists.
 */
import { statSync } from 'node:fs';
import path from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

export interface StaticFile {
  file: string;
  type: string;
  /** The name contains a hash of the content, so it may be kept for ever. */
  immutable: boolean;
  /** The page itself, whose text needs this response's nonce. */
  page: boolean;
}

/**
 * The path below `dir` that a URL path names, or null when it is malformed or tries to leave. Only plain segments are
 * accepted: no `..`, no back-slashes, no NUL, no hidden files, no Windows device or stream syntax.
 */
export function normalise(pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (!decoded.startsWith('/') || /[\\\0:]/.test(decoded)) return null;
  const segments = decoded.split('/').filter((segment) => segment !== '');
  if (segments.some((segment) => segment.startsWith('.'))) return null;
  return segments.join('/');
}

/** The file to serve, or null for "not found". Paths without an extension are places inside the application. */
export function resolveStatic(dir: string, pathname: string): StaticFile | null {
  const relative = normalise(pathname);
  if (relative === null) return null;
  const extension = path.extname(relative).toLowerCase();
  if (extension === '') return fileAt(dir, 'index.html');
  return fileAt(dir, relative);
}

function fileAt(dir: string, relative: string): StaticFile | null {
  const type = types[path.extname(relative).toLowerCase()];
  const file = path.join(dir, relative);
  if (type === undefined || !file.startsWith(dir + path.sep)) return null;
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return null;
  return { file, type, immutable: /^assets\/.*-[\w-]{8,}\.\w+$/.test(relative), page: relative === 'index.html' };
}
