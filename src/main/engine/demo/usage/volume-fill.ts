/** How full the volume of a claim is, for everybody who looks: kubelet's metrics and `df` in a container. */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import { createRandom } from '../sim/random.ts';

/** Bytes and inodes. */
export interface VolumeFill {
  size: number;
  used: number;
  inodes: number;
  inodesUsed: number;
}

/** What a file system keeps of its disk for itself. */
const USABLE = 0.98;
const INODES = 3_276_800;

/** `seed`: of the cluster. A claim keeps its share for as long as it has its name. */
export function volumeFill(seed: number, claim: KubeObject): VolumeFill {
  const size = parseQuantity(claim.status?.capacity?.storage) * USABLE;
  const share = createRandom('volume', seed, objectKey(claim)).between(0.08, 0.62);
  return { size, used: size * share, inodes: INODES, inodesUsed: INODES * share * 0.1 };
}
