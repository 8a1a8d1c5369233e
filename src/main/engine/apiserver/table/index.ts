/**
 * Server-side printing: meta.k8s.io Tables and PartialObjectMetadata, chosen by the Accept header.
 * Source: API concepts, "Receiving resources as Tables"; meta/v1 Table.
 */
import type { KubeList, KubeObject } from '#shared/kubernetes/types.ts';
import { badRequest } from '../status.ts';
import type { KindDefinition, TableColumn } from '../types.ts';
import { age, NAME_DESCRIPTION } from './cells.ts';
import { columnDescription } from './descriptions.ts';

export { humanDuration } from './cells.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';
export type MetaVersion = 'v1' | 'v1beta1';

export interface TableOptions {
  includeObject: IncludeObject;
  /** Milliseconds since the epoch, for ages. */
  now: number;
  /** Default v1. */
  version?: MetaVersion;
  /** False leaves the column definitions out, as a watch does after its first event. */
  columnDefinitions?: boolean;
}

export interface Table {
  kind: 'Table';
  apiVersion: string;
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  columnDefinitions: { name: string; type: string; format: string; description: string; priority: number }[] | null;
  /** Null is what kinds without a printer of their own answer for no rows. */
  rows: { cells: unknown[]; object: unknown }[] | null;
}

interface MediaType {
  type: string;
  params: Map<string, string>;
}

function mediaTypes(accept: string): MediaType[] {
  return accept.split(',').map((part) => {
    const [type = '', ...rest] = part.split(';').map((piece) => piece.trim());
    const pairs = rest.map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    });
    return { type, params: new Map(pairs) };
  });
}

/** First media type of the list that asks for `as` in a version we know, unless one we also serve comes before it. */
function parseAs(accept: string, as: readonly string[]): { version: MetaVersion; as: string } | null {
  for (const { type, params } of mediaTypes(accept)) {
    const wanted = params.get('as');
    if (wanted === undefined) {
      if (type === 'application/json' || type === 'application/yaml' || type === '*/*' || type === 'application/*')
        return null;
      continue;
    }
    const version = params.get('v');
    if (type !== 'application/json' || params.get('g') !== 'meta.k8s.io') continue;
    if (as.includes(wanted) && (version === 'v1' || version === 'v1beta1')) return { version, as: wanted };
    if (['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'].includes(wanted)) return null;
  }
  return null;
}

export function parseTableAccept(accept: string): { version: MetaVersion } | null {
  const found = parseAs(accept, ['Table']);
  return found === null ? null : { version: found.version };
}

/** `list` says that the list form was asked for; the caller refuses what does not fit (406). */
export function parsePartialMetadataAccept(accept: string): { version: MetaVersion; list: boolean } | null {
  const found = parseAs(accept, ['PartialObjectMetadata', 'PartialObjectMetadataList']);
  return found === null ? null : { version: found.version, list: found.as === 'PartialObjectMetadataList' };
}

/** The `includeObject` query parameter; empty means Metadata. */
export function parseIncludeObject(value: string | null | undefined): IncludeObject {
  if (value === undefined || value === null || value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  const text = `Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: includeObject: ${text}`);
}

const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: NAME_DESCRIPTION,
  cell: (object) => object.metadata.name ?? '',
};

export function toTable(
  kind: Pick<KindDefinition, 'columns' | 'nameCell' | 'rowOrder'> &
    Partial<Pick<KindDefinition, 'resource' | 'custom'>>,
  objects: readonly KubeObject[],
  listMeta: Table['metadata'],
  options: TableOptions,
): Table {
  const { nameCell, rowOrder } = kind;
  const first = nameCell === undefined ? nameColumn : { ...nameColumn, cell: nameCell };
  const own = kind.columns ?? [age];
  // An event's name says nothing and comes last.
  const columns = own.some(({ name }) => name === nameColumn.name)
    ? own
    : [kind.columns === scaleColumns ? { ...first, format: '' } : first, ...own];
  const version = options.version ?? 'v1';
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: listMeta,
    columnDefinitions:
      options.columnDefinitions === false
        ? null
        : columns.map(({ name, type, format, description, priority }) => ({
            name,
            type,
            format: format ?? '',
            description: description ?? (kind.custom ? '' : columnDescription(kind.resource ?? '', name)),
            priority: priority ?? 0,
          })),
    rows: (rowOrder === undefined ? objects : [...objects].sort(rowOrder)).map((object) => ({
      cells: columns.map((column) => cellOf(column, object, options.now)),
      object: rowObject(object, options.includeObject, version),
    })),
  };
}

/** One hostile object must not take the whole table with it. */
function cellOf(column: TableColumn, object: KubeObject, now: number): unknown {
  try {
    return column.cell(object, now);
  } catch {
    return column.type === 'string' ? '<unknown>' : null;
  }
}

function rowObject(object: KubeObject, include: IncludeObject, version: MetaVersion): unknown {
  if (include === 'None') return null;
  return include === 'Object' ? object : toPartialMetadata(object, version);
}

export function toPartialMetadata(object: KubeObject, version: MetaVersion = 'v1'): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

export function toPartialMetadataList(list: KubeList, version: MetaVersion = 'v1'): KubeList {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: list.metadata,
    items: list.items.map((item) => toPartialMetadata(item, version)),
  };
}

/** Table of a scale subresource. */
/** What the scale of a custom resource says of the same columns. */
export const customScaleColumns: TableColumn[] = [
  {
    name: 'Desired',
    type: 'integer',
    description: 'Number of desired replicas',
    cell: (scale) => scale.spec?.replicas ?? 0,
  },
  {
    name: 'Available',
    type: 'integer',
    description: 'Number of actual replicas',
    cell: (scale) => scale.status?.replicas ?? 0,
  },
  { ...age, type: 'date' },
];

export const scaleColumns: TableColumn[] = [
  {
    name: 'Desired',
    type: 'integer',
    description: 'replicas is the desired number of instances for the scaled object.',
    cell: (scale) => scale.spec?.replicas ?? 0,
  },
  {
    name: 'Available',
    type: 'integer',
    description: 'replicas is the actual number of observed instances of the scaled object.',
    cell: (scale) => scale.status?.replicas ?? 0,
  },
  age,
];
