/** Turns stored objects into what the client asked for: the object, a row of a table, its metadata alone. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { inVersion } from '../core.ts';
import { type Stored, textOf } from '../storage/types.ts';
import { toTable } from '../table/index.ts';
import type { KindDefinition } from '../types.ts';
import type { AcceptedView } from './accept.ts';
import { type ApiAnswer, jsonAnswer } from './types.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface ListMeta {
  resourceVersion: string;
  continue?: string | undefined;
  remainingItemCount?: number | undefined;
}

export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject');
  return value === 'None' || value === 'Object' ? value : 'Metadata';
}

export function presentObject(
  kind: KindDefinition,
  object: KubeObject,
  accept: AcceptedView,
  include: IncludeObject,
  status = 200,
  stored?: Stored,
): ApiAnswer {
  const shown = inVersion(kind, object);
  if (accept.view === 'object') {
    const text = stored?.text != null && stored.object === shown ? textOf(stored) : undefined;
    return withFormat(jsonAnswer(shown, status, text), accept);
  }
  if (accept.view === 'metadata') return withFormat(jsonAnswer(partial(shown, accept), status), accept);
  const table = toTable(
    kind,
    [shown],
    { resourceVersion: shown.metadata.resourceVersion ?? '' },
    tableOptions(include),
  );
  return withFormat(jsonAnswer(versioned(table, accept), status), accept);
}

export function presentList(
  kind: KindDefinition,
  objects: readonly KubeObject[],
  meta: ListMeta,
  accept: AcceptedView,
  include: IncludeObject,
): ApiAnswer {
  const metadata = {
    resourceVersion: meta.resourceVersion,
    ...(meta.continue === undefined ? {} : { continue: meta.continue }),
    ...(meta.remainingItemCount === undefined ? {} : { remainingItemCount: meta.remainingItemCount }),
  };
  if (accept.view === 'table') {
    const shown = objects.map((object) => inVersion(kind, object));
    return withFormat(jsonAnswer(versioned(toTable(kind, shown, metadata, tableOptions(include)), accept)), accept);
  }
  if (accept.view === 'metadata') {
    const items = objects.map((object) => partial(object, accept));
    const list = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${accept.version}`, metadata, items };
    return withFormat(jsonAnswer(list), accept);
  }
  // Built-in kinds leave kind and apiVersion out of list items, custom resources carry them.
  const items =
    kind.custom === undefined
      ? objects.map(({ kind: _kind, apiVersion: _apiVersion, ...rest }) => rest)
      : objects.map((object) => inVersion(kind, object));
  return withFormat(jsonAnswer({ kind: kind.listKind, apiVersion: apiVersionOf(kind), metadata, items }), accept);
}

/** The object of a watch event; bookmarks have no row. */
export function presentEventObject(
  kind: KindDefinition,
  object: KubeObject,
  accept: AcceptedView,
  include: IncludeObject,
  bookmark: boolean,
  first: boolean,
): KubeObject {
  if (accept.view === 'object') return inVersion(kind, object);
  if (accept.view === 'metadata') return partial(object, accept) as unknown as KubeObject;
  const shown = bookmark ? [] : [inVersion(kind, object)];
  const table = toTable(kind, shown, { resourceVersion: object.metadata.resourceVersion ?? '' }, tableOptions(include));
  const result = versioned(table, accept) as unknown as KubeObject & { columnDefinitions?: unknown };
  if (bookmark) return { ...result, metadata: object.metadata };
  return first ? result : { ...result, columnDefinitions: null };
}

function partial(object: KubeObject, accept: AcceptedView): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${accept.version}`, metadata: object.metadata };
}

function versioned<T extends object>(table: T, accept: AcceptedView): T {
  return accept.version === 'v1' ? table : { ...table, apiVersion: `meta.k8s.io/${accept.version}` };
}

function tableOptions(includeObject: IncludeObject): { includeObject: IncludeObject; now: number } {
  return { includeObject, now: Date.now() };
}

function withFormat(answer: ApiAnswer, accept: AcceptedView): ApiAnswer {
  if (accept.format === 'yaml' && answer.body.kind === 'json') answer.body.contentType = 'application/yaml';
  return answer;
}
