/** What can be seen of a simulated machine from its kubelet and from a container that has its files: disks, mounts. Pure. */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { troublesOf } from '../profiles/node-conditions.ts';
import type { World } from '../sim/world.ts';

const INODES = 6_553_600;

export interface DiskUse {
  size: number;
  used: number;
  inodes: number;
  inodesUsed: number;
}

export function diskOf(node: KubeObject | undefined): DiskUse {
  const size = parseQuantity(node?.status?.capacity?.['ephemeral-storage']);
  const full = node !== undefined && troublesOf(node).has('disk');
  return { size, used: size * (full ? 0.94 : 0.31), inodes: INODES, inodesUsed: Math.floor(INODES * 0.06) };
}

/** kubelet's `/stats/summary` (stats/v1alpha1), as far as it is about the machine. */
export function nodeSummary(world: World, name: string): Json {
  const node = world.caches.nodes.get(name);
  const { size, used, inodes, inodesUsed } = diskOf(node);
  const fs = {
    capacityBytes: Math.floor(size),
    usedBytes: Math.floor(used),
    availableBytes: Math.floor(size - used),
    inodes,
    inodesUsed,
    inodesFree: inodes - inodesUsed,
  };
  const starved = node !== undefined && troublesOf(node).has('pid');
  return {
    node: { nodeName: name, fs, runtime: { imageFs: fs }, rlimit: { maxpid: 32_768, curproc: starved ? 31_566 : 412 } },
    pods: [],
  };
}

/** A single file of the machine, as a pod mounts it. */
export function machineFile(node: KubeObject | undefined, path: string): string {
  const address: string =
    node?.status?.addresses?.find((one: Json) => one.type === 'InternalIP')?.address ?? '127.0.0.1';
  switch (path) {
    case '/etc/hosts':
      return `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${address}\t${node?.metadata.name ?? ''}\n`;
    case '/etc/hostname':
      return `${node?.metadata.name ?? ''}\n`;
    case '/etc/machine-id':
      return `${node?.status?.nodeInfo?.machineID ?? ''}\n`;
    case '/etc/os-release':
      return `PRETTY_NAME="${node?.status?.nodeInfo?.osImage ?? 'Linux'}"\n`;
    default:
      return '';
  }
}

/** Where the root of the machine is mounted. */
export function rootMounts(pod: KubeObject, container: Json): string[] {
  const roots = new Set(
    (pod.spec?.volumes ?? []).filter((one: Json) => one.hostPath?.path === '/').map((one: Json) => one.name),
  );
  return (container.volumeMounts ?? [])
    .filter(({ name }: Json) => roots.has(name))
    .map(({ mountPath }: Json) => String(mountPath).replace(/\/$/, ''));
}

/** `/proc/mounts` of the machine. */
export function mountsOf(node: KubeObject | undefined): string {
  const broken = node !== undefined && troublesOf(node).has('read-only');
  return [
    '/dev/vda1 / ext4 rw,relatime,errors=remount-ro 0 0',
    'proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0',
    'tmpfs /run tmpfs rw,nosuid,nodev,mode=755 0 0',
    `/dev/vdb /var/lib ext4 ${broken ? 'ro' : 'rw'},relatime 0 0`,
    '',
  ].join('\n');
}
