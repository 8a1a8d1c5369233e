/**
 * What of a sent object an update takes: its part alone at the endpoints of parts, nothing of what the server keeps itself,
 * and the generation that follows. Source: the strategies of the kinds in kube-apiserver.
 */
import type { KubeObject, ObjectMeta } from '#shared/kubernetes/types.ts';
import type { Core } from '../core.ts';
import { cloneJson, equalJson } from '../json.ts';
import { resizedOnly } from '../kinds/pods/resize.ts';
import { keptPodStatus } from '../kinds/pods/status.ts';
import { immutable } from '../kinds/validation/field.ts';
import { statusMetadata } from '../status-metadata.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { mayMutate } from './admit.ts';

/** What is taken of a pod at endpoints that are for a part of it. */
export function takenOf(subresource: string, old: KubeObject, wanted: KubeObject): KubeObject {
  if (subresource === 'resize') return resizedOnly(old, wanted);
  return subresource === 'ephemeralcontainers' ? ephemeralOnly(old, wanted) : wanted;
}

/**
 * Whether a custom object was stored under the very definition that is in force, so that what a write to /status leaves
 * alone needs neither pruning nor defaults, and nobody else changes it in place.
 */
export function isSettled(core: Core, kind: KindDefinition, old: KubeObject): boolean {
  if (kind.custom === undefined || mayMutate(core, kind, 'UPDATE', 'status')) return false;
  return Number(old.metadata.resourceVersion) >= kind.custom.since;
}

/**
 * A write to /status changes status alone; of the metadata only what tells who wrote it. Defaults of custom kinds are
 * filled in in place: where they concern more than the status (`settled` says that they do not), all of it is copied.
 */
export function statusOnly(kind: KindDefinition, old: KubeObject, wanted: KubeObject, settled: boolean): KubeObject {
  const custom = kind.custom !== undefined;
  const base = custom && !settled ? cloneJson(old) : old;
  const result: KubeObject = { ...base, metadata: cloneJson(old.metadata) };
  if (wanted.status === undefined) delete result.status;
  else result.status = custom ? cloneJson(wanted.status) : wanted.status;
  for (const field of statusMetadata(kind)) {
    const value = wanted.metadata[field];
    if (value === undefined) delete result.metadata[field];
    else (result.metadata as Record<string, unknown>)[field] = value;
  }
  result.metadata.managedFields = wanted.metadata.managedFields;
  if (result.metadata.managedFields === undefined) delete result.metadata.managedFields;
  if (kind.resource === 'pods' && kind.group === '') result.status = keptPodStatus(result.status, old.status);
  return result;
}

/** A write to /ephemeralcontainers changes them alone. Source: apiserver, dropNonEphemeralContainerUpdates. */
function ephemeralOnly(old: KubeObject, wanted: KubeObject): KubeObject {
  const result = cloneJson(old);
  const { ephemeralContainers } = wanted.spec ?? {};
  if (ephemeralContainers === undefined) delete result.spec!.ephemeralContainers;
  else result.spec!.ephemeralContainers = ephemeralContainers;
  if (wanted.metadata.managedFields === undefined) delete result.metadata.managedFields;
  else result.metadata.managedFields = wanted.metadata.managedFields;
  for (const field of ['uid', 'resourceVersion'] as const)
    if (wanted.metadata[field] !== undefined) result.metadata[field] = wanted.metadata[field]!;
  return result;
}

/** A write to /finalize leaves the status of a namespace alone. */
export function allButStatus(old: KubeObject, wanted: KubeObject): KubeObject {
  const { status: _sent, ...result } = wanted;
  if (old.status !== undefined) result.status = old.status;
  if (result.spec !== undefined && (result.spec.finalizers ?? []).length === 0) delete result.spec.finalizers;
  return result;
}

/** What a client cannot change. */
export function keepMetadata(old: ObjectMeta, next: ObjectMeta, namespace: string, kind: KindDefinition): void {
  next.name = old.name;
  if (kind.namespaced) next.namespace = namespace;
  else delete next.namespace;
  for (const field of [
    'uid',
    'creationTimestamp',
    'resourceVersion',
    'generation',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const) {
    if (old[field] === undefined) delete next[field];
    else (next as Record<string, unknown>)[field] = old[field];
  }
  delete next.selfLink;
}

export function generationAfter(
  kind: KindDefinition,
  old: KubeObject,
  next: KubeObject,
  subresource: string,
  sentEmpty: boolean,
): number | undefined {
  const before = old.metadata.generation;
  // Giving a pod its node is no change of what was asked for.
  if (kind.generation === 'none' || subresource === 'status' || subresource === 'binding') return before;
  // Deployments copy their annotations to replica sets, so a change of them is one of the spec.
  const deployment = kind.group === 'apps' && kind.resource === 'deployments';
  if (deployment && !equalJson(old.metadata.annotations ?? {}, next.metadata.annotations ?? {}))
    return (before ?? 0) + 1;
  // Controllers find slices by their labels.
  const slice = kind.group === 'discovery.k8s.io';
  if (slice && !equalJson(old.metadata.labels ?? {}, next.metadata.labels ?? {})) return (before ?? 0) + 1;
  const { metadata: _a, status: _b, ...left } = old;
  const { metadata: _c, status: _d, ...right } = next;
  const same = kind.hasStatus
    ? equalJson(left, right)
    : equalJson({ ...left, status: old.status }, { ...right, status: next.status });
  return same && !sentEmpty ? before : (before ?? 0) + 1;
}

/** Nobody but the server marks an object for deletion. Metadata are checked twice, and clients see both causes. */
export function deletionErrors(old: ObjectMeta, next: ObjectMeta): FieldError[] {
  if (old.deletionTimestamp !== undefined) {
    // The time is put back, the seconds are not: none may be said where there are none, nor others.
    const { deletionGracePeriodSeconds: seconds } = next;
    if ((seconds ?? null) === null || seconds === old.deletionGracePeriodSeconds) return [];
    const changed = immutable('metadata.deletionGracePeriodSeconds', seconds, old.deletionGracePeriodSeconds);
    return [...changed, ...changed];
  }
  return (['deletionTimestamp', 'deletionGracePeriodSeconds'] as const).flatMap((field) => {
    const value = next[field] ?? null;
    if (value === null) return [];
    const message = `Invalid value: ${JSON.stringify(value)}: field is immutable`;
    const error: FieldError = { type: 'FieldValueInvalid', field: `metadata.${field}`, message };
    return [error, error];
  });
}

export function finalizerErrors(old: KubeObject, next: KubeObject): FieldError[] {
  if (old.metadata.deletionTimestamp === undefined) return [];
  const before = new Set(old.metadata.finalizers ?? []);
  const added = (next.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer)).sort();
  if (added.length === 0) return [];
  const found = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  const error: FieldError = {
    type: 'FieldValueForbidden',
    field: 'metadata.finalizers',
    message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`,
  };
  // Metadata are checked twice, and clients see both causes.
  return [error, error];
}
