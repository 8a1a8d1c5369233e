/** In which order a view shows its rows. Pure. */

import { quantityValue } from '#shared/kubernetes/quantity.ts';
import type { KindDefinition } from './columns/index.ts';
import type { Row } from './row.ts';
import type { Compare } from './sorted-index.ts';
import { addressOf, fractionOf, remembered, timeOf } from './values.ts';

export interface Sorting {
  /** `name`, `namespace`, `target`, or the id of a column. */
  column: string;
  descending: boolean;
  /** Rows of one value of this column stay together, in order of the value. */
  group?: string;
}

type KeyValue = string | number | null;

interface SortKey {
  of(row: Row): KeyValue;
  /** The value grows while what it stands for shrinks. */
  reversed: boolean;
}

/**
 * Puts rows that are in order of name into the wanted order; the argument is left as it is. Equal keys are the rule
 * (states, nodes, counts), so rows are dealt out by key and only the keys are sorted: the names never have to be compared
 * again, which is what makes 100,000 rows follow a click.
 */
export function arrange(rows: readonly Row[], definition: KindDefinition, sorting: Sorting): Row[] {
  const ordered = sorting.descending ? rows.toReversed() : rows.slice();
  const key = sortKey(definition, sorting.column);
  const sorted = key === null ? ordered : dealt(ordered, key, sorting.descending);
  const group = groupKey(definition, sorting.group ?? '');
  return group === null ? sorted : dealt(sorted, group, false);
}

/** A place in the list is at most this; with a key of 32 bits it makes one exact number. */
const PLACES = 2 ** 20;
const KEYS = 2 ** 32;

/** Rows by key, keeping their order within one key; `ordered` is taken over. */
function dealt(ordered: Row[], key: SortKey, descending: boolean): Row[] {
  if (ordered.length < 2) return ordered;
  return packed(ordered, key, descending) ?? inBuckets(ordered, key, descending);
}

/**
 * Where every key is a whole number: key and place become one number each, which the engine of JavaScript sorts without
 * asking back. Null where it cannot be done; nothing has changed then.
 */
function packed(ordered: Row[], key: SortKey, descending: boolean): Row[] | null {
  const count = ordered.length;
  if (count > PLACES || typeof key.of(ordered[0] as Row) === 'string') return null;
  const keys = new Float64Array(count);
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    const value = key.of(ordered[at] as Row);
    if (value === null) keys[at] = Number.NaN;
    else if (typeof value === 'number' && Number.isInteger(value)) {
      keys[at] = value;
      if (value < least) least = value;
      if (value > most) most = value;
    } else return null;
  }
  if (most - least >= KEYS - 1) return null;
  const down = descending !== key.reversed;
  for (let at = 0; at < count; at++) {
    const value = keys[at] as number;
    const rank = Number.isNaN(value) ? KEYS - 1 : down ? most - value : value - least;
    keys[at] = rank * PLACES + at;
  }
  keys.sort();
  const sorted = new Array<Row>(count);
  for (let at = 0; at < count; at++) sorted[at] = ordered[(keys[at] as number) % PLACES] as Row;
  return sorted;
}

/** Rows dealt out by key, in the place of `ordered`. */
function inBuckets(ordered: Row[], key: SortKey, descending: boolean): Row[] {
  const buckets = new Map<KeyValue, Row | Row[]>();
  for (const row of ordered) {
    const value = key.of(row);
    const bucket = buckets.get(value);
    if (bucket === undefined) buckets.set(value, row);
    else if (Array.isArray(bucket)) bucket.push(row);
    else buckets.set(value, [bucket, row]);
  }
  let at = 0;
  for (const value of [...buckets.keys()].sort(keyCompare(key, descending))) {
    const bucket = buckets.get(value) as Row | Row[];
    if (Array.isArray(bucket)) for (const row of bucket) ordered[at++] = row;
    else ordered[at++] = bucket;
  }
  return ordered;
}

