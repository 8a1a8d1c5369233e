/** When a pod has written more to its node than it may. Pure. Source: kubelet's localStorageEviction, in its order and with its words. */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

/** Bytes that a pod has written, by the name of what it wrote to. */
export interface StorageUse {
  /** Volumes that are empty directories on the disk of the node. */
  volumes: ReadonlyMap<string, number>;
  /** Containers, beside their volumes. */
  containers: ReadonlyMap<string, number>;
}

/** Whether anything bounds what the pod writes. */
export function isStorageLimited(pod: KubeObject): boolean {
  return limitedVolumes(pod).length > 0 || limitsOf(pod).length > 0;
}

/** Why kubelet evicts the pod, or null. */
export function storageExcess(pod: KubeObject, { volumes, containers }: StorageUse): string | null {
  for (const { name, emptyDir } of limitedVolumes(pod))
    if ((volumes.get(name) ?? 0) > parseQuantity(emptyDir.sizeLimit))
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${emptyDir.sizeLimit}". `;
  const limits = limitsOf(pod);
  const [first] = limits;
  if (first === undefined) return null;
  const sum = (values: Iterable<number>) => [...values].reduce((total, one) => total + one, 0);
  const total = sum(limits.map(({ limit }) => parseQuantity(limit)));
  if (sum(volumes.values()) + sum(containers.values()) > total) {
    const text = limits.length === 1 ? first.limit : binaryText(total);
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${text}. `;
  }
  const over = limits.find(({ name, limit }) => (containers.get(name) ?? 0) > parseQuantity(limit));
  return over === undefined
    ? null
    : `Container ${over.name} exceeded its local ephemeral storage limit "${over.limit}". `;
}

/** Those in memory are as large as they may be, and full then. */
function limitedVolumes(pod: KubeObject): Json[] {
  return ((pod.spec?.volumes ?? []) as Json[]).filter(
    ({ emptyDir }) => emptyDir?.medium !== 'Memory' && parseQuantity(emptyDir?.sizeLimit ?? '0') > 0,
  );
}

function limitsOf(pod: KubeObject): { name: string; limit: string }[] {
  return ((pod.spec?.containers ?? []) as Json[])
    .map(({ name, resources }) => ({ name, limit: resources?.limits?.['ephemeral-storage'] }))
    .filter(({ limit }) => limit !== undefined && parseQuantity(limit) > 0);
}

/** In the largest binary unit that needs no fraction, as Kubernetes writes sums. */
export function binaryText(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti'];
  let value = bytes;
  let unit = 0;
  while (value > 0 && value % 1024 === 0 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value}${units[unit]}`;
}
