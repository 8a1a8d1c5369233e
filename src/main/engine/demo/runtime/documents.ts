/** Files that a simulated web server hands out: those of its container where somebody wrote or mounted some, else the image's. */
import type { IFileSystem } from 'just-bash/browser';
import { statOf } from './shell/container-files.ts';
import type { Contents } from './shell/image-files.ts';

/** Types by the ending of a name, as the servers' own tables have them. */
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  ico: 'image/x-icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'application/javascript',
  json: 'application/json',
  md: 'text/markdown',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  xml: 'text/xml',
  yaml: 'text/yaml',
};

/** `directory`: there is one of that name, without an index. */
export type Document = { content: string; type: string } | 'directory' | null;

/** `files`: null where the container has nothing but its image. `path` as it was asked for. */
export async function documentOf(
  files: IFileSystem | null,
  image: Contents,
  root: string,
  path: string,
  index: readonly string[],
): Promise<Document> {
  let at: string;
  try {
    at = `${root}${decodeURIComponent(path)}`.replace(/\/+/g, '/');
  } catch {
    return null;
  }
  if (at.split('/').includes('..')) return null;
  for (const name of at.endsWith('/') ? index.map((one) => `${at}${one}`) : [at]) {
    const content = await read(files, image, name);
    if (content !== null)
      return { content, type: TYPES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream' };
  }
  const directory = at.replace(/\/$/, '');
  const found =
    files === null
      ? directory === root || image.some(([name]) => name.startsWith(`${directory}/`))
      : (await statOf(files, directory === '' ? '/' : directory))?.isDirectory === true;
  return found ? 'directory' : null;
}

async function read(files: IFileSystem | null, image: Contents, path: string): Promise<string | null> {
  if (files === null) {
    const content = image.find(([name]) => name === path)?.[1];
    return content === undefined ? null : content.toString();
  }
  if ((await statOf(files, path))?.isFile !== true) return null;
  return Buffer.from(await files.readFileBuffer(path)).toString('utf8');
}
