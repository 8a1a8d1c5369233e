/** What differs between two objects, field by field, and which fields an object has. Source: KEP-555. */
import { equalJson, isRecord } from '../json.ts';
import { FieldSet } from './field-set.ts';
import type { SchemaNode } from './schema.ts';

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

type Value = unknown;
type List = Extract<SchemaNode, { type: 'list' | 'set' }>;

/** `undefined` is an absent value, `null` one that is there and empty. */
export function compare(before: Value, after: Value, schema: SchemaNode): Comparison {
  const result: Comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  walk(before, after, schema, [], result);
  return result;
}

function walk(before: Value, after: Value, schema: SchemaNode, path: string[], out: Comparison): void {
  if (isWhole(before, after, schema)) {
    if (path.length === 0) return;
    if (before === undefined) out.added.insert(path);
    else if (after === undefined) out.removed.insert(path);
    else if (!equalJson(before, after)) out.modified.insert(path);
    return;
  }
  if (schema.type === 'list' || schema.type === 'set') walkItems(before, after, schema, path, out);
  else walkFields(before, after, schema, path, out);
  if (path.length === 0) return;
  if (before === undefined) out.added.insert(path);
  else if (after === undefined) out.removed.insert(path);
}

function walkFields(before: Value, after: Value, schema: SchemaNode, path: string[], out: Comparison): void {
  const left = isRecord(before) ? before : {};
  const right = isRecord(after) ? after : {};
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (left[key] === undefined && right[key] === undefined) continue;
    const child = childOf(schema, key);
    if (child === undefined) continue;
    path.push(`f:${key}`);
    walk(left[key], right[key], child, path, out);
    path.pop();
  }
}

function walkItems(before: Value, after: Value, schema: List, path: string[], out: Comparison): void {
  const left = itemsByElement(before, schema);
  const right = itemsByElement(after, schema);
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    path.push(element);
    if (schema.type === 'set') {
      if (!left.has(element)) out.added.insert(path);
      else if (!right.has(element)) out.removed.insert(path);
    } else walk(left.get(element), right.get(element), schema.item, path, out);
    path.pop();
  }
}

/** Scalars, atomic values, and containers that are empty on both sides. */
function isWhole(before: Value, after: Value, schema: SchemaNode): boolean {
  switch (schema.type) {
    case 'leaf':
      return true;
    case 'struct':
    case 'map':
      return hasNoFields(before) && hasNoFields(after);
    case 'list':
    case 'set':
      return hasNoItems(before) && hasNoItems(after);
    case 'deduced':
      return !(isRecord(before) || isRecord(after)) || (hasNoFields(before) && hasNoFields(after));
  }
}

function hasNoFields(value: Value): boolean {
  return !isRecord(value) || Object.keys(value).length === 0;
}
function hasNoItems(value: Value): boolean {
  return !Array.isArray(value) || value.length === 0;
}

export function childOf(schema: SchemaNode, key: string): SchemaNode | undefined {
  if (schema.type === 'struct') return schema.field(key);
  if (schema.type === 'map') return schema.item;
  return schema.type === 'deduced' ? schema : undefined;
}

/** The path element of a list item; keys that are left out count with their defaults. */
export function elementOf(item: Value, schema: List): string {
  if (schema.type === 'set') return `v:${JSON.stringify(item)}`;
  const keys: Record<string, unknown> = {};
  for (const key of [...schema.keys].sort()) {
    const value = (isRecord(item) ? item[key] : undefined) ?? schema.defaults[key];
    if (value !== undefined) keys[key] = value;
  }
  return `k:${JSON.stringify(keys)}`;
}

/** Items of an associative list; of duplicates (which plain updates may store) the first counts. */
export function itemsByElement(value: Value, schema: List): Map<string, Value> {
  const result = new Map<string, Value>();
  if (!Array.isArray(value)) return result;
  for (const item of value) {
    const element = elementOf(item, schema);
    if (!result.has(element)) result.set(element, item);
  }
  return result;
}

/** The fields a configuration names, which is what its applier comes to own. */
export function fieldsOf(value: Value, schema: SchemaNode): FieldSet {
  const result = new FieldSet();
  collect(value, schema, [], result);
  return result;
}

function collect(value: Value, schema: SchemaNode, path: string[], out: FieldSet): void {
  if (schema.type === 'leaf' || (schema.type === 'deduced' && !isRecord(value))) {
    if (path.length > 0) out.insert(path);
    return;
  }
  if (schema.type === 'list' || schema.type === 'set') {
    for (const [element, item] of itemsByElement(value, schema)) {
      path.push(element);
      if (schema.type === 'list') collect(item, schema.item, path, out);
      out.insert(path);
      path.pop();
    }
    return;
  }
  if (!isRecord(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const child = childOf(schema, key);
    if (child === undefined || item === undefined) continue;
    path.push(`f:${key}`);
    collect(item, child, path, out);
    const declared = schema.type === 'struct' && schema.declared(key);
    if (!declared || item === null || (isRecord(item) && Object.keys(item).length === 0)) out.insert(path);
    path.pop();
  }
}
