/** What is mounted in a container, how large it is and how full: for `/proc/mounts`, `mount` and `df`. Source: runc's defaults, the volume plugins of kubelet. */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { World } from '../../sim/world.ts';
import { volumeFill } from '../../usage/volume-fill.ts';
import { type DiskUse, diskOf, mountsOf, rootMounts } from '../machine.ts';
import { claimOf, persistentOf } from '../volume-places.ts';
import { humanSize } from './sizes.ts';

export interface Mounted extends DiskUse {
  source: string;
  path: string;
  type: string;
  options: string;
}

const MEMORY_INODES = 2_000_000;
const DEVICES_BYTES = 64 << 20;

/** In the order of `/proc/mounts`. */
export function mountsIn(world: World, pod: KubeObject, container: Json): Mounted[] {
  const node = world.caches.nodes.get(pod.spec?.nodeName ?? '');
  const disk = diskOf(node);
  const memory = parseQuantity(container.resources?.limits?.memory ?? node?.status?.capacity?.memory);
  const inMemory = (size: number, used = 0): DiskUse => ({ size, used, inodes: MEMORY_INODES, inodesUsed: 17 });
  const nothing: DiskUse = { size: 0, used: 0, inodes: 0, inodesUsed: 0 };
  const fixed = container.securityContext?.readOnlyRootFilesystem === true ? 'ro' : 'rw';
  const lower = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/41/fs';
  const found: Mounted[] = [
    { source: 'overlay', path: '/', type: 'overlay', options: `${fixed},relatime,lowerdir=${lower}`, ...disk },
    { source: 'proc', path: '/proc', type: 'proc', options: 'rw,nosuid,nodev,noexec,relatime', ...nothing },
    {
      source: 'tmpfs',
      path: '/dev',
      type: 'tmpfs',
      options: 'rw,nosuid,size=65536k,mode=755',
      ...inMemory(DEVICES_BYTES),
    },
    { source: 'sysfs', path: '/sys', type: 'sysfs', options: 'ro,nosuid,nodev,noexec,relatime', ...nothing },
    {
      source: 'cgroup',
      path: '/sys/fs/cgroup',
      type: 'cgroup2',
      options: 'ro,nosuid,nodev,noexec,relatime',
      ...nothing,
    },
    ...['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'].map((path) => ({
      source: '/dev/vda1',
      path,
      type: 'ext4',
      options: 'rw,relatime',
      ...disk,
    })),
  ];
  let disks = 0;
  for (const { name, mountPath, readOnly } of (container.volumeMounts ?? []) as Json[]) {
    const volume: Json = ((pod.spec?.volumes ?? []) as Json[]).find((one) => one.name === name) ?? {};
    const options = `${readOnly === true || volume.configMap !== undefined ? 'ro' : 'rw'},relatime`;
    const claim = claimOf(pod, volume, world.caches);
    const bound = persistentOf(pod, volume, world.caches);
    const path = String(mountPath).replace(/(.)\/+$/, '$1');
    if ((volume.secret ?? volume.projected ?? volume.downwardAPI ?? volume.emptyDir?.medium) !== undefined) {
      const size = Math.min(memory, parseQuantity(volume.emptyDir?.sizeLimit ?? '') || memory);
      found.push({
        source: 'tmpfs',
        path,
        type: 'tmpfs',
        options: `${options},size=${Math.floor(size / 1024)}k`,
        ...inMemory(size, volume.emptyDir === undefined ? 12 << 10 : 0),
      });
    } else if (claim !== undefined && (bound?.spec?.local ?? bound?.spec?.hostPath) === undefined) {
      const letter = String.fromCharCode('b'.charCodeAt(0) + disks++);
      found.push({ source: `/dev/vd${letter}`, path, type: 'ext4', options, ...volumeFill(world.profile.seed, claim) });
    } else found.push({ source: '/dev/vda1', path, type: 'ext4', options, ...disk });
  }
  return found;
}

/** Of the machine itself, in the order of its `/proc/mounts`. */
function mountsOfMachine(node: KubeObject | undefined): Mounted[] {
  const disk = diskOf(node);
  const memory = parseQuantity(node?.status?.capacity?.memory);
  return mountsOf(node)
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [source = '', path = '', type = '', options = ''] = line.split(' ');
      const space: DiskUse =
        type === 'proc'
          ? { size: 0, used: 0, inodes: 0, inodesUsed: 0 }
          : type === 'tmpfs'
            ? { size: memory / 2, used: 1 << 20, inodes: MEMORY_INODES, inodesUsed: 640 }
            : disk;
      return { source, path, type, options, ...space };
    });
}

/** What a program sees whose root is there: the machine's own, where that is mounted. */
export function mountsSeen(world: World, pod: KubeObject, container: Json, root: string | null): Mounted[] {
  const node = world.caches.nodes.get(pod.spec?.nodeName ?? '');
  return root === null || (root !== '' && rootMounts(pod, container).includes(root))
    ? mountsOfMachine(node)
    : mountsIn(world, pod, container);
}

/** As `/proc/mounts` has them. */
export function mountLines(mounts: readonly Mounted[]): string {
  return mounts.map(({ source, path, type, options }) => `${source} ${path} ${type} ${options} 0 0\n`).join('');
}

/** The mount that a path lies in. */
export function mountOf(mounts: readonly Mounted[], path: string): Mounted | undefined {
  const within = mounts.filter((one) => one.path === '/' || path === one.path || path.startsWith(`${one.path}/`));
  return within.sort((a, b) => b.path.length - a.path.length)[0];
}

/** What `df` shows of them; `flags`: `h`, `i`, `T`, `m`, `a`. Source: busybox df. */
export function spaceTable(mounts: readonly Mounted[], flags: ReadonlySet<string>): string {
  const [counted, human, typed] = [flags.has('i'), flags.has('h'), flags.has('T')];
  const unit = flags.has('m') ? 2 ** 20 : 1024;
  const amount = counted ? '   Inodes' : human ? '     Size' : unit === 1024 ? '1K-blocks' : '1M-blocks';
  const rest = counted ? '    IUsed     IFree IUse%' : '     Used Available Use%';
  const rows = [`Filesystem           ${typed ? 'Type       ' : ''}${amount} ${rest} Mounted on`];
  for (const { source, type, path, size, used, inodes, inodesUsed } of mounts) {
    if (size === 0) continue;
    const [total, taken] = counted ? [inodes, inodesUsed] : [size, used];
    const show = (value: number) => {
      if (human) return humanSize(value).padStart(9);
      return String(Math.floor(counted ? value : value / unit)).padStart(9);
    };
    const share = `${Math.ceil((taken / total) * 100)}%`.padStart(4);
    rows.push(
      `${source.padEnd(20)} ${typed ? type.padEnd(11) : ''}${show(total)} ${show(taken)} ${show(total - taken)} ${share} ${path}`,
    );
  }
  return `${rows.join('\n')}\n`;
}
