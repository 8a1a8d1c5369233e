/** What differs between two objects, field by field, and which fields an object has. Source: KEP-555. */
import { equalJson, isRecord } from '../json.ts';
import { isSentEmptyBelow } from '../openapi/sent-empty.ts';
import { FieldSet } from './field-set.ts';
import type { SchemaNode } from './schema.ts';

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

type Value = unknown;
type List = Extract<SchemaNode, { type: 'list' | 'set' }>;

/** Where the walk is, and the sets it fills: nodes of the path are made once for all that is inserted below them. */
class Walk implements Comparison {
  readonly added = new FieldSet();
  readonly modified = new FieldSet();
  readonly removed = new FieldSet();
  readonly #path: string[] = [];
  readonly #nodes = new Map<FieldSet, FieldSet[]>([
    [this.added, [this.added]],
    [this.modified, [this.modified]],
    [this.removed, [this.removed]],
  ]);

  get atRoot(): boolean {
    return this.#path.length === 0;
  }

  enter(element: string): void {
    this.#path.push(element);
  }

  leave(): void {
    const depth = this.#path.length;
    this.#path.pop();
    for (const nodes of this.#nodes.values()) if (nodes.length > depth) nodes.length = depth;
  }

  insert(set: FieldSet): void {
    const nodes = this.#nodes.get(set)!;
    for (let at = nodes.length - 1; at < this.#path.length; at++) nodes.push(nodes[at]!.at(this.#path[at]!));
    nodes[this.#path.length]!.member = true;
  }
}

/** `undefined` is an absent value, `null` one that is there and empty. */
export function compare(before: Value, after: Value, schema: SchemaNode): Comparison {
  const out = new Walk();
  walk(before, after, schema, out);
  return out;
}

function walk(before: Value, after: Value, schema: SchemaNode, out: Walk): void {
  if (before === after) return;
  if (isWhole(before, after, schema)) {
    if (out.atRoot) return;
    if (before === undefined) out.insert(out.added);
    else if (after === undefined) out.insert(out.removed);
    else if (!equalJson(before, after) || holdsLeftOut(after)) out.insert(out.modified);
    return;
  }
  if (schema.type === 'list' || schema.type === 'set') walkItems(before, after, schema, out);
  else walkFields(before, after, schema, out);
  if (out.atRoot) return;
  if (before === undefined) out.insert(out.added);
  else if (after === undefined) out.insert(out.removed);
}

function walkFields(before: Value, after: Value, schema: SchemaNode, out: Walk): void {
  const left = isRecord(before) ? before : {};
  const right = isRecord(after) ? after : {};
  const step = (key: string, was: Value, is: Value): void => {
    if (was === is) return;
    const child = childOf(schema, key);
    if (child === undefined) return;
    out.enter(`f:${key}`);
    walk(was, is, child, out);
    out.leave();
  };
  for (const key of Object.keys(left)) step(key, left[key], Object.hasOwn(right, key) ? right[key] : undefined);
  for (const key of Object.keys(right)) if (!Object.hasOwn(left, key)) step(key, undefined, right[key]);
}

function walkItems(before: Value, after: Value, schema: List, out: Walk): void {
  const left = itemsByElement(before, schema);
  const right = itemsByElement(after, schema);
  const [leftAgain, rightAgain] = [repeatedItems(before, left, schema), repeatedItems(after, right, schema)];
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    out.enter(element);
    const [was, is] = [leftAgain?.get(element), rightAgain?.get(element)];
    if (was === undefined && is === undefined) walkItem(left.get(element), right.get(element), schema, out);
    else if (was !== undefined && is !== undefined) {
      if (!equalJson(was, is)) out.insert(out.modified);
    } else if (was !== undefined) {
      walkItem(undefined, right.get(element), schema, out);
      out.insert(out.removed);
    } else {
      walkItem(left.get(element), undefined, schema, out);
      out.insert(out.added);
    }
    out.leave();
  }
}

function walkItem(before: Value, after: Value, schema: List, out: Walk): void {
  if (schema.type === 'list') walk(before, after, schema.item, out);
  else if (before === undefined && after !== undefined) out.insert(out.added);
  else if (after === undefined && before !== undefined) out.insert(out.removed);
}

/**
 * Whether the items of lists in what is one value were sent with lists or maps without items. None are stored, but the
 * real server compares lists to the letter.
 */
function holdsLeftOut(value: Value): boolean {
  if (Array.isArray(value)) return value.some(isSentEmptyBelow);
  return isRecord(value) && Object.values(value).some(holdsLeftOut);
}

/** Scalars, atomic values, and containers that are empty on both sides. */
export function isWhole(before: Value, after: Value, schema: SchemaNode): boolean {
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

/** An item of an associative list that says nothing of what tells it from others: who owns what cannot be said. */
export class KeylessItem extends Error {
  constructor(keys: readonly string[]) {
    const names = `[${keys.map((key) => JSON.stringify(key)).join(' ')}]`;
    const place = "(and doesn't have default values for any key fields)";
    super(`associative list with keys has an element that omits all key fields ${names} ${place}`);
  }
}

/** The path element of a list item; keys that are left out count with their defaults. Throws KeylessItem. */
export function elementOf(item: Value, schema: List): string {
  if (schema.type === 'set') return `v:${JSON.stringify(item)}`;
  const keys: Record<string, unknown> = {};
  let some = false;
  for (const key of [...schema.keys].sort()) {
    const given = isRecord(item) ? item[key] : undefined;
    const value = given === undefined ? schema.defaults[key] : given;
    if (value === undefined) continue;
    keys[key] = value;
    some = true;
  }
  if (!some) throw new KeylessItem(schema.keys);
  return `k:${JSON.stringify(keys)}`;
}

/** Items of an associative list; of those that are there more than once the first. */
export function itemsByElement(value: Value, schema: List): Map<string, Value> {
  const result = new Map<string, Value>();
  if (!Array.isArray(value)) return result;
  for (const item of value) {
    const element = elementOf(item, schema);
    if (!result.has(element)) result.set(element, item);
  }
  return result;
}

/** Items that are there more than once, which plain updates may store: they count as one value without parts. */
export function repeatedItems(value: Value, items: Map<string, Value>, schema: List): Map<string, Value[]> | null {
  if (!Array.isArray(value) || value.length === items.size) return null;
  const repeated = new Map<string, Value[]>();
  for (const item of value) {
    const element = elementOf(item, schema);
    const known = repeated.get(element);
    if (known === undefined) repeated.set(element, [item]);
    else known.push(item);
  }
  for (const [element, all] of repeated) if (all.length < 2) repeated.delete(element);
  return repeated;
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
    const items = itemsByElement(value, schema);
    const repeated = repeatedItems(value, items, schema);
    for (const [element, item] of items) {
      path.push(element);
      if (schema.type === 'list' && repeated?.has(element) !== true) collect(item, schema.item, path, out);
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
