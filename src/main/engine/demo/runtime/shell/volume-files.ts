/**
 * What kubelet mounts into a container: ConfigMaps, Secrets, tokens and the downward API as they are now, laid out with
 * kubelet's links, and what pods may write to: empty directories for the life of the pod, claims for that of the claim.
 */
import type { IFileSystem, InMemoryFs } from 'just-bash/browser';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf, uidOf } from '../../sim/objects.ts';
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS } from '../../sim/refs.ts';
import { fieldOf, resourceOf } from '../downward.ts';
import { programOf } from '../programs.ts';
import { absolute, statOf, type VolumeFiles } from './container-files.ts';
import { directoryView } from './directory-view.ts';
import { DIRECTORIES, ownFiles } from './image-files.ts';

/** One file of a volume; a token is asked for when it is read. */
interface VolumeFile {
  path: string;
  content: Buffer | (() => Promise<string>);
  mode: number;
}

const MODE = 0o644;

export interface VolumeOptions {
  client: KubeClient;
  pod: KubeObject;
  /** The node that the pod is on. */
  node: KubeObject | undefined;
  container: Json;
  /** What a volume that can be written to has; null for one that cannot. */
  kept(volume: Json): Promise<{ files: IFileSystem; file: string | null } | null>;
  empty(): InMemoryFs;
  /** Of the root: where single files are mounted. */
  root: InMemoryFs;
  /** The pod as it is by now; what is mounted whole follows it and the objects that it names. */
  latest(): KubeObject;
  /** How long kubelet lets what has changed elsewhere be, ms. */
  renewMs: number;
  /** Which part of its volume is mounted there; empty for the whole. */
  subPath(mount: Json): string;
}

export async function volumesOf(options: VolumeOptions): Promise<VolumeFiles[]> {
  const { client, pod, container, node, kept, empty, root, subPath } = options;
  const out: VolumeFiles[] = [];
  const mounts: Json[] = [...(container.volumeMounts ?? [])];
  mounts.sort((a, b) => a.mountPath.length - b.mountPath.length);
  for (const mount of mounts) {
    const volume = (pod.spec?.volumes ?? []).find((one: Json) => one.name === mount.name);
    if (volume === undefined) continue;
    const path: string = mount.mountPath.replace(/\/+$/, '');
    const part = subPath(mount);
    const writable = await kept(volume);
    if (writable !== null) {
      const { files: whole, file } = writable;
      const single = file ?? (part === '' ? null : absolute('/', part));
      const files = file !== null ? null : part === '' ? whole : await partOf(whole, part);
      if (files !== null) out.push({ path, files, readOnly: mount.readOnly === true });
      else put(root, path, { path, content: Buffer.from(await whole.readFileBuffer(single ?? '')), mode: MODE });
      continue;
    }
    if (volume.image !== undefined) {
      const made = empty();
      for (const directory of DIRECTORIES) made.mkdirSync(directory, { recursive: true });
      for (const [at, content] of ownFiles(programOf({ image: volume.image.reference })))
        made.writeFileSync(at, content);
      const files = part === '' ? made : await partOf(made, part);
      if (files !== null) out.push({ path, files, readOnly: true });
      continue;
    }
    const files = await filesIn(client, pod, container, volume, node, false);
    const one = files.find((file) => file.path === part);
    if (one !== undefined) {
      put(root, path, one);
      continue;
    }
    const made = empty();
    if (part === '') {
      await layOut(made, files, pod);
      const anew = async () => {
        const next = empty();
        await layOut(next, await filesIn(client, options.latest(), container, volume, node, true), pod);
        return next;
      };
      out.push({ path, files: renewing(made, options.renewMs, anew), readOnly: true });
      continue;
    }
    // What is mounted by its part stays as it was when the container started.
    for (const file of files) if (file.path.startsWith(`${part}/`)) put(made, file.path.slice(part.length), file);
    out.push({ path, files: made, readOnly: true });
  }
  return out;
}

/** Files that do not wait for anything. */
const AT_ONCE = /Sync$|^(resolvePath|getAllPaths)$/;

/** Files that are looked up anew when they are asked for after so long; as they were where that fails. */
function renewing(first: InMemoryFs, afterMs: number, anew: () => Promise<InMemoryFs>): IFileSystem {
  let current = first;
  let due = performance.now() + afterMs;
  const renew = async () => {
    if (performance.now() < due) return;
    due = performance.now() + afterMs;
    current = await anew().catch(() => current);
  };
  return new Proxy(first, {
    get(_first, name) {
      const value: unknown = Reflect.get(current, name, current);
      if (typeof value !== 'function') return value;
      if (AT_ONCE.test(String(name))) return value.bind(current);
      return async (...args: unknown[]) => {
        await renew();
        return (Reflect.get(current, name, current) as (...given: unknown[]) => unknown).apply(current, args);
      };
    },
  });
}

