/**
 * Where processes of a container run: a shell with the programs of its image, over the files of image, volumes and whatever
 * was written since. What is kept of a container ends with it, of a pod with the pod.
 */
import type { IFileSystem, InMemoryFs } from 'just-bash/browser';
import type { ProcessStreams } from '#engine/apiserver/index.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import { type Json, type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import type { StorageUse } from '../kubelet/local-storage.ts';
import { namespaceOf, uidOf } from '../sim/objects.ts';
import type { Caches, LiveScript, World } from '../sim/world.ts';
import { type AgnhostMemory, newMemory } from './agnhost.ts';
import { isApiServer } from './api-access.ts';
import { programsIn } from './container-programs.ts';
import { type Disks, forget } from './disks.ts';
import { environmentOf } from './environment.ts';
import type { Logs } from './logs.ts';
import { rootMounts } from './machine.ts';
import { subPathOf } from './mounts.ts';
import { clusterDns } from './names.ts';
import { DialError, dial } from './network.ts';
import { datagramAnswer, talk } from './plain-talk.ts';
import { type Program, programOf } from './programs.ts';
import { RedisStore } from './redis.ts';
import { settingsOf } from './resp.ts';
import { terminationPath, wordsOf } from './script-kind.ts';
import { cgroupFiles } from './shell/cgroup-files.ts';
import {
  absolute,
  bytesOf,
  emptyFiles,
  mounted,
  rootFiles,
  shellLibrary,
  withFirstOutput,
} from './shell/container-files.ts';
import { DIRECTORIES, imageFiles } from './shell/image-files.ts';
import { type Owners, ownersIn } from './shell/owners.ts';
import { type Run, Shell } from './shell/shell.ts';
import { identityOf, type Surroundings } from './shell/system.ts';
import { TOOLS } from './shell/tools.ts';
import { volumesOf } from './shell/volume-files.ts';
import { drained } from './streams-io.ts';
import { persistentOf, placeOfVolume } from './volume-places.ts';

/** Where every pod has its token, which no server hands out. */
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Of who only looks. */
export const NO_STREAMS: ProcessStreams = { stdin: null, stdout: null, stderr: null, onResize: () => undefined };
/** Whatever else keeps a look at files from its end. */
const MOST_MS = 5000;
/** So long at most a change of what is mounted takes to come to a container. */
const RENEW_MS = 20_000;

export interface ProcessHost {
  world: World;
  disks: Disks;
  logs: Logs;
  fetch: (pod: KubeObject) => Surroundings['fetch'];
}

export interface Place {
  shell: Shell;
  around: Surroundings;
  program: Program;
  userName: string;
}

export class Places {
  readonly #host: ProcessHost;
  /** What was written since a container started, by the container's id. */
  readonly #roots = new Map<string, InMemoryFs>();
  /** What agnhost's servers keep in mind. */
  readonly #memories = new Map<string, AgnhostMemory>();
  /** Which parts of volumes they mount, by where, by the container's id. */
  readonly #parts = new Map<string, Map<string, string>>();
  /** What is kept by containers that run Redis, by the container's id. */
  readonly #redis = new Map<string, Promise<RedisStore>>();

