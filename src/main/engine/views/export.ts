/**
 * Rows of a view as a text to keep or to send: CSV of what the table shows, or the objects themselves, read again from
 * their clusters in pages, as a List that kubectl accepts. Values of Secrets are masked as everywhere.
 */
import type { Exported, ExportFormat, Target } from '#shared/contract/views.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import { type KubeObject, objectKey, type ResourceRef } from '#shared/kubernetes/types.ts';
import type { KubeClient } from '../kube/index.ts';
import type { KindDefinition } from './columns/index.ts';
import type { Row } from './row.ts';

export interface ExportSource {
  resource: ResourceRef;
  definition: KindDefinition;
  rows: readonly Row[];
  client: (target: Target) => KubeClient;
  /** What may leave the engine of an object. */
  presentable: (object: KubeObject) => KubeObject;
  signal: AbortSignal | undefined;
}

/** A table of a whole fleet still opens in a spreadsheet; manifests are larger by two orders. */
const MOST_ROWS = 200_000;
const MOST_OBJECTS = 5_000;
const PAGE = 500;
/** Up to so many objects of one cluster are read one by one rather than by listing everything. */
const FEW = 20;

export async function exportRows(
  source: ExportSource,
  format: ExportFormat,
  columns: readonly string[] | undefined,
): Promise<Exported> {
  if (format === 'csv') {
    const rows = source.rows.slice(0, MOST_ROWS);
    return { text: csv(source.definition, rows, columns), count: rows.length, left: source.rows.length - rows.length };
  }
  const items = await objectsOf(source, source.rows.slice(0, MOST_OBJECTS));
  const list = { apiVersion: 'v1', kind: 'List', items };
  const text = format === 'json' ? `${JSON.stringify(list, null, 2)}\n` : await yaml(items);
  return { text, count: items.length, left: source.rows.length - items.length };
}

/** RFC 4180. A cell that a spreadsheet would run as a formula is kept from being one: names come from clusters. */
export function csv(definition: KindDefinition, rows: readonly Row[], columns: readonly string[] | undefined): string {
  const own: { id: string; title: string; of: (row: Row) => string | number | null }[] = [
    { id: 'target', title: 'Cluster', of: (row) => row.source.name },
    { id: 'namespace', title: 'Namespace', of: (row) => row.namespace },
    { id: 'name', title: 'Name', of: (row) => row.name },
    ...definition.columns.map(({ id, title }, index) => ({ id, title, of: (row: Row) => row.cells[index] ?? null })),
  ];
  const wanted = columns === undefined ? own : columns.flatMap((id) => own.find((column) => column.id === id) ?? []);
  const lines = [wanted.map(({ title }) => field(title)).join(',')];
  for (const row of rows) lines.push(wanted.map(({ of }) => field(of(row))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) && !/^-?\d/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function yaml(items: readonly KubeObject[]): Promise<string> {
  const { stringify } = await import('yaml');
  return items.map((item) => `---\n${stringify(item, { lineWidth: 0, aliasDuplicateObjects: false })}`).join('');
}

/** In the order of the rows; what is gone by now is left out, what cannot be read is an error. */
async function objectsOf(source: ExportSource, rows: readonly Row[]): Promise<KubeObject[]> {
  const byTarget = Map.groupBy(rows, (row) => row.source);
  const found = new Map<Row, KubeObject>();
  await Promise.all(
    [...byTarget].map(async ([{ target, name }, wanted]) => {
      try {
        const client = source.client(target);
        const there = { ...source, resource: await servedVersion(client, source.resource) };
        if (wanted.length <= FEW) await readEach(client, there, wanted, found);
        else await readPages(client, there, wanted, found);
      } catch (error) {
        const { code, message, ...options } = toErrorShape(error, name);
        throw new AppError(code, message, options);
      }
    }),
  );
  return rows.flatMap((row) => found.get(row) ?? []);
}

/** An older or newer cluster may serve the kind under another version. */
async function servedVersion(client: KubeClient, wanted: ResourceRef): Promise<ResourceRef> {
  const served = (await client.resources()).filter(
    ({ group, resource }) => group === wanted.group && resource === wanted.resource,
  );
  return served.find(({ version }) => version === wanted.version) ?? served[0] ?? wanted;
}

async function readEach(
  client: KubeClient,
  { resource, presentable, signal }: ExportSource,
  rows: readonly Row[],
  found: Map<Row, KubeObject>,
): Promise<void> {
  for (const row of rows) {
    const object = await client.find(resource, row.name, {
      ...(row.namespace === '' ? {} : { namespace: row.namespace }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (object !== null) found.set(row, presentable(object));
  }
}

async function readPages(
  client: KubeClient,
  { resource, presentable, signal }: ExportSource,
  rows: readonly Row[],
  found: Map<Row, KubeObject>,
): Promise<void> {
  const wanted = new Map(rows.map((row) => [row.namespace === '' ? row.name : `${row.namespace}/${row.name}`, row]));
  const namespaces = new Set(rows.map((row) => row.namespace));
  // One namespace is read alone: who may not list all of them may list that one.
  const [only] = namespaces.size === 1 ? namespaces : [''];
  const where = { limit: PAGE, ...(only === '' || only === undefined ? {} : { namespace: only }) };
  let next: string | undefined;
  do {
    const page = await client.list(resource, { ...where, continue: next, ...(signal === undefined ? {} : { signal }) });
    for (const item of page.items) {
      const row = wanted.get(objectKey(item));
      if (row !== undefined) found.set(row, presentable(item));
    }
    next = page.metadata?.continue === '' ? undefined : page.metadata?.continue;
  } while (next !== undefined && found.size < wanted.size);
}
