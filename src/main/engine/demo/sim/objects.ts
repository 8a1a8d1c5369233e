/** Small pure helpers over objects that every controller needs: ownership, hashes, conditions, times. */
import type { Json, KubeObject, OwnerReference } from '#shared/kubernetes/types.ts';
import { fnv1a, safeEncode } from './random.ts';

export function nameOf(object: KubeObject): string {
  return object.metadata.name ?? '';
}

export function namespaceOf(object: KubeObject): string {
  return object.metadata.namespace ?? '';
}

export function uidOf(object: KubeObject): string {
  return object.metadata.uid ?? '';
}

export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** Texts of the seconds asked for lately: the same few times are in every status of a pod's life. */
const seconds = new Map<number, string>();
const SECONDS_KEPT = 10_000;

/** meta/v1 Time: whole seconds. */
export function timeText(ms: number): string {
  const second = Math.floor(ms / 1000);
  let text = seconds.get(second);
  if (text === undefined) {
    text = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    if (seconds.size >= SECONDS_KEPT) seconds.clear();
    seconds.set(second, text);
  }
  return text;
}

/** meta/v1 MicroTime. */
export function microTimeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}

export function parseTime(text: unknown): number {
  return typeof text === 'string' ? Date.parse(text) : Number.NaN;
}

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

export function controllerReference(owner: KubeObject, apiVersion: string, kind: string): OwnerReference {
  return {
    apiVersion,
    kind,
    name: nameOf(owner),
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** JSON with sorted keys and without absent or null values: equal meaning, equal text. */
export function canonical(value: Json): string {
  return JSON.stringify(sorted(value)) ?? 'null';
}

/** The same with the keys of every object in the order of the alphabet, as Go writes maps, and nothing that is null. */
export function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const out: Record<string, Json> = {};
  for (const key of Object.keys(value).sort()) {
    if (value[key] !== undefined && value[key] !== null) out[key] = sorted(value[key]);
  }
  return out;
}

/** Equal meaning: the order of keys does not matter, null counts as absent. */
export function sameValue(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (isAbsent(a) || isAbsent(b)) return isAbsent(a) && isAbsent(b);
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false;
    return true;
  }
  for (const key of Object.keys(a)) if (!sameValue(a[key], b[key])) return false;
  for (const key of Object.keys(b)) if (!(key in a) && !isAbsent(b[key])) return false;
  return true;
}

function isAbsent(value: Json): boolean {
  return value === undefined || value === null;
}

/** pod-template-hash of a template; `collisions` as in status.collisionCount. */
export function templateHash(template: Json, collisions = 0): string {
  return safeEncode(String(fnv1a(canonical(template) + (collisions > 0 ? String(collisions) : ''))));
}

/** A pod template without the label its ReplicaSet added, for comparing with the Deployment's. */
export function withoutTemplateHash(template: Json): Json {
  const { 'pod-template-hash': _hash, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels } };
}

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastUpdateTime?: string;
  lastProbeTime?: string | null;
  lastHeartbeatTime?: string;
  observedGeneration?: number;
}

export function findCondition(conditions: Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Replaces or appends; lastTransitionTime changes only when the status does. */
export function setCondition(conditions: Condition[], condition: Condition, now: number): Condition[] {
  const old = findCondition(conditions, condition.type);
  const lastTransitionTime =
    old !== undefined && old.status === condition.status && old.lastTransitionTime !== undefined
      ? old.lastTransitionTime
      : timeText(now);
  const next = { ...condition, lastTransitionTime };
  return old === undefined
    ? [...conditions, next]
    : conditions.map((existing) => (existing.type === condition.type ? next : existing));
}

export function podTemplateToPod(
  template: Json,
  identity: { namespace: string; name?: string; generateName?: string; owner: OwnerReference },
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: identity.namespace,
      ...(identity.name === undefined ? {} : { name: identity.name }),
      ...(identity.generateName === undefined ? {} : { generateName: identity.generateName }),
      ...(template?.metadata?.labels === undefined ? {} : { labels: { ...template.metadata.labels } }),
      ...(template?.metadata?.annotations === undefined ? {} : { annotations: { ...template.metadata.annotations } }),
      ...(template?.metadata?.finalizers === undefined ? {} : { finalizers: [...template.metadata.finalizers] }),
      ownerReferences: [identity.owner],
    },
    spec: structuredClone(template?.spec ?? {}),
  };
}
