/**
 * The files of one simulated container, as file systems of the shell's library: what an image has and what was written
 * since the container started in one of them, and one for every volume that is mounted. Nothing of it is on this machine.
 */
import type { FsStat, IFileSystem, InMemoryFs, MountableFs } from 'just-bash/browser';

/** Everything written into one file system. */
export const MOST_BYTES = 64 << 20;
/** What users other than root may write to. */
const OPEN = /^\/(tmp|var\/tmp|dev)(\/|$)/;

export type ShellLibrary = typeof import('just-bash/browser');

let library: Promise<ShellLibrary> | null = null;

/** Large, and not needed before somebody looks into a container. */
export function shellLibrary(): Promise<ShellLibrary> {
  library ??= import('just-bash/browser');
  return library;
}

export interface VolumeFiles {
  /** Path it is mounted at. */
  path: string;
  files: IFileSystem;
  readOnly: boolean;
}

/** A file system that is bounded. */
export function emptyFiles({ InMemoryFs }: ShellLibrary, most = MOST_BYTES): InMemoryFs {
  return new InMemoryFs({}, { maxTotalBytes: Math.min(most, MOST_BYTES) });
}

/** Bytes of all files. */
export async function bytesOf(files: InMemoryFs): Promise<number> {
  const found = await Promise.all(files.getAllPaths().map((path) => files.lstat(path).catch(() => null)));
  return found.reduce((sum, one) => sum + (one?.isFile === true ? one.size : 0), 0);
}

/** Of a volume that everybody may write to, as kubelet makes an empty directory. */
export function openFiles(library: ShellLibrary, most?: number): InMemoryFs {
  const files = emptyFiles(library, most);
  void files.chmod('/', 0o777);
  return files;
}

/** Root and volumes as one; a volume may be mounted within another. `at`: where the root itself is. */
export function mounted(
  library: ShellLibrary,
  root: IFileSystem,
  volumes: readonly VolumeFiles[],
  at = '',
): MountableFs {
  const whole = new library.MountableFs({ base: root });
  const within = (path: string) => volumes.filter((other) => other.path.startsWith(`${path}/`));
  for (const { path, files, readOnly } of volumes) {
    if (volumes.some((other) => path.startsWith(`${other.path}/`))) continue;
    const linked = withOwnLinks(files, path);
    const own = readOnly ? guarded(linked, () => 'EROFS: read-only file system') : linked;
    const inner = within(path);
    whole.mount(path.slice(at.length), inner.length === 0 ? own : mounted(library, own, inner, path));
  }
  return whole;
}

/** Absolute links that lead to where the volume is mounted lead into it: inside it knows nothing of that place. */
function withOwnLinks(files: IFileSystem, at: string): IFileSystem {
  return new Proxy(files, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name === 'symlink')
        return (to: string, path: string) => target.symlink(to.startsWith(`${at}/`) ? to.slice(at.length) : to, path);
      if (name === 'readlink')
        return async (path: string) => {
          const to = await target.readlink(path);
          return to.startsWith('/') && (await statOf(target, to)) !== null ? `${at}${to}` : to;
        };
      return value.bind(target);
    },
  });
}

/** Nothing that is written there is kept. */
const NOWHERE = '/dev/null';

/** The image's files, for the user that the container runs as. `open`: a file that everybody may write to, whatever is said of the rest. */
export function rootFiles(
  files: IFileSystem,
  options: { readOnly: boolean; user: number; open?: string },
): IFileSystem {
  return guarded(files, (path) => {
    if (path === options.open) return null;
    if (options.readOnly && !path.startsWith('/dev/')) return 'EROFS: read-only file system';
    return options.user === 0 || OPEN.test(path) ? null : 'EACCES: permission denied';
  });
}

const WRITING = {
  writeFile: 'open',
  appendFile: 'open',
  mkdir: 'mkdir',
  rm: 'rm',
  chmod: 'chmod',
  symlink: 'symlink',
  link: 'link',
  utimes: 'utimes',
  mv: 'mv',
} as const;

/** `why`: what speaks against a change of the path, as the C library's errors begin; null where nothing does. */
function guarded(files: IFileSystem, why: (path: string) => string | null): IFileSystem {
  return new Proxy(files, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (!Object.hasOwn(WRITING, name) && name !== 'cp') return value.bind(target);
      return async (...args: unknown[]) => {
        if (args[0] === NOWHERE && (name === 'writeFile' || name === 'appendFile')) return undefined;
        // Where a thing comes from is changed only by moving it; a link is where its second name says.
        const paths =
          name === 'cp' || name === 'symlink' || name === 'link' ? [args[1]] : name === 'mv' ? args : [args[0]];
        for (const path of paths) {
          const found = typeof path === 'string' ? why(path) : null;
          if (found !== null)
            throw new Error(`${found}, ${WRITING[name as keyof typeof WRITING] ?? 'cp'} '${String(path)}'`);
        }
        return (value as (...rest: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}

/** Output of a container's first process: what others write there is in its log. */
const FIRST_OUTPUT = /^\/proc\/1\/fd\/[12]$/;

/** `say` gets what is written to the output of the first process. */
export function withFirstOutput(files: IFileSystem, say: (content: Buffer) => void): IFileSystem {
  const device = { isFile: true, isDirectory: false, isSymbolicLink: false, mode: 0o666, size: 0, mtime: new Date(0) };
  return new Proxy(files, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const [path, content, encoding] = args;
        if (typeof path !== 'string' || !FIRST_OUTPUT.test(path))
          return (value as (...rest: unknown[]) => unknown).apply(target, args);
        if (name === 'exists') return Promise.resolve(true);
        if (name === 'stat' || name === 'lstat') return Promise.resolve(device);
        if (name === 'writeFile' || name === 'appendFile') {
          const bytes = encoding === 'binary' || encoding === 'latin1';
          if ((content as string).length > 0)
            say(bytes ? Buffer.from(content as string, 'latin1') : Buffer.from(content as string));
          return Promise.resolve();
        }
        return Promise.resolve('');
      };
    },
  });
}

/** Null where there is nothing. */
export async function statOf(files: IFileSystem, path: string): Promise<FsStat | null> {
  try {
    return await files.stat(path);
  } catch {
    return null;
  }
}

/** Absolute, without `.` and `..`. */
export function absolute(cwd: string, path: string): string {
  const out: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') out.pop();
    else if (part !== '' && part !== '.') out.push(part);
  }
  return `/${out.join('/')}`;
}
