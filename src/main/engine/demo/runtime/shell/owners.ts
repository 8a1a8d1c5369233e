/**
 * To whom the files of a container belong, and the bits that a volume gives them: a volume's are its `fsGroup`'s. Pure.
 * Source: kubelet's SetVolumeOwnership and the volume plugins.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { identityOf } from './system.ts';

export interface Owner {
  user: number;
  group: number;
}

export interface Owned extends Owner {
  mode: number;
}

export type Owners = (path: string, mode: number, kind: 'file' | 'directory' | 'link') => Owned;

const SETGID = 0o2000;
/** What users other than root write, wherever they may. */
const OPEN = /^\/(var\/)?tmp(\/|$)/;

/** `given`: to whom somebody gave what is at a path (`chown`). */
export function ownersIn(
  pod: KubeObject,
  container: Json,
  given: (path: string) => Partial<Owner> | undefined = () => undefined,
): Owners {
  const { user, group } = identityOf(pod, container);
  const fsGroup: number | undefined = pod.spec?.securityContext?.fsGroup;
  const mounts = ((container.volumeMounts ?? []) as Json[])
    .map(({ name, mountPath }) => ({
      at: String(mountPath).replace(/\/+$/, ''),
      volume: ((pod.spec?.volumes ?? []) as Json[]).find((one) => one.name === name) ?? {},
    }))
    .sort((a, b) => b.at.length - a.at.length);
  const made: Owners = (path, mode, kind) => {
    const found = mounts.find(({ at }) => path === at || path.startsWith(`${at}/`));
    if (found === undefined) {
      if (path === '/tmp' || path === '/var/tmp') return { user: 0, group: 0, mode: 0o1777 };
      return OPEN.test(path) ? { user, group, mode } : { user: 0, group: 0, mode };
    }
    const { at, volume } = found;
    const { emptyDir, persistentVolumeClaim, ephemeral, hostPath, image, configMap } = volume;
    const top = path === at;
    // A machine's folders stay as they are.
    if (hostPath !== undefined) return top ? { user: 0, group: 0, mode } : { user, group, mode };
    if (image !== undefined) return { user: 0, group: 0, mode };
    const shared = fsGroup !== undefined && kind === 'directory' ? SETGID : 0;
    if ((emptyDir ?? persistentVolumeClaim ?? ephemeral) !== undefined) {
      // The kernel makes file systems in memory as anybody's scratch files.
      const bits = top ? (fsGroup === undefined ? 0 : 0o770) | (emptyDir?.medium === 'Memory' ? 0o1000 : 0) : 0;
      return { user: top ? 0 : user, group: fsGroup ?? (top ? 0 : group), mode: mode | shared | bits };
    }
    // All but ConfigMaps are in memory, whose top is a folder as for anybody's scratch files.
    const open = !top ? mode : configMap === undefined ? 0o1777 : 0o777;
    const readable = fsGroup === undefined ? 0 : kind === 'directory' ? 0o550 : 0o440;
    // A token is its reader's, where no group can read it.
    const token = ((volume.projected?.sources ?? []) as Json[]).some((one) => one.serviceAccountToken !== undefined);
    const own = token && fsGroup === undefined && kind === 'file';
    return { user: own ? user : 0, group: fsGroup ?? 0, mode: open | shared | readable };
  };
  return (path, mode, kind) => ({ ...made(path, mode, kind), ...given(path) });
}

/** `rwxr-sr-t` */
export function bitsText(mode: number): string {
  const bits = [...'rwxrwxrwx'].map((letter, at) => ((mode & (0o400 >> at)) === 0 ? '-' : letter));
  for (const [bit, at, letter] of [
    [0o4000, 2, 's'],
    [0o2000, 5, 's'],
    [0o1000, 8, 't'],
  ] as const)
    if ((mode & bit) !== 0) bits[at] = bits[at] === '-' ? letter.toUpperCase() : letter;
  return bits.join('');
}
