/** What is written to a member: the manifest, with what belongs to the member kept. Pure. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS } from '../api.ts';
import { retainKind } from '../interpreter/index.ts';
import { covers } from '../json.ts';

/** The object to PUT over the observed one. */
export function mergedObject(manifest: KubeObject, observed: KubeObject): KubeObject {
  const retained = retainKind(manifest, observed);
  const { resourceVersion, uid, finalizers, ownerReferences } = observed.metadata;
  return {
    ...retained,
    metadata: {
      ...retained.metadata,
      labels: mergeMap(retained, observed, 'labels', KEYS.managedLabels),
      annotations: mergeMap(retained, observed, 'annotations', KEYS.managedAnnotations),
      resourceVersion,
      uid,
      ...(finalizers === undefined ? {} : { finalizers }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
  };
}

/** Keys the member added stay; keys the federation once set and has dropped go. */
function mergeMap(
  wanted: KubeObject,
  observed: KubeObject,
  field: 'labels' | 'annotations',
  record: string,
): Record<string, string> {
  const ours = new Set((observed.metadata.annotations?.[record] ?? '').split(','));
  const theirs = Object.entries(observed.metadata[field] ?? {}).filter(([key]) => !ours.has(key));
  return { ...Object.fromEntries(theirs), ...wanted.metadata[field] };
}

/** Whether the observed object already is what `merged` asks for; defaults that the member filled in do not count. */
export function isAsDesired(merged: KubeObject, observed: KubeObject): boolean {
  const { metadata, status: _, ...body } = merged;
  return isMarkedAs(merged, observed) && covers(observed, body) && covers(observed.metadata, pick(metadata));
}

/** Labels and annotations alone. */
export function isMarkedAs(merged: KubeObject, observed: KubeObject): boolean {
  for (const field of ['labels', 'annotations'] as const) {
    const wanted = merged.metadata[field] ?? {};
    const actual = observed.metadata[field] ?? {};
    if (Object.keys(wanted).length !== Object.keys(actual).length) return false;
    if (!covers(actual, wanted)) return false;
  }
  return true;
}

function pick({ labels, annotations }: KubeObject['metadata']): KubeObject['metadata'] {
  return { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
}

/** A copy without any trace of the federation: for objects that are kept when the federation lets go of them. */
export function withoutMarks(object: KubeObject): KubeObject {
  const copy = structuredClone(object);
  const { annotations = {}, labels = {} } = copy.metadata;
  for (const key of Object.keys(labels)) if (isOurs(key)) delete labels[key];
  for (const key of Object.keys(annotations)) if (isOurs(key)) delete annotations[key];
  return copy;
}

function isOurs(key: string): boolean {
  return /(^|\.)karmada\.io\//.test(key);
}

export function isManaged(object: KubeObject): boolean {
  return object.metadata.labels?.[KEYS.managed] === 'true';
}
