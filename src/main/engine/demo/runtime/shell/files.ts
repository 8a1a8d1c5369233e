/**
 * The files of one simulated container: what an image has, what kubelet mounts (ConfigMaps, Secrets, the service
 * account's token), and what was written since the container started. Small: contents are text, or bytes that are none.
 */
import { isUtf8 } from 'node:buffer';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf } from '../../sim/objects.ts';
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS } from '../../sim/refs.ts';
import { searchList } from '../network.ts';
import type { Program } from '../programs.ts';

type Content = string | Buffer | (() => Promise<string>);

const DIRECTORIES = [
  'bin',
  'dev',
  'etc',
  'home',
  'lib',
  'mnt',
  'opt',
  'proc',
  'root',
  'run',
  'sbin',
  'srv',
  'sys',
  'tmp',
  'usr',
  'usr/bin',
  'usr/share',
  'var',
  'var/log',
  'var/run',
];
/** Everything written into one container. */
const MOST_BYTES = 8 << 20;

export class FileFailure extends Error {}

export class Files {
  readonly #files = new Map<string, Content>();
  readonly #directories = new Set<string>(['/']);
  #written = 0;

  constructor(fixed: Iterable<readonly [string, Content]>, directories: Iterable<string>) {
    for (const directory of directories) this.#addDirectory(directory);
    for (const [path, content] of fixed) this.#put(path, content);
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  exists(path: string): boolean {
    return this.#files.has(path) || this.#directories.has(path);
  }

  /** @throws FileFailure in the words of the C library. */
  async read(path: string): Promise<string> {
    if (this.#directories.has(path)) throw new FileFailure('Is a directory');
    const content = this.#files.get(path);
    if (content === undefined) throw new FileFailure('No such file or directory');
    if (typeof content === 'string') return content;
    return typeof content === 'function' ? await content() : content.toString('utf8');
  }

  /** The same, byte for byte. */
  async bytes(path: string): Promise<Buffer> {
    const content = this.#files.get(path);
    return Buffer.isBuffer(content) ? content : Buffer.from(await this.read(path));
  }

  write(path: string, content: string | Uint8Array, append = false): void {
    if (path === '/dev/null') return;
    if (this.#directories.has(path)) throw new FileFailure('Is a directory');
    if (!this.#directories.has(parentOf(path))) throw new FileFailure('nonexistent directory');
    const old = this.#files.get(path);
    if (typeof old === 'function') throw new FileFailure('Read-only file system');
    const next = contentOf(append ? (old ?? '') : '', content);
    this.#written += next.length - (old?.length ?? 0);
    if (this.#written > MOST_BYTES) {
      this.#written -= next.length - (old?.length ?? 0);
      throw new FileFailure('No space left on device');
    }
    this.#files.set(path, next);
  }

  /** The directory and what is missing above it. */
  makeParents(path: string): void {
    const parts = path.split('/').slice(1);
    for (let count = 1; count <= parts.length; count++) {
      const directory = `/${parts.slice(0, count).join('/')}`;
      if (directory !== '/' && !this.isDirectory(directory)) this.makeDirectory(directory);
    }
  }

  makeDirectory(path: string): void {
    if (this.exists(path)) throw new FileFailure('File exists');
    if (!this.#directories.has(parentOf(path))) throw new FileFailure('No such file or directory');
    this.#directories.add(path);
  }

  remove(path: string, recursive: boolean): void {
    if (this.#directories.has(path)) {
      if (!recursive) throw new FileFailure('Is a directory');
      for (const file of [...this.#files.keys()]) if (file.startsWith(`${path}/`)) this.#files.delete(file);
      for (const directory of [...this.#directories])
        if (directory === path || directory.startsWith(`${path}/`)) this.#directories.delete(directory);
      return;
    }
    if (!this.#files.delete(path)) throw new FileFailure('No such file or directory');
  }

  /** Names directly below a directory, sorted. */
  list(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    const names = new Set<string>();
    for (const one of [...this.#files.keys(), ...this.#directories])
      if (one.startsWith(prefix) && one !== prefix) names.add(one.slice(prefix.length).split('/')[0] ?? '');
    names.delete('');
    return [...names].sort();
  }

  size(path: string): number {
    const content = this.#files.get(path);
    if (content === undefined) return 4096;
    return typeof content === 'function' ? 0 : Buffer.byteLength(content);
  }

  #put(path: string, content: Content): void {
    this.#addDirectory(parentOf(path));
    this.#files.set(path, content);
  }

  #addDirectory(path: string): void {
    for (let at = path; at !== '/' && at !== ''; at = parentOf(at)) this.#directories.add(at);
  }
}

function contentOf(old: string | Buffer, more: string | Uint8Array): string | Buffer {
  if (typeof old === 'string' && typeof more === 'string') return old + more;
  const whole = Buffer.concat([Buffer.from(old as string), Buffer.from(more as string)]);
  return isUtf8(whole) ? whole.toString('utf8') : whole;
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

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

export function filesOf(
  client: KubeClient,
  pod: KubeObject,
  container: Json,
  program: Program,
  dns: string,
  mounts: readonly (readonly [string, string])[],
): Files {
  const namespace = namespaceOf(pod);
  const hostname: string = pod.spec?.hostname ?? nameOf(pod);
  const address: string = pod.status?.podIP ?? '';
  const fixed: [string, Content][] = [
    ['/etc/hostname', `${hostname}\n`],
    [
      '/etc/hosts',
      `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${address}\t${hostname}\n`,
    ],
    ['/etc/resolv.conf', `search ${searchList(namespace).join(' ')}\nnameserver ${dns}\noptions ndots:5\n`],
    ['/etc/os-release', OS_RELEASE[program.os]],
    ['/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n'],
    ['/proc/loadavg', '0.12 0.20 0.18 1/312 41\n'],
    ['/dev/null', ''],
    ...(program.kind === 'nginx'
      ? ([
          ['/usr/share/nginx/html/index.html', '<!DOCTYPE html>\n<h1>Welcome to nginx!</h1>\n'],
          [
            '/etc/nginx/nginx.conf',
            'user  nginx;\nworker_processes  auto;\n\nevents {\n    worker_connections  1024;\n}\n\nhttp {\n    include       /etc/nginx/mime.types;\n    include /etc/nginx/conf.d/*.conf;\n}\n',
          ],
          [
            '/etc/nginx/conf.d/default.conf',
            'server {\n    listen       80;\n    server_name  localhost;\n\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n',
          ],
        ] as [string, Content][])
      : []),
  ];
  const directories = DIRECTORIES.map((directory) => `/${directory}`);
  for (const mount of container.volumeMounts ?? []) {
    const volume = (pod.spec?.volumes ?? []).find((one: Json) => one.name === mount.name);
    directories.push(mount.mountPath.replace(/\/$/, ''));
    if (volume !== undefined) fixed.push(...mounted(client, pod, mount, volume));
  }
  for (const [path, content] of mounts) fixed.push([path, content]);
  return new Files(fixed, directories);
}

const OS_RELEASE: Record<Program['os'], string> = {
  debian: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
  alpine: 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME="Alpine Linux v3.22"\n',
  busybox: '',
  none: '',
};

/** Files of one volume whose names the pod knows; contents are read when they are asked for. */
function mounted(client: KubeClient, pod: KubeObject, mount: Json, volume: Json): [string, Content][] {
  const namespace = namespaceOf(pod);
  const base: string = mount.mountPath.replace(/\/$/, '');
  const sources: Json[] = volume.projected?.sources ?? [volume];
  return sources.flatMap((source): [string, Content][] => {
    const at = (file: string) => (mount.subPath === undefined ? `${base}/${file}` : base);
    if (source.serviceAccountToken !== undefined)
      return [[at(source.serviceAccountToken.path), () => token(client, pod, source.serviceAccountToken)]];
    if (source.downwardAPI !== undefined)
      return (source.downwardAPI.items ?? []).map((item: Json): [string, Content] => [
        at(item.path),
        String(fieldOf(pod, item.fieldRef?.fieldPath ?? '') ?? ''),
      ]);
    const object = source.configMap ?? source.secret;
    if (object === undefined) return [];
    const ref = source.configMap === undefined ? SECRETS : CONFIG_MAPS;
    const name: string = object.name ?? object.secretName ?? '';
    const read = async (key: string): Promise<string> => {
      const found = (await client.find(ref, name, { namespace })) as Json;
      const value = found?.data?.[key] ?? '';
      return source.configMap === undefined ? Buffer.from(value, 'base64').toString('utf8') : value;
    };
    const items: Json[] =
      object.items ?? (mount.subPath === undefined ? [] : [{ key: mount.subPath, path: mount.subPath }]);
    return items.map((item): [string, Content] => [at(item.path), () => read(item.key)]);
  });
}

/** Files of volumes whose names only the mounted object knows. */
export async function mountWhole(client: KubeClient, pod: KubeObject, container: Json): Promise<[string, string][]> {
  const out: [string, string][] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = (pod.spec?.volumes ?? []).find((one: Json) => one.name === mount.name);
    const object = volume?.configMap ?? volume?.secret;
    if (object === undefined || object.items !== undefined || mount.subPath !== undefined) continue;
    const secret = volume.secret !== undefined;
    const found = (await client.find(secret ? SECRETS : CONFIG_MAPS, object.name ?? object.secretName, {
      namespace: namespaceOf(pod),
    })) as Json;
    for (const [key, value] of Object.entries(found?.data ?? {})) {
      const text = secret ? Buffer.from(String(value), 'base64').toString('utf8') : String(value);
      out.push([`${mount.mountPath.replace(/\/$/, '')}/${key}`, text]);
    }
  }
  return out;
}

/** A value of the downward API. */
export function fieldOf(pod: KubeObject, path: string): unknown {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2] ?? ''];
  return path.split('.').reduce<Json>((value, part) => value?.[part], pod);
}

async function token(client: KubeClient, pod: KubeObject, source: Json): Promise<string> {
  const account: string = pod.spec?.serviceAccountName ?? 'default';
  const answer = await client.create(
    SERVICE_ACCOUNTS,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: account },
      spec: {
        expirationSeconds: source.expirationSeconds ?? 3607,
        ...(source.audience === undefined ? {} : { audiences: [source.audience] }),
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: nameOf(pod), uid: pod.metadata.uid },
      },
    },
    { namespace: namespaceOf(pod), subresource: 'token' },
  );
  return answer.status?.token ?? '';
}
