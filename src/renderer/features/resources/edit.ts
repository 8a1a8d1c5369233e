/** Editing an object as text: what is shown, and what a newer version in the cluster does to a text being edited. Pure. */
import { parseDocument } from 'yaml';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { toYaml } from '#shared/kubernetes/yaml-text.ts';

/** The object as a person reads it; `managedFields` is bookkeeping of the server. */
export function textOf(object: KubeObject): string {
  const { managedFields: _bookkeeping, ...metadata } = object.metadata;
  return toYaml({ ...object, metadata });
}

/**
 * The edited text on top of the version that is in the cluster now: only the resourceVersion is replaced, so the person
 * decides about every other difference with both texts in view. Comments and order stay.
 */
export function rebase(text: string, current: KubeObject): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return text;
  document.setIn(['metadata', 'resourceVersion'], current.metadata.resourceVersion ?? '');
  return document.toString({ lineWidth: 0 });
}
