/**
 * Cell values shared by the kinds' tables: ages, durations, lists cut as kubectl cuts them, label selectors as text.
 * Source: kubectl output conventions (printers of the API server), duration.HumanDuration.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { fieldDescription } from '../openapi/texts.ts';
import type { TableColumn } from '../types.ts';

export const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
export const CREATED_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

/** A duration as kubectl prints it: `45s`, `3m12s`, `5h3m`, `2d4h`, `400d`, `2y35d`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return join(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(seconds / 3600);
  if (hours < 8) return join(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 192) return join(Math.trunc(hours / 24), 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24)}d`;
  if (hours < 24 * 365 * 8) return join(Math.trunc(hours / 24 / 365), 'y', Math.trunc(hours / 24) % 365, 'd');
  return `${Math.trunc(hours / 24 / 365)}y`;
}

function join(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
}

/** Time since a timestamp; `<unknown>` when there is none. */
export function since(timestamp: unknown, now: number): string {
  if (typeof timestamp !== 'string' || timestamp === '') return '<unknown>';
  const then = Date.parse(timestamp);
  return Number.isNaN(then) ? '<unknown>' : humanDuration(now - then);
}

/** The Age column of nearly every kind. */
export const age: TableColumn = {
  name: 'Age',
  type: 'string',
  description: CREATED_DESCRIPTION,
  cell: (object, now) => since(object.metadata.creationTimestamp, now),
};

/** Kinds without a printer of their own show when they were created. */
export const createdAt: TableColumn = {
  name: 'Created At',
  type: 'date',
  description: CREATED_DESCRIPTION,
  cell: (object) => object.metadata.creationTimestamp ?? null,
};

export interface ColumnOptions {
  priority?: number;
  type?: TableColumn['type'];
  format?: string;
  description?: string;
  /** Type and field whose documentation describes the column; read when a table is asked for. */
  from?: [type: string, field: string];
}

/** A text column. `priority` 1 shows it with `-o wide` alone. */
export function text(
  name: string,
  cell: (object: KubeObject, now: number) => string | number | boolean,
  { priority, type, format, description, from }: ColumnOptions = {},
): TableColumn {
  const column: TableColumn = { name, type: type ?? 'string', cell };
  if (priority !== undefined) column.priority = priority;
  if (format !== undefined) column.format = format;
  if (description !== undefined) column.description = description;
  if (from !== undefined)
    Object.defineProperty(column, 'description', { enumerable: true, get: () => fieldDescription(...from) });
  return column;
}

export function wide(
  name: string,
  cell: (object: KubeObject, now: number) => string | number | boolean,
  options: ColumnOptions = {},
): TableColumn {
  return text(name, cell, { ...options, priority: 1 });
}

export function integer(name: string, cell: (object: KubeObject) => number, options: ColumnOptions = {}): TableColumn {
  return text(name, cell, { ...options, type: 'integer' });
}

/** `a,b,c + 2 more...` beyond `max` entries. */
export function firstOf(items: readonly string[], max: number, empty = '<none>'): string {
  if (items.length === 0) return empty;
  if (items.length <= max) return items.join(',');
  return `${items.slice(0, max).join(',')} + ${items.length - max} more...`;
}

/** A LabelSelector in selector syntax: `app=web,tier in (a,b)`; `<none>` when empty. */
export function selectorText(selector: Json): string {
  if (selector === null || typeof selector !== 'object') return '<none>';
  const parts: { key: string; text: string }[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) parts.push({ key, text: `${key}=${value}` });
  for (const expression of selector.matchExpressions ?? []) {
    const key = String(expression.key);
    const values = [...(expression.values ?? [])].sort().join(',');
    if (expression.operator === 'Exists') parts.push({ key, text: key });
    else if (expression.operator === 'DoesNotExist') parts.push({ key, text: `!${key}` });
    else parts.push({ key, text: `${key} ${expression.operator === 'In' ? 'in' : 'notin'} (${values})` });
  }
  if (parts.length === 0) return '<none>';
  parts.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return parts.map((part) => part.text).join(',');
}

/** A plain map of labels as text. */
export function labelsText(labels: Json): string {
  const entries = Object.entries((labels ?? {}) as Record<string, string>).map(([key, value]) => `${key}=${value}`);
  return entries.length === 0 ? '<none>' : entries.sort().join(',');
}

const CONTAINERS = 'Names of each container in the template.';
const IMAGES = 'Images referenced by each container in the template.';

/** The wide columns of everything that holds a pod template. `at` finds the template. */
export function templateColumns(at: (object: KubeObject) => Json): TableColumn[] {
  const containers = (object: KubeObject): Json[] => at(object)?.spec?.containers ?? [];
  return [
    wide(
      'Containers',
      (object) =>
        containers(object)
          .map((each) => each.name)
          .join(','),
      { description: CONTAINERS },
    ),
    wide(
      'Images',
      (object) =>
        containers(object)
          .map((each) => each.image ?? '')
          .join(','),
      { description: IMAGES },
    ),
  ];
}
