/**
 * What a kind's definition is made of: which columns it has, how a cell is read from an object, and how a row's state is
 * judged. Definitions are data with small pure functions. Objects come from clusters: every field may be missing or of
 * another type than the API reference says, so cells are read with the helpers here, which never throw on plain JSON.
 */
import type { ViewColumn, ViewRow } from '#shared/contract/views.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

export type Cell = string | number | null;
export type Level = ViewRow['level'];

export interface ColumnDefinition extends ViewColumn {
  cell(object: KubeObject): Cell;
  /** Filled from the metrics API, not from the object. */
  usage?: 'cpu' | 'memory';
}

export interface KindDefinition {
  /** `<resource>.<group>`, `<resource>` for the core group: any version. */
  resource: string;
  columns: ColumnDefinition[];
  /** Columns come from the server: objects are asked for as a table, and shown to `learn` before their row is made. */
  readonly served?: boolean;
  learn?(object: KubeObject): void;
  /** Health of a row; `none` for kinds that have none. */
  level?(object: KubeObject): Level;
}

export function text(id: string, title: string, cell: (object: KubeObject) => Cell, priority = 0): ColumnDefinition {
  return { id, title, kind: 'text', priority, cell };
}
export function number(id: string, title: string, cell: (object: KubeObject) => Cell, priority = 0): ColumnDefinition {
  return { id, title, kind: 'number', priority, cell };
}
export function status(id: string, title: string, cell: (object: KubeObject) => Cell, priority = 0): ColumnDefinition {
  return { id, title, kind: 'status', priority, cell };
}
/** A Kubernetes quantity as written (`16Gi`); sorted by its value. */
export function quantity(
  id: string,
  title: string,
  cell: (object: KubeObject) => Cell,
  priority = 0,
): ColumnDefinition {
  return { id, title, kind: 'quantity', priority, cell };
}
/** An ISO time; shown and sorted as the time since then. */
export function since(id: string, title: string, cell: (object: KubeObject) => Cell, priority = 0): ColumnDefinition {
  return { id, title, kind: 'age', priority, cell };
}
/** CPU and memory in use, for kinds that the metrics API measures. */
export const usage: ColumnDefinition[] = [
  { ...quantity('usedCpu', 'CPU used', () => null), usage: 'cpu' },
  { ...quantity('usedMemory', 'Mem used', () => null), usage: 'memory' },
];

export const age: ColumnDefinition = since('age', 'Age', (object) => str(object.metadata.creationTimestamp));

/** A non-empty string, else null. */
export function str(value: Json): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
/** A finite number, else `fallback`. */
export function num(value: Json, fallback = 0): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}
export function list(value: Json): Json[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}
export function strings(value: Json): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
export function keysOf(value: Json): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
/** Joined by commas as kubectl does; at most `most`, then how many more there are. Null when empty. */
export function joined(values: readonly string[], most = 3): string | null {
  if (values.length === 0) return null;
  return values.length <= most
    ? values.join(',')
    : `${values.slice(0, most).join(',')} + ${values.length - most} more...`;
}

export interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}
export function condition(object: KubeObject, type: string): Condition | undefined {
  const found = list(object.status?.conditions).find((item) => item.type === type);
  if (found === undefined) return undefined;
  return {
    type,
    status: str(found.status) ?? 'Unknown',
    reason: str(found.reason) ?? '',
    message: str(found.message) ?? '',
  };
}
export function isTrue(object: KubeObject, type: string): boolean {
  return condition(object, type)?.status === 'True';
}

/** `k=v,k2=v2` of a label selector's matchLabels, or of a plain selector map. */
export function selectorText(selector: Json): string | null {
  const labels = selector?.matchLabels ?? (selector?.matchExpressions === undefined ? selector : {});
  return joined(
    keysOf(labels).map((key) => `${key}=${labels[key]}`),
    10,
  );
}

/** A workload's level from what it wants and has: nothing wanted is fine, something missing is on its way or a warning. */
export function replicaLevel(wanted: number, ready: number, settled: boolean): Level {
  if (ready >= wanted) return settled ? 'ok' : 'progressing';
  return settled ? 'warning' : 'progressing';
}

export function deleting(object: KubeObject): boolean {
  return typeof object.metadata.deletionTimestamp === 'string';
}
