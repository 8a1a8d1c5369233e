/** Turns stored objects into what the client asked for: the object, a row of a table, its metadata alone. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { inVersion } from '../core.ts';
import { refuse } from '../status.ts';
import { type Stored, textOf } from '../storage/types.ts';
import { type IncludeObject, type Table, toPartialMetadata, toTable } from '../table/index.ts';
import type { KindDefinition } from '../types.ts';
import type { AcceptedView } from './accept.ts';
import { type ApiAnswer, jsonAnswer } from './types.ts';

export interface ListMeta {
  resourceVersion: string;
  continue?: string | undefined;
  remainingItemCount?: number | undefined;
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
  if (accept.view === 'metadata') {
    if (accept.list) throw wrongForm('PartialObjectMetadataList', `is not a list (*${goType(kind)})`);
    return withFormat(jsonAnswer(toPartialMetadata(shown, accept.version), status), accept);
  }
  const meta = { resourceVersion: shown.metadata.resourceVersion ?? '' };
  return withFormat(jsonAnswer(tableOf(kind, [shown], meta, accept, include), status), accept);
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
    return withFormat(jsonAnswer(tableOf(kind, shown, metadata, accept, include)), accept);
  }
  if (accept.view === 'metadata') {
    if (!accept.list) throw wrongForm('PartialObjectMetadata', `is a list (*${goType(kind)}List)`);
    const items = objects.map((object) => toPartialMetadata(object, accept.version));
    const list = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${accept.version}`, metadata, items };
    return withFormat(jsonAnswer(list), accept);
  }
  // Built-in kinds leave kind and apiVersion out of list items, custom resources carry them.
  const items =
    kind.custom === undefined
      ? objects.map(({ kind: _kind, apiVersion: _apiVersion, ...rest }) => rest)
      : objects.map((object) => inVersion(kind, object));
  const listMeta = kind.custom === undefined ? metadata : { continue: '', ...metadata };
  return withFormat(
    jsonAnswer({ kind: kind.listKind, apiVersion: apiVersionOf(kind), metadata: listMeta, items }),
    accept,
  );
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
  if (accept.view === 'metadata') return toPartialMetadata(object, accept.version);
  const shown = bookmark ? [] : [inVersion(kind, object)];
  const meta = bookmark ? object.metadata : { resourceVersion: object.metadata.resourceVersion ?? '' };
  return tableOf(kind, shown, meta as Table['metadata'], accept, include, first) as unknown as KubeObject;
}

function tableOf(
  kind: KindDefinition,
  objects: readonly KubeObject[],
  metadata: Table['metadata'],
  accept: AcceptedView,
  includeObject: IncludeObject,
  columnDefinitions = true,
): Table {
  const table = toTable(kind, objects, metadata, {
    includeObject,
    now: Date.now(),
    version: accept.version,
    columnDefinitions,
  });
  // What serves custom resources and their definitions writes no rows as null.
  const extension = kind.custom !== undefined || kind.group === 'apiextensions.k8s.io';
  return extension && table.rows?.length === 0 ? { ...table, rows: null } : table;
}

function wrongForm(asked: string, problem: string): Error {
  return refuse(406, 'NotAcceptable', `you requested ${asked}, but the requested object ${problem}`);
}

/** `apps.Deployment`, as Go prints internal types. */
function goType(kind: KindDefinition): string {
  return `${kind.group === '' ? 'core' : kind.group.split('.', 1)[0]}.${kind.kind}`;
}

function withFormat(answer: ApiAnswer, accept: AcceptedView): ApiAnswer {
  if (accept.format === 'yaml' && answer.body.kind === 'json') answer.body.contentType = 'application/yaml';
  return answer;
}