  constructor(host: ProcessHost) {
    this.#host = host;
    const { pods } = host.world.caches;
    pods.subscribe((pod, _previous, deleted) => {
      if (!deleted) return;
      forget(this.#roots, `${uidOf(pod)}/`);
      forget(this.#parts, `${uidOf(pod)}/`);
      forget(this.#memories, `${uidOf(pod)}/`);
      forget(this.#redis, `${uidOf(pod)}/`);
      host.disks.forget(`${uidOf(pod)}/`);
    });
  }

  /** A shell among the files of a container, by default of that which its status names. */
  async place(
    pod: KubeObject,
    name: string,
    streams: ProcessStreams,
    signal: AbortSignal,
    containerId?: string,
    others: Readonly<Record<string, Run>> = {},
  ): Promise<Place> {
    const { world, disks } = this.#host;
    const { caches } = world;
    const client = world.clients.kubelet;
    const container = containerSpec(pod, name);
    const node = caches.nodes.get(pod.spec?.nodeName ?? '');
    const program = programOf(container);
    const dns = clusterDns(world);
    const library = await shellLibrary();
    const { user } = identityOf(pod, container);
    const placed = this.#placed(pod, container, rootKey(pod, name, containerId));
    const owners = ownersIn(seenByOwners(pod, caches), container, (path) => disks.ownerAt(placed(path)));
    const around = this.#surroundings(pod, container, program, owners);
    const programs = programsIn(around, (path, owner) => disks.give(placed(path), owner), others);
    const words = absolute('/', terminationPath(container));
    const root = kept(this.#roots, rootKey(pod, name, containerId), () => {
      const made = emptyFiles(library);
      for (const directory of DIRECTORIES) made.mkdirSync(directory, { recursive: true });
      for (const one of [...TOOLS, 'chroot', 'nsenter', ...Object.keys(programs)])
        if (hasShell(program, one))
          for (const directory of ['/bin', '/usr/bin'])
            made.writeFileSync(`${directory}/${one}`, '', undefined, { mode: 0o755 });
      // Its image has it at the root, where no search path leads.
      if (program.kind === 'agnhost')
        made.writeFileSync('/agnhost', '#!/bin/sh\nagnhost "$@"\n', undefined, { mode: 0o755 });
      for (const [path, content] of imageFiles(world, pod, container, program, dns)) made.writeFileSync(path, content);
      made.writeFileSync(words, '', undefined, { mode: 0o666 });
      return made;
    });
    const env = await environmentOf(client, pod, container, caches.services.list(), user === 0 ? '/root' : '/', node);
    // As they were when the container started: fields of the pod that they come from may change.
    const parts = kept(this.#parts, rootKey(pod, name, containerId), () => new Map<string, string>());
    const capacity = parseQuantity(node?.status?.capacity?.memory);
    const resources: Json = statusOf(pod, name)?.resources ?? container.resources;
    const meter = world.meter.containers(pod).find((one) => one.name === name);
    const use = { memory: meter?.memory(world.now()) ?? 0, cpu: meter?.cpuSeconds(world.now()) ?? 0 };
    for (const [path, content] of cgroupFiles(pod, resources, capacity, use)) root.writeFileSync(path, content);
    root.writeFileSync('/proc/1/environ', [...env].map(([key, value]) => `${key}=${value}\0`).join(''));
    const volumes = await volumesOf({
      client,
      pod,
      container,
      node,
      root,
      empty: () => emptyFiles(library),
      latest: () => caches.pods.get(objectKey(pod)) ?? pod,
      renewMs: RENEW_MS * Math.max(world.pace, SLOWEST_PACE),
      subPath: ({ mountPath, ...mount }) =>
        kept(parts, mountPath, () => {
          const part = subPathOf(mount, env);
          return 'path' in part ? part.path : '';
        }),
      kept: async (volume) => {
        const at = placeOfVolume(pod, volume, caches);
        return at === null ? null : await disks.at(pod, at, library);
      },
    });
    const directory: string = container.workingDir ?? '/';
    if (directory !== '/') root.mkdirSync(directory, { recursive: true });
    const shell = new Shell({
      library,
      name: program.os === 'debian' ? 'bash' : 'sh',
      files: mounted(
        library,
        withFirstOutput(
          rootFiles(root, { readOnly: container.securityContext?.readOnlyRootFilesystem === true, user, open: words }),
          (content) => this.#said(pod, name, content),
        ),
        volumes,
      ),
      env,
      signal,
      programs,
      owners,
      machine: () => (seesMachine(pod, container) ? disks.machine(pod.spec?.nodeName ?? '', library) : null),
      machineRoot: rootMounts(pod, container)[0],
      ready: () => drained(streams.stdout, signal),
    });
    shell.cwd = directory;
    return { program, around, shell, userName: user === 0 ? 'root' : String(user) };
  }

  /** What programs of the container see around them. */
  #surroundings(pod: KubeObject, container: Json, program: Program, owners: Owners): Surroundings {
    const { world } = this.#host;
    const name: string = container.name;
    return {
      world,
      pod,
      container,
      program,
      dns: clusterDns(world),
      owners,
      fetch: this.#host.fetch(pod),
      connect: (host, port, protocol) => {
        if (protocol === 'TCP' && isApiServer(world, pod, new URL(`https://${host}:${port}`))) return;
        dial(world, host, port, { namespace: namespaceOf(pod), pod }, protocol);
      },
      talk: async (host, port, text, protocol) => {
        const other = dial(world, host, port, { namespace: namespaceOf(pod), pod }, protocol);
        if (protocol === 'UDP') return datagramAnswer(other, text, pod.status?.podIP ?? '');
        return await talk(
          programOf(other.container),
          text,
          (method, path, headers) =>
            this.#host.fetch(pod)(new URL(path, `http://${host}:${port}`), method, headers, ''),
          () => this.redis(other.pod, other.container.name),
        );
      },
      redis: async (host, port) => {
        const other = dial(world, host, port, { namespace: namespaceOf(pod), pod });
        if (programOf(other.container).kind !== 'redis') throw new DialError(`${host}:${port}`, 'connection refused');
        return await this.redis(other.pod, other.container.name);
      },
      terminate: (code) => world.signals.terminate(pod, name, code),
    };
  }

  /** What a container that runs Redis keeps, configured as its command says. */
  async redis(pod: KubeObject, name: string): Promise<RedisStore> {
    return await kept(this.#redis, rootKey(pod, name), async () => {
      const { shell } = await this.place(pod, name, NO_STREAMS, AbortSignal.timeout(MOST_MS));
      const words = wordsOf(containerSpec(pod, name)).filter((word) => !/(^|\/)(redis|valkey)-server$/.test(word));
      const [file = ''] = words;
      const text = file === '' || file.startsWith('-') ? '' : await shell.files.readFile(file).catch(() => '');
      return new RedisStore(settingsOf(text, words), () => this.#host.world.now());
    });
  }

  /** The container's files, where anything in the directory may be other than in its image. */
  async files(pod: KubeObject, name: string, directory: string, containerId?: string): Promise<IFileSystem | null> {
    const within = (path: string) =>
      path === directory || path.startsWith(`${directory}/`) || directory.startsWith(`${path}/`);
    const mounts: Json[] = containerSpec(pod, name).volumeMounts ?? [];
    const mounted = mounts.some(({ mountPath }) => mountPath !== TOKEN_PATH && within(mountPath.replace(/\/+$/, '')));
    if (!mounted && !this.#roots.has(rootKey(pod, name, containerId))) return null;
    return (await this.place(pod, name, NO_STREAMS, AbortSignal.timeout(MOST_MS), containerId)).shell.files;
  }

  /** What a pod has written on its node; null: nothing that is known of. */
  async storage(pod: KubeObject): Promise<StorageUse | null> {
    const volumes = new Map<string, number>();
    const containers = new Map<string, number>();
    for (const volume of (pod.spec?.volumes ?? []) as Json[]) {
      if (volume.emptyDir === undefined || volume.emptyDir.medium === 'Memory') continue;
      const bytes = await this.#host.disks.bytesIn(placeOfVolume(pod, volume, this.#host.world.caches)?.key ?? '');
      if (bytes !== null) volumes.set(volume.name, bytes);
    }
    for (const { name } of (pod.spec?.containers ?? []) as Json[]) {
      const root = this.#roots.get(rootKey(pod, name));
      if (root !== undefined) containers.set(name, await bytesOf(root));
    }
    return volumes.size + containers.size === 0 ? null : { volumes, containers };
  }

  /** What agnhost's server in the container keeps in mind since it started. */
  memoryOf(pod: KubeObject, { name }: Json): AgnhostMemory {
    return kept(this.#memories, rootKey(pod, name), newMemory);
  }

  /** What a container that has ended left in its termination message file; its files are forgotten. */
  async lastWords(pod: KubeObject, { spec, containerId }: LiveScript): Promise<string> {
    const key = rootKey(pod, spec.name, containerId);
    if (!this.#roots.has(key)) return '';
    try {
      const { shell } = await this.place(pod, spec.name, NO_STREAMS, AbortSignal.timeout(MOST_MS), containerId);
      return await shell.files.readFile(absolute('/', terminationPath(spec)));
    } catch {
      // It was taken away.
      return '';
    } finally {
      this.#roots.delete(key);
      this.#parts.delete(key);
    }
  }

  /** Where what the container has at a path is kept: the same text for all who see the same file. */
  #placed(pod: KubeObject, container: Json, root: string): (path: string) => string {
    const { caches } = this.#host.world;
    const volumes: Json[] = pod.spec?.volumes ?? [];
    const mounts = ((container.volumeMounts ?? []) as Json[])
      .map(({ name, mountPath }) => {
        const volume = volumes.find((one) => one.name === name);
        const place = volume === undefined ? null : placeOfVolume(pod, volume, caches);
        return { at: String(mountPath).replace(/\/+$/, ''), place, mountPath };
      })
      .sort((a, b) => b.at.length - a.at.length);
    return (path) => {
      const found = mounts.find(({ at }) => path === at || path.startsWith(`${at}/`));
      if (found === undefined || found.place === null) return `${root}${path}`;
      // Which part is mounted is known once the container's files have been looked at.
      const part = this.#parts.get(root)?.get(found.mountPath) ?? '';
      return `${found.place.key}${absolute(found.place.part, `./${part}/${path.slice(found.at.length)}`)}`;
    };
  }

  /** Written to the output of a container's first process by another. */
  #said(pod: KubeObject, name: string, content: Buffer): void {
    const lines = content.toString('utf8').split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) this.#host.logs.append(pod, name, line);
    if (rest !== '') this.#host.logs.append(pod, name, rest, true);
  }
}

/** The pod with what a claim stands for where that is a folder of the machine, which no group is given. */
function seenByOwners(pod: KubeObject, caches: Caches): KubeObject {
  const volumes = ((pod.spec?.volumes ?? []) as Json[]).map((volume) => {
    const hostPath: Json = persistentOf(pod, volume, caches)?.spec?.hostPath;
    return hostPath === undefined ? volume : { name: volume.name, hostPath };
  });
  return { ...pod, spec: { ...pod.spec, volumes } };
}

/** The first process that the container sees is the machine's, and it may enter it. */
function seesMachine(pod: KubeObject, container: Json): boolean {
  const rooted = rootMounts(pod, container).length > 0;
  return container.securityContext?.privileged === true && (pod.spec?.hostPID === true || rooted);
}

/** Where what is written in a container stays; by default in the one that its status names. */
function rootKey(pod: KubeObject, name: string, containerId?: string): string {
  return `${uidOf(pod)}/${name}/${containerId ?? statusOf(pod, name)?.containerID ?? ''}`;
}

export function kept<T>(files: Map<string, T>, key: string, make: () => T): T {
  let found = files.get(key);
  if (found === undefined) {
    found = make();
    files.set(key, found);
  }
  return found;
}

export function hasShell(program: Program, name: string): boolean {
  return program.shell && (name !== 'bash' || program.os === 'debian');
}

export function statusOf({ status }: KubeObject, name: string): Json {
  const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'];
  return lists.flatMap((list) => status?.[list] ?? []).find((one: Json) => one.name === name);
}

export function containerSpec(pod: KubeObject, name: string): Json {
  const lists = ['containers', 'initContainers', 'ephemeralContainers'];
  return lists.flatMap((list) => pod.spec?.[list] ?? []).find((one: Json) => one.name === name) ?? { name };
}
