import { expect, test } from 'vitest';
import { type Json, type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import type { World } from '../../sim/world.ts';
import { mountLines, mountOf, mountsIn, mountsSeen, spaceTable } from './mount-table.ts';

const cacheOf = (...objects: Json[]) => ({ get: (key: string) => objects.find((one) => objectKey(one) === key) });
const capacity = { 'ephemeral-storage': '100Gi', memory: '8Gi' };
const world = {
  profile: { seed: 20 },
  caches: {
    nodes: cacheOf({ kind: 'Node', metadata: { name: 'n' }, status: { capacity } }),
    volumes: cacheOf({ metadata: { name: 'disk' }, spec: { csi: {} } }),
    volumeClaims: cacheOf({
      metadata: { namespace: 'shop', name: 'data' },
      spec: { volumeName: 'disk' },
      status: { capacity: { storage: '10Gi' } },
    }),
  },
} as unknown as World;
const volumes: Json[] = [
  { name: 'scratch', emptyDir: {} },
  { name: 'small', emptyDir: { medium: 'Memory', sizeLimit: '10Mi' } },
  { name: 'memory', emptyDir: { medium: 'Memory' } },
  { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
  { name: 'config', configMap: { name: 'c' } },
];
const container: Json = {
  resources: { limits: { memory: '64Mi' } },
  volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/${name}/` })),
};
const pod = { metadata: { namespace: 'shop', name: 'p' }, spec: { nodeName: 'n', volumes } } as unknown as KubeObject;
const mounts = mountsIn(world, pod, container);

test.each([
  ['/', 'overlay', 100 * 2 ** 30],
  ['/scratch/below', '/dev/vda1', 100 * 2 ** 30],
  ['/small', 'tmpfs', 10 * 2 ** 20],
  // What a container may use at most.
  ['/memory', 'tmpfs', 64 * 2 ** 20],
  ['/data/x', '/dev/vdb', 9.8 * 2 ** 30],
  ['/database', 'overlay', 100 * 2 ** 30],
])('%s lies in %s', (path, source, size) => {
  const found = mountOf(mounts, path);
  expect([found?.source, Math.round(found?.size ?? 0)]).toEqual([source, Math.round(size)]);
});

test('they are listed as the kernel lists them', () => {
  expect(mountLines(mounts).split('\n')).toEqual(
    expect.arrayContaining([
      '/dev/vda1 /scratch ext4 rw,relatime 0 0',
      'tmpfs /small tmpfs rw,relatime,size=10240k 0 0',
      '/dev/vda1 /config ext4 ro,relatime 0 0',
    ]),
  );
});

test('where the root of the machine is mounted its own mounts are seen from within', () => {
  const root = { name: 'host', hostPath: { path: '/' } };
  const whole = { ...pod, spec: { nodeName: 'n', volumes: [root] } } as unknown as KubeObject;
  const inside: Json = { volumeMounts: [{ name: 'host', mountPath: '/host' }] };
  const sources = (at: string | null) => mountsSeen(world, whole, inside, at).map(({ source }) => source);
  expect(sources('/host')).toEqual(['/dev/vda1', 'proc', 'tmpfs', '/dev/vdb']);
  expect(sources(null)).toEqual(sources('/host'));
  expect(sources('')[0]).toBe('overlay');
  expect(sources('/tmp')[0]).toBe('overlay');
});

test('df shows those that have a size, in the unit asked for', () => {
  const small = [mountOf(mounts, '/small')!];
  expect(spaceTable(small, new Set())).toBe(
    'Filesystem           1K-blocks      Used Available Use% Mounted on\ntmpfs                    10240         0     10240   0% /small\n',
  );
  expect(spaceTable(small, new Set('hT'))).toBe(
    'Filesystem           Type            Size      Used Available Use% Mounted on\ntmpfs                tmpfs            10M         0       10M   0% /small\n',
  );
  expect(spaceTable(small, new Set('m'))).toContain('1M-blocks');
  expect(spaceTable(mounts, new Set())).not.toContain('/proc');
  expect(spaceTable(small, new Set('i'))).toContain('Inodes');
});
