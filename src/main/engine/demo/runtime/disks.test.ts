import { beforeEach, expect, test } from 'vitest';
import { type Json, type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import type { CacheListener } from '../sim/cache.ts';
import type { World } from '../sim/world.ts';
import { Disks } from './disks.ts';
import { shellLibrary } from './shell/container-files.ts';
import { placeOfVolume } from './volume-places.ts';

function cacheOf(...objects: KubeObject[]) {
  const listeners: CacheListener[] = [];
  return {
    get: (key: string) => objects.find((one) => objectKey(one) === key),
    list: () => objects,
    subscribe: (listener: CacheListener) => listeners.push(listener),
    tell: (object: Json, previous: Json, deleted = false) => {
      for (const listener of listeners) listener(object, previous, deleted);
    },
  };
}

const object = (kind: string, name: string, spec: Json, namespace?: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, uid: `uid-${name}`, ...(namespace === undefined ? {} : { namespace }) },
  spec,
});
const claim = (name: string, volumeName: string) => object('PersistentVolumeClaim', name, { volumeName }, 'shop');
const podOn = (nodeName: string, ...volumes: Json[]) => object('Pod', 'p', { nodeName, volumes }, 'shop');
const claimed = (claimName: string): Json => ({ name: 'v', persistentVolumeClaim: { claimName } });
const host = (path: string, type?: string): Json => ({ name: 'v', hostPath: { path, type } });

let volumes: ReturnType<typeof cacheOf>;
let disks: Disks;
let world: World;

beforeEach(() => {
  volumes = cacheOf(
    object('PersistentVolume', 'disk', { csi: {} }),
    object('PersistentVolume', 'near', { local: { path: '/mnt/fast' } }),
    object('PersistentVolume', 'folder', { hostPath: { path: '/data/folder' } }),
  );
  const caches = {
    pods: cacheOf(),
    nodes: cacheOf(object('Node', 'n1', {}), object('Node', 'n2', {})),
    volumes,
    volumeClaims: cacheOf(claim('c', 'disk'), claim('d', 'disk'), claim('l', 'near'), claim('h', 'folder')),
  };
  world = { caches, report: (error: unknown) => expect.unreachable(String(error)) } as unknown as World;
  disks = new Disks(world);
});

async function write(pod: KubeObject, volume: Json, path: string, text: string): Promise<void> {
  const place = placeOfVolume(pod, volume, world.caches)!;
  await (await disks.at(pod, place, await shellLibrary())).files.writeFile(path, text);
}
async function read(pod: KubeObject, volume: Json, path: string): Promise<string | null> {
  const place = placeOfVolume(pod, volume, world.caches)!;
  const { files } = await disks.at(pod, place, await shellLibrary());
  return (await files.exists(path)) ? await files.readFile(path) : null;
}

test('pods of one machine share what is mounted from it, and no other machine has it', async () => {
  await write(podOn('n1'), host('/data/a'), '/x', 'one');
  expect(await read(podOn('n1'), host('/'), '/data/a/x')).toBe('one');
  expect(await read(podOn('n1'), host('/data'), '/a/x')).toBe('one');
  expect(await read(podOn('n2'), host('/data/a'), '/x')).toBeNull();
});

test('everybody may write to the scratch folder of a machine', async () => {
  const place = placeOfVolume(podOn('n1'), host('/tmp'), world.caches)!;
  const { files } = await disks.at(podOn('n1'), place, await shellLibrary());
  expect((await files.stat('/')).mode & 0o7777).toBe(0o1777);
});

test('a link on a machine leads to what is mounted', async () => {
  await write(podOn('n1'), host('/data/a'), '/x', 'one');
  const { files } = await disks.at(
    podOn('n1'),
    placeOfVolume(podOn('n1'), host('/'), world.caches)!,
    await shellLibrary(),
  );
  await files.symlink('/data/a', '/data/short');
  await write(podOn('n1'), host('/data/short'), '/y', 'two');
  expect(await read(podOn('n1'), host('/data/a'), '/y')).toBe('two');
});

test('a link that is made in a part of a machine leads to that part, wherever it is looked at from', async () => {
  await write(podOn('n1'), host('/data/a'), '/x', 'one');
  const place = placeOfVolume(podOn('n1'), host('/data'), world.caches)!;
  const { files } = await disks.at(podOn('n1'), place, await shellLibrary());
  await files.symlink('/a', '/short');
  expect(await files.readlink('/short')).toBe('/a');
  expect(await read(podOn('n1'), host('/data'), '/short/x')).toBe('one');
  expect(await read(podOn('n1'), host('/data/short'), '/x')).toBe('one');
});