/** The same order as a comparison: total, so that a row has exactly one place. */
export function compareBy(definition: KindDefinition, sorting: Sorting): Compare {
  const sign = sorting.descending ? -1 : 1;
  const key = sortKey(definition, sorting.column);
  const compareKeys = key === null ? null : keyCompare(key, sorting.descending);
  const within: Compare =
    key === null || compareKeys === null
      ? (a, b) => sign * byName(a, b)
      : (a, b) => compareKeys(key.of(a), key.of(b)) || sign * byName(a, b);
  const group = groupKey(definition, sorting.group ?? '');
  if (group === null) return within;
  const compareGroups = keyCompare(group, false);
  return (a, b) => compareGroups(group.of(a), group.of(b)) || within(a, b);
}

/** What a row is grouped by, as a person reads it; null when rows are not grouped, or not by something that is there. */
export function groupText(definition: KindDefinition, column: string): ((row: Row) => string) | null {
  const key = groupKey(definition, column);
  return key === null ? null : (row) => String(key.of(row) ?? '');
}

function groupKey(definition: KindDefinition, column: string): SortKey | null {
  if (column === '') return null;
  if (column === 'level') return { of: (row) => row.level, reversed: false };
  const index = definition.columns.findIndex(({ id }) => id === column);
  if (index >= 0) return { of: (row) => row.cells[index] ?? null, reversed: false };
  if (column.startsWith('label:')) return labelKey(column.slice('label:'.length));
  return sortKey(definition, column);
}

function labelKey(label: string): SortKey {
  const start = `\n${label}=`;
  const of = ({ labels }: Row): KeyValue => {
    const at = labels.indexOf(start);
    return at < 0 ? null : labels.slice(at + start.length, labels.indexOf('\n', at + start.length));
  };
  return { of, reversed: false };
}

/** By name, then whatever else tells two rows apart. */
export function byName(a: Row, b: Row): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.source !== b.source) {
    if (a.source.name !== b.source.name) return a.source.name < b.source.name ? -1 : 1;
    if (a.source.prefix !== b.source.prefix) return a.source.prefix < b.source.prefix ? -1 : 1;
  }
  return a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0;
}

/** Empty cells come last in either direction: what has no value is never what one sorts for. */
function keyCompare({ reversed }: SortKey, descending: boolean): (a: KeyValue, b: KeyValue) => number {
  const up = descending === reversed ? -1 : 1;
  return (a, b) => {
    if (a === b) return 0;
    if (a === null) return 1;
    if (b === null) return -1;
    // A column may hold both, as where not every address is one of IPv4.
    if (typeof a !== typeof b) return typeof a === 'number' ? up : -up;
    return a < b ? up : -up;
  };
}

/** Null for the name, and for a column that is not there. */
function sortKey(definition: KindDefinition, column: string): SortKey | null {
  if (column === 'namespace') return { of: (row) => row.namespace, reversed: false };
  if (column === 'target') return { of: (row) => row.source.name, reversed: false };
  const index = definition.columns.findIndex((candidate) => candidate.id === column);
  const found = definition.columns[index];
  if (found === undefined) return null;
  const cell = (row: Row): KeyValue => row.cells[index] ?? null;
  // An age grows as its time of birth shrinks.
  if (found.kind === 'age') return { of: parsed(cell, secondsOf), reversed: true };
  if (found.kind === 'quantity') return { of: parsed(cell, remembered(quantityValue)), reversed: false };
  if (found.kind === 'text' && (found.id === 'ready' || found.id === 'completions'))
    return { of: parsed(cell, remembered(fractionOf)), reversed: false };
  if (found.kind === 'text' && /ip$/i.test(found.id))
    return { of: parsed(cell, (text) => addressOf(text) ?? text), reversed: false };
  return { of: cell, reversed: false };
}

function parsed(cell: (row: Row) => KeyValue, parse: (text: string) => KeyValue): (row: Row) => KeyValue {
  return (row) => {
    const text = cell(row);
    return typeof text === 'string' ? parse(text) : text;
  };
}

/** In whole seconds an age leaves room for the place (see `packed`). */
function secondsOf(text: string): number | null {
  const time = timeOf(text);
  return time === null ? null : time / 1000;
}
