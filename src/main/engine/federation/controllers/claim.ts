/** The marks by which a policy claims a template and its binding. Pure. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS, type PropagationPolicy } from '../api.ts';
import { equalJson } from '../json.ts';

export interface Claim {
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

const CLAIM_LABELS = [KEYS.ppId, KEYS.cppId];
const CLAIM_ANNOTATIONS = [KEYS.ppName, KEYS.ppNamespace, KEYS.cppName];

/** What a policy writes on what it claims. */
export function claimOf(policy: PropagationPolicy): Claim {
  const { name = '', namespace, labels = {} } = policy.metadata;
  return namespace
    ? {
        labels: { [KEYS.ppId]: labels[KEYS.ppId] ?? '' },
        annotations: { [KEYS.ppNamespace]: namespace, [KEYS.ppName]: name },
      }
    : { labels: { [KEYS.cppId]: labels[KEYS.cppId] ?? '' }, annotations: { [KEYS.cppName]: name } };
}

/** Which policy an object says it belongs to: key in the policy cache and the policy's id. */
export function claimedBy(object: KubeObject): { cluster: boolean; key: string; id: string } | null {
  const { labels = {}, annotations = {} } = object.metadata;
  const [id, name] = [labels[KEYS.ppId], annotations[KEYS.ppName]];
  if (id && name) return { cluster: false, key: `${annotations[KEYS.ppNamespace]}/${name}`, id };
  const [clusterId, clusterName] = [labels[KEYS.cppId], annotations[KEYS.cppName]];
  if (clusterId && clusterName) return { cluster: true, key: clusterName, id: clusterId };
  return null;
}

/** Sets the claim and removes any other; in place. */
export function setClaim(object: KubeObject, claim: Claim): void {
  clearClaim(object);
  object.metadata.labels = { ...object.metadata.labels, ...claim.labels };
  object.metadata.annotations = { ...object.metadata.annotations, ...claim.annotations };
}

/** Removes every claim; in place. */
export function clearClaim(object: KubeObject): void {
  for (const key of CLAIM_LABELS) if (object.metadata.labels) delete object.metadata.labels[key];
  for (const key of CLAIM_ANNOTATIONS) if (object.metadata.annotations) delete object.metadata.annotations[key];
}

/** Whether a policy's claim is all that was written: no change of what is to be distributed. */
export function onlyClaimDiffers(object: KubeObject, previous: KubeObject): boolean {
  return equalJson(unclaimed(object), unclaimed(previous));
}

function unclaimed(object: KubeObject): unknown {
  const { status: _, metadata, ...rest } = object;
  const { resourceVersion: __, managedFields: ___, generation: ____, ...kept } = metadata;
  const [labels, annotations] = [{ ...kept.labels }, { ...kept.annotations }];
  const bare = { ...rest, metadata: { ...kept, labels, annotations } };
  clearClaim(bare);
  return bare;
}

export function hasClaim(object: KubeObject, claim: Claim): boolean {
  const { labels = {}, annotations = {} } = object.metadata;
  const all = [...CLAIM_LABELS.map((key) => [labels[key], claim.labels[key]])];
  all.push(...CLAIM_ANNOTATIONS.map((key) => [annotations[key], claim.annotations[key]]));
  return all.every(([actual, wanted]) => actual === wanted);
}
