/** What is written to a member: the manifest, with what belongs to the member kept. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS } from '../api.ts';
import { builtIn, type Interpreter } from '../interpreter/index.ts';
import { covers } from '../json.ts';
import { MANAGED_BY } from '../management/lease.ts';

/** The object to PUT over the observed one. */
export function mergedObject(
  manifest: KubeObject,
  observed: KubeObject,
  interpreter: Interpreter = builtIn,
): KubeObject {
  const retained = interpreter.retain(manifest, observed);
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

const MOST_PATHS = 20;

/** Where the observed object is not what `merged` asks for, as `spec.replicas`; empty when only marks differ. */
export function differingPaths(observed: KubeObject, merged: KubeObject): string[] {
  const found: string[] = [];
  const { status: _, metadata, ...body } = merged;
  compare(observed, body, '', found);
  compare(observed.metadata, pick(metadata), 'metadata', found);
  return found.slice(0, MOST_PATHS);
}

function compare(actual: Json, wanted: Json, path: string, found: string[]): void {
  if (found.length >= MOST_PATHS || covers(actual, wanted)) return;
  const isTree = (value: Json): boolean => typeof value === 'object' && value !== null;
  if (!isTree(actual) || !isTree(wanted) || Array.isArray(actual) !== Array.isArray(wanted)) {
    found.push(path);
    return;
  }
  if (Array.isArray(wanted) && wanted.length !== actual.length) {
    found.push(path);
    return;
  }
  for (const key of Object.keys(wanted)) {
    const step = Array.isArray(wanted) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    compare(actual[key], wanted[key], step, found);
  }
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
  return key === MANAGED_BY || /(^|\.)karmada\.io\//.test(key);
}

export function isManaged(object: KubeObject): boolean {
  return object.metadata.labels?.[KEYS.managed] === 'true';
}
