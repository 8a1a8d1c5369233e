/** Revisions of a Deployment's ReplicaSets: 64-bit numbers in an annotation. Source: kube-controller-manager, deployment util. */
import type { KubeObject } from '#shared/kubernetes/types.ts';

export const REVISION = 'deployment.kubernetes.io/revision';

/** 0 for a set without one, or with one that cannot be read. */
export function revisionOf(set: KubeObject): bigint {
  const text = set.metadata.annotations?.[REVISION] ?? '';
  return /^[-+]?\d+$/.test(text) ? BigInt.asIntN(64, BigInt(text)) : 0n;
}

/** One more than the highest. */
export function revisionAfter(old: readonly KubeObject[]): string {
  const highest = old.map(revisionOf).reduce((most, each) => (each > most ? each : most), 0n);
  return String(highest + 1n);
}

/** Oldest first. */
export function byRevision(a: KubeObject, b: KubeObject): number {
  const [first, second] = [revisionOf(a), revisionOf(b)];
  return first === second ? 0 : first < second ? -1 : 1;
}
