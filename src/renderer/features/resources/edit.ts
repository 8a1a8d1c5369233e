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

/** What the server and controllers write, and no person. */
const BOOKKEEPING: readonly Path[] = [['metadata', 'resourceVersion'], ['metadata', 'generation'], ['status']];

type Path = readonly string[];

/**
 * The edited text on top of the version that is in the cluster now. Whatever the person left as it was in `base` becomes as
 * it is in `current`; where both changed one field or list, the person's stays and is seen beside the other. Without a
 * `base` only bookkeeping is taken over. Comments and order stay.
 */
export function rebase(text: string, current: KubeObject, base?: KubeObject): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return text;
  const take = (path: Path, value: unknown) => {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
  };
  function merge(path: Path, mine: unknown, was: unknown, now: unknown): void {
    if (same(mine, was)) {
      if (!same(was, now)) take(path, now);
    } else if (isMap(mine) && isMap(was) && isMap(now)) {
      for (const key of new Set([...Object.keys(was), ...Object.keys(now)]))
        merge([...path, key], mine[key], was[key], now[key]);
    }
  }
  if (base === undefined) for (const path of BOOKKEEPING) take(path, at(current, path));
  else {
    merge([], document.toJS(), plain(base), plain(current));
    document.setIn(['metadata', 'resourceVersion'], current.metadata.resourceVersion ?? '');
  }
  return document.toString({ lineWidth: 0 });
}

/** The text before a change, on top of what is there now: takes back what that change made of it, and nothing else. */
export function takenBack(before: string, after: KubeObject, current: KubeObject): string {
  return rebase(rebase(before, after), current, after);
}

/** Whether nobody but a controller, by reporting, wrote between two versions: then nothing of anybody is overwritten. */
export function onlyStatusMoved(before: KubeObject, after: KubeObject): boolean {
  return same(wish(before), wish(after));
}

function wish({ status: _status, metadata, ...rest }: KubeObject): unknown {
  const { managedFields: _managers, resourceVersion: _version, generation: _generation, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);
}

/** Without what `textOf` leaves out. */
function plain({ metadata: { managedFields: _managers, ...metadata }, ...rest }: KubeObject): unknown {
  return { ...rest, metadata };
}

function same(a: unknown, b: unknown): boolean {
  return hashKey([a]) === hashKey([b]);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
