/**
 * What outlives a container: the files of machines, of volumes and of the directories that a pod's containers share. A
 * `hostPath` and a `local` volume are a part of their machine's files, for everybody who mounts them; other volumes keep
 * theirs until they are deleted or emptied for the next claim. Source: the volume plugins host-path, local, empty-dir.
 */
import type { IFileSystem, InMemoryFs } from 'just-bash/browser';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';
import {
  absolute,
  bytesOf,
  emptyFiles,
  openFiles,
  type ShellLibrary,
  shellLibrary,
  statOf,
} from './shell/container-files.ts';
import { directoryView } from './shell/directory-view.ts';
import { plantMachine, refreshMachine } from './shell/machine-tree.ts';
import type { Owner } from './shell/owners.ts';
import { machineKey, persistentOf, type VolumePlace } from './volume-places.ts';

/** Folders of which a simulated machine knows too little to say that something is missing there. */
const SYSTEM = /^\/(bin|boot|dev|etc|lib\w*|opt|proc|run|sbin|sys|usr|var)(\/|$)/;

export class Disks {
  readonly #world: World;
  /** By the key of their places. */
  readonly #files = new Map<string, InMemoryFs>();
  /** Whose files are that somebody gave away, by key and path. */
  readonly #owners = new Map<string, Partial<Owner>>();

  constructor(world: World) {
    this.#world = world;
    const { pods, volumes, volumeClaims, nodes } = world.caches;
    pods.subscribe((pod, _previous, deleted) => {
      if (deleted) this.forget(`pod/${uidOf(pod)}/`);
    });
    volumeClaims.subscribe((claim, _previous, deleted) => {
      if (deleted) this.forget(`claim/${namespaceOf(claim)}/${nameOf(claim)}/`);
    });
    volumes.subscribe((volume, previous, deleted) => {
      if (deleted) this.forget(`volume/${nameOf(volume)}/`);
      const recycled = volume.spec?.persistentVolumeReclaimPolicy === 'Recycle';
      if (recycled && previous?.spec?.claimRef !== undefined && volume.spec?.claimRef === undefined)
        this.#empty(volume).catch((error: unknown) => world.report(error, `recycling of ${nameOf(volume)}`));
    });
    nodes.subscribe((node, _previous, deleted) => {
      if (deleted) this.forget(machineKey(nameOf(node)));
    });
  }

  /** The files of a machine. */
  machine(node: string, library: ShellLibrary): InMemoryFs {
    const found = this.#world.caches.nodes.get(node);
    let files = this.#files.get(machineKey(node));
    if (files === undefined) {
      files = emptyFiles(library);
      plantMachine(files, found);
      this.#files.set(machineKey(node), files);
    }
    refreshMachine(files, found);
    return files;
  }

  /** What is mounted there; `file`: where a single one is. A directory that is missing is made, as the runtime makes it. */
  async at(
    pod: KubeObject,
    { key, part, single, most }: VolumePlace,
    library: ShellLibrary,
  ): Promise<{ files: IFileSystem; file: string | null }> {
    const node: string = pod.spec?.nodeName ?? '';
    if (key !== machineKey(node)) {
      let files = this.#files.get(key);
      if (files === undefined) {
        files = key.startsWith('pod/') ? openFiles(library, most) : emptyFiles(library);
        this.#files.set(key, files);
      }
      return { files, file: null };
    }
    const files = this.machine(node, library);
    const found = await statOf(files, part);
    if (found === null && single === true) await files.writeFile(part, '');
    if (found?.isFile ?? single === true) return { files, file: part };
    if (found === null) await files.mkdir(part, { recursive: true });
    // A link leads to what is mounted.
    const real = await files.realpath(part).catch(() => part);
    return { files: real === '/' ? files : directoryView(files, real), file: null };
  }

  /** What kubelet says of the first volume of a pod that cannot be mounted for what its machine has or lacks, or null. */
  async mountTrouble(pod: KubeObject): Promise<string | null> {
    const node: string = pod.spec?.nodeName ?? '';
    for (const volume of (pod.spec?.volumes ?? []) as Json[]) {
      const bound = persistentOf(pod, volume, this.#world.caches);
      const { path, type = '' } = volume.hostPath ?? bound?.spec?.hostPath ?? bound?.spec?.local ?? {};
      if (path === undefined || this.#trusted(node, path)) continue;
      const name = bound === undefined ? volume.name : nameOf(bound);
      const files = this.machine(node, await shellLibrary());
      if (bound?.spec?.local !== undefined) {
        if ((await statOf(files, absolute('/', path))) === null)
          return `MountVolume.NewMounter initialization failed for volume "${name}" : path "${path}" does not exist`;
      } else if (type !== '') {
        const why = await typeRefusal(files, path, type);
        if (why !== null) return `MountVolume.SetUp failed for volume "${name}" : ${why}`;
      }
    }
    return null;
  }

  /** Nothing is known of it, and nobody has changed anything of the machine yet. */
  #trusted(node: string, path: string): boolean {
    return SYSTEM.test(path) && !this.#files.has(machineKey(node));
  }

  /** Bytes in the files of that key; null: nobody has looked at them yet. */
  async bytesIn(key: string): Promise<number | null> {
    const files = this.#files.get(key);
    return files === undefined ? null : await bytesOf(files);
  }

  /** To whom `chown` gave what is at `key/path`. */
  ownerAt(at: string): Partial<Owner> | undefined {
    return this.#owners.get(at);
  }

  give(at: string, owner: Partial<Owner>): void {
    this.#owners.set(at, { ...this.#owners.get(at), ...owner });
  }

  /** Everything whose key begins so is gone. */
  forget(prefix: string): void {
    forget(this.#files, prefix);
    forget(this.#owners, prefix);
  }

  async #empty(volume: KubeObject): Promise<void> {
    this.forget(`volume/${nameOf(volume)}/`);
    const path: unknown = volume.spec?.hostPath?.path;
    if (typeof path !== 'string') return;
    const at = absolute('/', path);
    for (const [key, files] of this.#files) {
      if (!key.startsWith('machine/') || (await statOf(files, at))?.isDirectory !== true) continue;
      for (const name of await files.readdir(at)) await files.rm(absolute(at, name), { recursive: true, force: true });
    }
  }
}

/** What kubelet says of a path of the machine that is not of the type asked for, or null; makes what the type says. */
async function typeRefusal(files: IFileSystem, path: string, type: string): Promise<string | null> {
  const at = absolute('/', path);
  const found = await statOf(files, at);
  const kind = type.replace(/OrCreate$/, '');
  if (found === null && kind !== type) {
    if (kind === 'Directory') await files.mkdir(at, { recursive: true });
    // No folders are made above a file.
    else if ((await statOf(files, at.slice(0, at.lastIndexOf('/')) || '/')) !== null) await files.writeFile(at, '');
    else return SYSTEM.test(at) ? null : `open ${path}: no such file or directory`;
    return null;
  }
  const there = found === null ? null : found.isDirectory ? 'Directory' : 'File';
  if (there === kind) return null;
  const device = kind !== 'Directory' && kind !== 'File';
  const known = there !== null && !(device && there === 'File');
  return SYSTEM.test(at) && !known ? null : `hostPath type check failed: ${path} is not a ${WORDS[kind] ?? kind}`;
}

const WORDS: Readonly<Record<string, string>> = {
  Directory: 'directory',
  File: 'file',
  Socket: 'socket file',
  CharDevice: 'character device',
  BlockDevice: 'block device',
};

export function forget(kept: Map<string, unknown>, prefix: string): void {
  for (const key of kept.keys()) if (key.startsWith(prefix)) kept.delete(key);
}