test('local volumes and folders behind a claim are parts of the machine, other volumes go where their claim goes', async () => {
  await write(podOn('n1'), host('/'), '/mnt/note', '');
  await write(podOn('n1'), host('/mnt/fast'), '/x', 'fast');
  expect(await read(podOn('n1'), claimed('l'), '/x')).toBe('fast');
  await write(podOn('n2'), claimed('h'), '/y', 'here');
  expect(await read(podOn('n2'), host('/data/folder'), '/y')).toBe('here');
  await write(podOn('n1'), claimed('c'), '/z', 'kept');
  expect(await read(podOn('n2'), claimed('d'), '/z')).toBe('kept');
});

test('an empty directory ends with its pod, a volume with itself or when it is recycled', async () => {
  const scratch: Json = { name: 'v', emptyDir: {} };
  await write(podOn('n1'), scratch, '/x', 'a');
  (world.caches.pods as unknown as ReturnType<typeof cacheOf>).tell(podOn('n1'), podOn('n1'), true);
  expect(await read(podOn('n1'), scratch, '/x')).toBeNull();
  await write(podOn('n1'), claimed('c'), '/x', 'a');
  const released = object('PersistentVolume', 'disk', { persistentVolumeReclaimPolicy: 'Retain' });
  const bound = { ...released, spec: { ...released.spec, claimRef: { name: 'c' } } };
  volumes.tell(released, bound);
  expect(await read(podOn('n1'), claimed('c'), '/x')).toBe('a');
  volumes.tell({ ...released, spec: { persistentVolumeReclaimPolicy: 'Recycle' } }, bound);
  expect(await read(podOn('n1'), claimed('c'), '/x')).toBeNull();
  await write(podOn('n1'), claimed('c'), '/x', 'b');
  volumes.tell(released, released, true);
  expect(await read(podOn('n1'), claimed('c'), '/x')).toBeNull();
});

test('what a file of the machine is mounted as is that file', async () => {
  const library = await shellLibrary();
  const pod = podOn('n1');
  const place = placeOfVolume(pod, host('/run/lock', 'FileOrCreate'), world.caches)!;
  expect((await disks.at(pod, place, library)).file).toBe('/run/lock');
  expect(await read(pod, host('/'), '/run/lock')).toBe('');
});

test.each<[string, Json, string | null]>([
  ['a directory', host('/data', 'Directory'), null],
  ['one that is not there', host('/srv/none', 'Directory'), 'hostPath type check failed: /srv/none is not a directory'],
  ['one that is a file', host('/data/x', 'Directory'), 'hostPath type check failed: /data/x is not a directory'],
  ['one that is made', host('/srv/none', 'DirectoryOrCreate'), null],
  ['a file', host('/data/x', 'File'), null],
  ['a file that is a directory', host('/data', 'FileOrCreate'), 'hostPath type check failed: /data is not a file'],
  ['a file that is made', host('/data/y', 'FileOrCreate'), null],
  ['a file below nothing', host('/srv/none/y', 'FileOrCreate'), 'open /srv/none/y: no such file or directory'],
  ['a socket of the system', host('/run/containerd/containerd.sock', 'Socket'), null],
  ['a socket that is a directory', host('/data', 'Socket'), 'hostPath type check failed: /data is not a socket file'],
  ['no type', host('/srv/none'), null],
])('a mount of %s', async (_what, volume, why) => {
  await write(podOn('n1'), host('/data'), '/x', '');
  const expected = why === null ? null : `MountVolume.SetUp failed for volume "v" : ${why}`;
  expect(await disks.mountTrouble(podOn('n1', volume))).toBe(expected);
});

test('a local volume waits for its directory', async () => {
  const pod = podOn('n1', claimed('l'));
  expect(await disks.mountTrouble(pod)).toBe(
    'MountVolume.NewMounter initialization failed for volume "near" : path "/mnt/fast" does not exist',
  );
  await (await disks.at(pod, placeOfVolume(pod, host('/'), world.caches)!, await shellLibrary())).files.mkdir(
    '/mnt/fast',
  );
  expect(await disks.mountTrouble(pod)).toBeNull();
});