/** A directory of the volume, made where there is none, as open as the volume itself; null: a file has that name. */
async function partOf(files: IFileSystem, part: string): Promise<IFileSystem | null> {
  const directory = absolute('/', part);
  const found = await statOf(files, directory);
  if (found?.isFile === true) return null;
  if (found === null) {
    await files.mkdir(directory, { recursive: true });
    const { mode } = await files.stat('/');
    for (let at = directory; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) await files.chmod(at, mode);
  }
  return directoryView(files, directory);
}

function put(files: InMemoryFs, path: string, { content, mode }: VolumeFile): void {
  if (typeof content === 'function') files.writeFileLazy(path, content, { mode });
  else files.writeFileSync(path, content, undefined, { mode });
}

/** Source: kubelet's atomic writer: a folder by its time, a link to it, and links to its files (there by way of the first). */
async function layOut(files: InMemoryFs, contents: readonly VolumeFile[], pod: KubeObject): Promise<void> {
  const at = new Date(pod.status?.startTime ?? pod.metadata.creationTimestamp ?? 0);
  const stamp = at.toISOString().slice(0, 19).replaceAll('-', '_').replace('T', '_').replaceAll(':', '_');
  const folder = `..${stamp}.${parseInt(uidOf(pod).replaceAll('-', '').slice(0, 8), 16) || 1}`;
  files.mkdirSync(`/${folder}`, { recursive: true });
  await files.symlink(folder, '/..data');
  const tops = new Set<string>();
  for (const file of contents) {
    put(files, `/${folder}/${file.path}`, file);
    tops.add(file.path.split('/')[0] ?? '');
  }
  for (const top of tops) await files.symlink(`${folder}/${top}`, `/${top}`);
}

/** `strict`: rejects where something is not there that has to be. */
async function filesIn(
  client: KubeClient,
  pod: KubeObject,
  container: Json,
  volume: Json,
  node: KubeObject | undefined,
  strict: boolean,
): Promise<VolumeFile[]> {
  const sources: Json[] = volume.projected?.sources ?? [volume];
  const defaultMode: number =
    (volume.projected ?? volume.configMap ?? volume.secret ?? volume.downwardAPI)?.defaultMode ?? MODE;
  const out: VolumeFile[] = [];
  for (const source of sources) {
    if (source.serviceAccountToken !== undefined) {
      const { path } = source.serviceAccountToken;
      out.push({ path, content: () => token(client, pod, source.serviceAccountToken), mode: defaultMode });
    } else if (source.downwardAPI !== undefined) {
      for (const item of source.downwardAPI.items ?? [])
        out.push({
          path: item.path,
          content: Buffer.from(downward(pod, container, item, node)),
          mode: item.mode ?? defaultMode,
        });
    } else out.push(...(await ofObject(client, pod, source, defaultMode, strict)));
  }
  return out;
}

async function ofObject(
  client: KubeClient,
  pod: KubeObject,
  source: Json,
  mode: number,
  strict: boolean,
): Promise<VolumeFile[]> {
  const object: Json = source.configMap ?? source.secret;
  if (object === undefined) return [];
  const ref = source.configMap === undefined ? SECRETS : CONFIG_MAPS;
  const found = (await client.find(ref, object.name ?? object.secretName ?? '', {
    namespace: namespaceOf(pod),
  })) as Json;
  if (found === null && strict && object.optional !== true)
    throw new Error(`${ref.resource} "${object.name}" not found`);
  const encoding = ref === SECRETS ? 'base64' : 'utf8';
  const values = new Map<string, Buffer>([
    ...Object.entries(found?.data ?? {}).map(([key, value]): [string, Buffer] => [
      key,
      Buffer.from(String(value), encoding),
    ]),
    ...Object.entries(found?.binaryData ?? {}).map(([key, value]): [string, Buffer] => [
      key,
      Buffer.from(String(value), 'base64'),
    ]),
  ]);
  const items: Json[] = object.items ?? [...values.keys()].map((key) => ({ key, path: key }));
  return items.flatMap(({ key, path, mode: own }): VolumeFile[] => {
    const content = values.get(key);
    return content === undefined ? [] : [{ path, content, mode: own ?? mode }];
  });
}

function downward(
  pod: KubeObject,
  container: Json,
  { fieldRef, resourceFieldRef }: Json,
  node: KubeObject | undefined,
): string {
  if (resourceFieldRef !== undefined) return resourceOf(pod, container, resourceFieldRef, node);
  const value = fieldOf(pod, fieldRef?.fieldPath ?? '');
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  return Object.entries(value as Record<string, string>)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${key}=${JSON.stringify(one)}`)
    .join('\n');
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
