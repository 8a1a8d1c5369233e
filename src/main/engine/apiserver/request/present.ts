/** Turns stored objects into what the client asked for: the object, a row of a table, its metadata alone. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { inVersion } from '../core.ts';
import { refuse } from '../status.ts';
import type { Stored } from '../storage/stored.ts';
import { type IncludeObject, type Table, toPartialMetadata, toTable } from '../table/index.ts';
import type { KindDefinition } from '../types.ts';
import type { AcceptedView } from './accept.ts';
import { type ApiAnswer, jsonAnswer } from './types.ts';

/** Just enough of meta/v1 Status to tell it from an object. */
export interface StatusObject {
  kind: 'Status';
  apiVersion: 'v1';
  [field: string]: unknown;
}

export interface ListMeta {
  resourceVersion: string;
  continue?: string | undefined;
  remainingItemCount?: number | undefined;
}

/** What is stored, as its text where that can be sent as it is. */
export function presentStored(
  kind: KindDefinition,
  stored: Stored,
  accept: AcceptedView,
  include: IncludeObject,
  status = 200,
): ApiAnswer {
  if (accept.view === 'object' && isStoredAs(kind, stored))
    return withFormat({ status, body: { kind: 'text', text: stored.text, stored } }, accept);
  return presentObject(kind, stored.object, accept, include, status);
}

export function presentObject(
  kind: KindDefinition,
  object: KubeObject,
  accept: AcceptedView,
  include: IncludeObject,
  status = 200,
): ApiAnswer {
  const shown = inVersion(kind, object);
  if (accept.view === 'object') return withFormat(jsonAnswer(shown, status), accept);
  if (accept.view === 'metadata') {
    if (accept.list && kind.custom !== undefined) throw refuse(500, '', 'content is not a list');
    if (accept.list) throw wrongForm('PartialObjectMetadataList', `is not a list (*${goType(kind, '')})`);
    return withFormat(jsonAnswer(toPartialMetadata(shown, accept.version), status), accept);
  }
  const meta = { resourceVersion: shown.metadata.resourceVersion ?? '' };
  return withFormat(jsonAnswer(tableOf(kind, [shown], meta, accept, include), status), accept);
}

/** What a review, an action or a deletion answers with; a Status is never transformed. */
export function presentAction(object: KubeObject | StatusObject, accept: AcceptedView, status: number): ApiAnswer {
  const isWhole = accept.view === 'object' || object.kind === 'Status';
  const shown = isWhole ? object : toPartialMetadata(object as KubeObject, accept.version);
  return withFormat(jsonAnswer(shown, status), accept);
}

/** A list of what is stored: its items are the stored texts. */
export function presentStoredList(
  kind: KindDefinition,
  rows: readonly Stored[],
  meta: ListMeta,
  accept: AcceptedView,
  include: IncludeObject,
): ApiAnswer {
  if (accept.view !== 'object') {
    const objects = rows.map(({ object }) => object);
    return presentList(kind, objects, meta, accept, include);
  }
  const metadata = kind.custom === undefined ? listMetaOf(meta) : { continue: '', ...listMetaOf(meta) };
  const items = rows.map((stored) => itemText(kind, stored));
  const head = JSON.stringify({ kind: kind.listKind, apiVersion: apiVersionOf(kind), metadata }).slice(0, -1);
  const text = `${head},"items":[${items.join(',')}]}`;
  return withFormat({ status: 200, body: { kind: 'text', text } }, accept);
}

/** Built-in kinds leave kind and apiVersion out of list items, custom resources carry them. */
function itemText(kind: KindDefinition, stored: Stored): string {
  const asStored = isStoredAs(kind, stored);
  if (kind.custom !== undefined) return asStored ? stored.text : JSON.stringify(inVersion(kind, stored.object));
  if (asStored) return `{${stored.text.slice(typeTextOf(kind).length)}`;
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = inVersion(kind, stored.object);
  return JSON.stringify(rest);
}

/** Whether the stored text is in the version that is asked for. */
export function isStoredAs(kind: KindDefinition, stored: Stored): boolean {
  if (kind.custom !== undefined && stored.revision < kind.custom.since) return false;
  return stored.text.startsWith(typeTextOf(kind));
}

const typeTexts = new WeakMap<KindDefinition, string>();

/** How the text of every object of the kind begins: `objectOf` puts these fields first. */
function typeTextOf(kind: KindDefinition): string {
  let text = typeTexts.get(kind);
  if (text === undefined) {
    text = `${JSON.stringify({ kind: kind.kind, apiVersion: apiVersionOf(kind) }).slice(0, -1)},`;
    typeTexts.set(kind, text);
  }
  return text;
}

function listMetaOf(meta: ListMeta): ListMeta {
  return {
    resourceVersion: meta.resourceVersion,
    ...(meta.continue === undefined ? {} : { continue: meta.continue }),
    ...(meta.remainingItemCount === undefined ? {} : { remainingItemCount: meta.remainingItemCount }),
  };
}

export function presentList(
  kind: KindDefinition,
  objects: readonly KubeObject[],
  meta: ListMeta,
  accept: AcceptedView,
  include: IncludeObject,
): ApiAnswer {
  const metadata = listMetaOf(meta);
  if (accept.view === 'table') {
    const shown = objects.map((object) => inVersion(kind, object));
    return withFormat(jsonAnswer(tableOf(kind, shown, metadata, accept, include)), accept);
  }
  if (accept.view === 'metadata') {
    if (!accept.list) throw wrongForm('PartialObjectMetadata', `is a list (*${goType(kind, 'List')})`);
    // An empty list of these is written as null.
    const partial = objects.map((object) => toPartialMetadata(object, accept.version));
    const items = partial.length === 0 ? null : partial;
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

/** Annotation of the bookmark behind the events that show what there was. Source: KEP-3157. */
export const INITIAL_END = 'k8s.io/initial-events-end';

/** The object of a watch event; that of a bookmark has a row like any other, which says nothing but where it stands. */
export function presentEventObject(
  kind: KindDefinition,
  object: KubeObject,
  accept: AcceptedView,
  include: IncludeObject,
  first: boolean,
): KubeObject {
  if (accept.view === 'object') return inVersion(kind, object);
  if (accept.view === 'metadata') return toPartialMetadata(object, accept.version);
  const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
  // The row at the end of the initial events says so in its object, which nobody leaves out.
  const includes = object.metadata.annotations?.[INITIAL_END] === 'true' && include === 'None' ? 'Metadata' : include;
  return tableOf(kind, [inVersion(kind, object)], metadata, accept, includes, first) as unknown as KubeObject;
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

/** `apps.Deployment`, as Go prints internal types; those of custom resources are all one. */
function goType(kind: KindDefinition, suffix: string): string {
  if (kind.custom !== undefined) return `unstructured.Unstructured${suffix}`;
  return `${kind.group === '' ? 'core' : kind.group.split('.', 1)[0]}.${kind.kind}${suffix}`;
}

function withFormat(answer: ApiAnswer, accept: AcceptedView): ApiAnswer {
  const { body } = answer;
  if (accept.format === 'yaml' && (body.kind === 'json' || body.kind === 'text')) body.contentType = 'application/yaml';
  return answer;
}
