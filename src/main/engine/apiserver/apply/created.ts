/**
 * The fields that a creation makes its writer's, written as FieldsV1 in one walk: what `compare` and `encodeFields` make
 * of an object that was not there before, without the sets in between. Most writes to a server create something.
 * Source: KEP-555; meta/v1 FieldsV1.
 */
import { equalJson, isRecord } from '../json.ts';
import { childOf, isWhole, itemsByElement, repeatedItems } from './compare.ts';
import type { SchemaNode } from './schema.ts';

type FieldsV1 = Record<string, unknown>;
type List = Extract<SchemaNode, { type: 'list' | 'set' }>;

/** Names of the fields that nobody owns. */
export interface Unowned {
  root: ReadonlySet<string>;
  metadata: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** `zero`: the object before anybody has set anything. Null: nothing in it can be owned. */
export function createdFields(
  zero: Record<string, unknown>,
  object: Record<string, unknown>,
  schema: SchemaNode,
  unowned: Unowned,
): FieldsV1 | null {
  return fieldsOf(zero, object, schema, unowned.root, unowned.metadata);
}

/** `below`: at the root, the fields of its metadata that nobody owns; the metadata as a whole is nobody's either. */
function fieldsOf(
  before: unknown,
  after: unknown,
  schema: SchemaNode,
  unowned: ReadonlySet<string>,
  below: ReadonlySet<string> | null = null,
): FieldsV1 | null {
  if (!isRecord(after)) return null;
  const left = isRecord(before) ? before : null;
  let result: FieldsV1 | null = null;
  for (const key of Object.keys(after).sort()) {
    if (unowned.has(key)) continue;
    const child = childOf(schema, key);
    if (child === undefined) continue;
    const was = left !== null && Object.hasOwn(left, key) ? left[key] : undefined;
    const inner =
      below !== null && key === 'metadata' ? fieldsOf(was, after[key], child, below) : ownedIn(was, after[key], child);
    if (inner === null) continue;
    result ??= {};
    result[`f:${key}`] = inner;
  }
  return result;
}

/** What is set in `after` and was not so in `before`; null: nothing is. */
function ownedIn(before: unknown, after: unknown, schema: SchemaNode): FieldsV1 | null {
  if (before === after || after === undefined) return null;
  if (isWhole(before, after, schema)) return before === undefined || !equalJson(before, after) ? {} : null;
  const list = schema.type === 'list' || schema.type === 'set';
  const inner = list ? itemsOf(before, after, schema) : fieldsOf(before, after, schema, NONE);
  if (before !== undefined) return inner;
  return inner === null ? {} : { '.': {}, ...inner };
}

function itemsOf(before: unknown, after: unknown, schema: List): FieldsV1 | null {
  const left = itemsByElement(before, schema);
  const right = itemsByElement(after, schema);
  const repeated = repeatedItems(after, right, schema);
  let result: FieldsV1 | null = null;
  for (const element of [...right.keys()].sort()) {
    let inner: FieldsV1 | null;
    if (repeated?.has(element) === true) inner = {};
    else if (schema.type === 'list') inner = ownedIn(left.get(element), right.get(element), schema.item);
    else inner = left.has(element) ? null : {};
    if (inner === null) continue;
    result ??= {};
    result[element] = inner;
  }
  return result;
}
