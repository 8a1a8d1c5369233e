/**
 * What the interpreter writes goes out by two files that no container has, and is helped by programs that none shows: their
 * names, and a view of the container's files that has them.
 */
import type { IFileSystem } from 'just-bash/browser';
import type { CommandIo } from './shell.ts';

export const OUT = '/dev/.out';
export const ERR = '/dev/.err';
export const BREATHE = '__breathe';
export const MAY_WRITE = '__may_write';
export const KEEP = '__keep';
export const BACKGROUND = '__background';
export const BEFORE = '__before';
export const LAST_JOB = '__last_job';
export const ZERO = '__zero';
/** Programs that the interpreter is given for its own use. */
export const OWN_PROGRAMS: readonly string[] = [BREATHE, MAY_WRITE, KEEP, BEFORE, BACKGROUND];
/** Programs of the interpreter's own and builtins, which no directory shows. */
const HIDDEN = new RegExp(`^/usr/bin/(${[...OWN_PROGRAMS, 'jobs', 'wait', 'fg', 'trap'].join('|')})$`);

/** The files, with two more that are the outer output. */
export function withOutput(
  files: IFileSystem,
  io: CommandIo,
  worded: (text: string) => string,
  breathe: () => Promise<void>,
): IFileSystem {
  const write = async (path: string, content: string | Uint8Array, encoding: unknown) => {
    if (content.length === 0) return;
    const bytes =
      typeof content === 'string' && (encoding === 'binary' || encoding === 'latin1')
        ? Buffer.from(content, 'latin1')
        : Buffer.from(content as string);
    if (path === OUT) io.out(bytes);
    else io.err(worded(bytes.toString('utf8')));
    await breathe();
  };
  return new Proxy(files, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = value as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        const [path, content, encoding] = args;
        const hidden = typeof path === 'string' && HIDDEN.test(path);
        if (path !== OUT && path !== ERR && !hidden) return call.apply(target, args);
        if (!hidden && (name === 'appendFile' || name === 'writeFile')) return write(path, content as string, encoding);
        if (name === 'exists') return Promise.resolve(true);
        if (name === 'stat' || name === 'lstat')
          return Promise.resolve({
            isFile: true,
            isDirectory: false,
            isSymbolicLink: false,
            mode: 0o777,
            size: 0,
            mtime: new Date(0),
          });
        if (name === 'readFile' || name === 'readFileBytes') return Promise.resolve('');
        if (name === 'readFileBuffer') return Promise.resolve(new Uint8Array());
        return call.apply(target, args);
      };
    },
  });
}
