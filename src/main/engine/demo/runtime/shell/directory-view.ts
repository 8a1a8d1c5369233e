/** One directory of a file system as a file system of its own: what `subPath` mounts. */
import type { IFileSystem } from 'just-bash/browser';

/** Their first words are paths, or their first two. */
const ONE = new Set(
  'readFile readFileBytes readFileBuffer writeFile appendFile exists stat lstat mkdir readdir readdirWithFileTypes rm chmod readlink realpath utimes'.split(
    ' ',
  ),
);
const TWO = new Set(['cp', 'mv', 'link']);

/** `directory` is absolute. */
export function directoryView(files: IFileSystem, directory: string): IFileSystem {
  const below = (path: unknown) => (path === '/' ? directory : `${directory}${String(path)}`);
  const above = (path: string) => path.slice(directory.length) || '/';
  return new Proxy(files, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      const call = (...args: unknown[]) => (value as (...rest: unknown[]) => unknown).apply(target, args);
      if (name === 'realpath') return async (path: string) => above(String(await call(below(path))));
      if (name === 'getAllPaths')
        return () => (call() as string[]).filter((path) => path.startsWith(`${directory}/`)).map(above);
      // Absolute links lead to places of the view.
      if (name === 'symlink')
        return (to: string, path: string) => call(to.startsWith('/') ? below(to) : to, below(path));
      if (name === 'readlink')
        return async (path: string) => {
          const to = String(await call(below(path)));
          return to.startsWith(`${directory}/`) ? above(to) : to;
        };
      if (TWO.has(name)) return (from: string, to: string, ...rest: unknown[]) => call(below(from), below(to), ...rest);
      return ONE.has(name) ? (path: string, ...rest: unknown[]) => call(below(path), ...rest) : call;
    },
  });
}
