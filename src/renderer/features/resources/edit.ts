/** Editing an object as text: what is shown, and what a newer version in the cluster does to a text being edited. Pure. */
import { hashKey } from '@tanstack/react-query';
import { parseDocument } from 'yaml';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { toYaml } from '#shared/kubernetes/yaml-text.ts';

/** The object as a person reads it; `managedFields` is bookkeeping of the server. */
export function textOf(object: KubeObject): string {
  const { managedFields: _bookkeeping, ...metadata } = object.metadata;
  return toYaml({ ...object, metadata });
}

/** What the server and controllers write while a person writes, by path. */
const BOOKKEEPING = [['metadata', 'generation'], ['status']] as const;

/**
 * The edited text on top of the version that is in the cluster now. The resourceVersion is replaced, and what is only
 * bookkeeping, unless the person changed it since `base`; about every other difference the person decides with both
 * texts in view. Comments and order stay.
 */
export function rebase(text: string, current: KubeObject, base?: KubeObject): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return text;
  document.setIn(['metadata', 'resourceVersion'], current.metadata.resourceVersion ?? '');
  const written: unknown = document.toJS();
  for (const path of BOOKKEEPING) {
    if (base !== undefined && hashKey([at(written, path)]) !== hashKey([at(base, path)])) continue;
    const value = at(current, path);
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
  }
  return document.toString({ lineWidth: 0 });
}

/** Whether nobody but a controller, by reporting, wrote between two versions: then nothing of anybody is overwritten. */
export function onlyStatusMoved(before: KubeObject, after: KubeObject): boolean {
  return hashKey([wish(before)]) === hashKey([wish(after)]);
}

function wish({ status: _status, metadata, ...rest }: KubeObject): unknown {
  const { managedFields: _managers, resourceVersion: _version, generation: _generation, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);
}
