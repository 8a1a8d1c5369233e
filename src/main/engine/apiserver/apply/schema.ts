/**
 * How fields merge and who can own what, as server-side apply sees a schema: from the tables of the built-in types, or
 * from the structural schema of a custom resource. Source: KEP-555; API reference, "Merge strategy".
 */
import { isRecord } from '../json.ts';
import { type Field, type Message, message, messageOfSchema, type Scalar, type TypeRef } from '../openapi/fields.ts';
import type { KindDefinition } from '../types.ts';

export type SchemaNode =
  /** A scalar, or something owned as a whole. */
  | { type: 'leaf'; scalar?: 'numeric' | 'string' | 'boolean' }
  /** Declared fields; `field` of an undeclared one is undefined (built-in) or deduced (custom, preserving). */
  | { type: 'struct'; declared(name: string): boolean; field(name: string): SchemaNode | undefined }
  /** Any keys, each owned separately. */
  | { type: 'map'; item: SchemaNode }
  /** Items told apart by some of their fields. */
  | { type: 'list'; keys: readonly string[]; defaults: Readonly<Record<string, unknown>>; item: SchemaNode }
  | { type: 'set' }
  /** No schema: maps are granular, lists are one value. */
  | { type: 'deduced' };

const LEAF: SchemaNode = { type: 'leaf' };
const SET: SchemaNode = { type: 'set' };
const DEDUCED: SchemaNode = { type: 'deduced' };
/** By the types of JSON schema. */
const SCALARS: Readonly<Record<string, SchemaNode>> = {
  integer: { type: 'leaf', scalar: 'numeric' },
  number: { type: 'leaf', scalar: 'numeric' },
  string: { type: 'leaf', scalar: 'string' },
  boolean: { type: 'leaf', scalar: 'boolean' },
};

const custom = new WeakMap<KindDefinition, SchemaNode>();
const messages = new Map<string, SchemaNode>();
const fields = new WeakMap<Field, SchemaNode>();

export function schemaOf(kind: KindDefinition): SchemaNode {
  const known = messageOfSchema(kind.schema);
  if (known !== undefined) return messageNode(known);
  let node = custom.get(kind);
  if (node === undefined) {
    node = customRoot(kind);
    custom.set(kind, node);
  }
  return node;
}

function messageNode(type: Message): SchemaNode {
  let node = messages.get(type.id);
  if (node === undefined) {
    node = {
      type: 'struct',
      declared: (name) => type.byName.has(name) || (type.isKind && (name === 'kind' || name === 'apiVersion')),
      field: (name) => {
        const field = type.byName.get(name);
        if (field !== undefined) return fieldNode(field);
        return type.isKind && (name === 'kind' || name === 'apiVersion') ? LEAF : undefined;
      },
    };
    messages.set(type.id, node);
  }
  return node;
}

function fieldNode(field: Field): SchemaNode {
  let node = fields.get(field);
  if (node === undefined) {
    node = makeFieldNode(field);
    fields.set(field, node);
  }
  return node;
}

function makeFieldNode(field: Field): SchemaNode {
  if (field.atomic) return LEAF;
  const { type } = field;
  if (type.kind === 'list') {
    if (field.listType === 'set') return SET;
    if (field.listType !== 'map' || field.listKeys === undefined) return LEAF;
    return {
      type: 'list',
      keys: field.listKeys,
      defaults: keyDefaults(type.of, field.listKeys),
      item: typeNode(type.of),
    };
  }
  return typeNode(type);
}

function typeNode(type: TypeRef): SchemaNode {
  switch (type.kind) {
    case 'message': {
      const found = message(type.id);
      return found === undefined || (found.atomic && type.granular !== true) ? LEAF : messageNode(found);
    }
    case 'map':
      return { type: 'map', item: typeNode(type.of) };
    case 'scalar':
      return SCALARS[JSON_TYPES[type.scalar] ?? ''] ?? LEAF;
    default:
      return LEAF;
  }
}

/** What is not here may be written in more than one type of JSON. */
const JSON_TYPES: Partial<Record<Scalar, string>> = {
  string: 'string',
  bytes: 'string',
  bool: 'boolean',
  int32: 'integer',
  int64: 'integer',
  double: 'number',
};

function keyDefaults(item: TypeRef, keys: readonly string[]): Record<string, unknown> {
  const defaults: Record<string, unknown> = {};
  const found = item.kind === 'message' ? message(item.id) : undefined;
  for (const key of keys) {
    const value = keyDefault(found?.byName.get(key));
    if (value !== undefined) defaults[key] = value;
  }
  return defaults;
}

/** What an item's key is when it is left out: its default, or the empty value of a field that is always written. */
export function keyDefault(field: Field | undefined): unknown {
  if (field === undefined || field.default !== undefined) return field?.default;
  if (field.omitEmpty || field.omitZero || field.pointer || field.type.kind !== 'scalar') return undefined;
  return zeroValue(field);
}

function customRoot(kind: KindDefinition): SchemaNode {
  const meta = message('meta.ObjectMeta');
  const schema = kind.custom?.structuralSchema;
  const inner = isRecord(schema) ? structuralNode(schema) : DEDUCED;
  return {
    type: 'struct',
    declared: (name) =>
      name === 'metadata' ||
      name === 'kind' ||
      name === 'apiVersion' ||
      (inner.type === 'struct' && inner.declared(name)),
    field: (name) => {
      if (name === 'metadata') return meta === undefined ? DEDUCED : messageNode(meta);
      if (name === 'kind' || name === 'apiVersion') return LEAF;
      return inner.type === 'struct' ? inner.field(name) : DEDUCED;
    },
  };
}

/** One node of a structural schema with its x-kubernetes extensions. */
function structuralNode(schema: Record<string, unknown>): SchemaNode {
  if (schema['x-kubernetes-embedded-resource'] === true || schema['x-kubernetes-int-or-string'] === true)
    return schema['x-kubernetes-int-or-string'] === true ? LEAF : DEDUCED;
  const preserving = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema.type === 'array') return arrayNode(schema);
  if (schema.type !== 'object')
    return preserving && schema.type === undefined ? DEDUCED : (SCALARS[String(schema.type)] ?? LEAF);
  if (schema['x-kubernetes-map-type'] === 'atomic') return LEAF;
  const properties = isRecord(schema.properties) ? schema.properties : null;
  const additional = schema.additionalProperties;
  if (properties === null) return { type: 'map', item: isRecord(additional) ? structuralNode(additional) : DEDUCED };
  const nodes = new Map<string, SchemaNode>();
  return {
    type: 'struct',
    declared: (name) => Object.hasOwn(properties, name),
    field: (name) => {
      let node = nodes.get(name);
      if (node === undefined) {
        const found = Object.hasOwn(properties, name) ? properties[name] : undefined;
        if (!isRecord(found)) return preserving ? DEDUCED : undefined;
        node = structuralNode(found);
        nodes.set(name, node);
      }
      return node;
    },
  };
}

function arrayNode(schema: Record<string, unknown>): SchemaNode {
  const listType = schema['x-kubernetes-list-type'];
  if (listType === 'set') return SET;
  const keys = schema['x-kubernetes-list-map-keys'];
  if (listType !== 'map' || !Array.isArray(keys)) return LEAF;
  const items = isRecord(schema.items) ? schema.items : {};
  const properties = isRecord(items.properties) ? items.properties : {};
  const defaults: Record<string, unknown> = {};
  for (const key of keys as string[]) {
    const property = properties[key];
    if (isRecord(property) && property.default !== undefined) defaults[key] = property.default;
  }
  return { type: 'list', keys: keys as string[], defaults, item: structuralNode(items) };
}

const zeros = new Map<string, Record<string, unknown>>();

/**
 * What an object of the kind looks like before anybody has set anything: fields that are always written, with their
 * empty values. Nobody owns those. Shared: not to be changed.
 */
export function zeroObject(kind: KindDefinition): Record<string, unknown> {
  const type = messageOfSchema(kind.schema);
  if (type === undefined) return {};
  let zero = zeros.get(type.id);
  if (zero === undefined) {
    zero = zeroMessage(type, 0);
    zeros.set(type.id, zero);
  }
  return zero;
}

function zeroMessage(type: Message, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  if (depth > 10) return result;
  for (const field of type.fields) {
    if (field.omitZero) continue;
    if (field.type.kind === 'message' && !field.pointer) {
      const inner = message(field.type.id);
      // Structs are always written, even when they are marked as optional.
      if (inner !== undefined) result[field.name] = zeroMessage(inner, depth + 1);
    } else if (!field.omitEmpty || isStructScalar(field)) result[field.name] = zeroValue(field);
  }
  return result;
}

/** Times are structs, which are written as null when they are not set. */
function isStructScalar({ type, pointer }: Field): boolean {
  return !pointer && type.kind === 'scalar' && (type.scalar === 'Time' || type.scalar === 'MicroTime');
}

function zeroValue(field: Field): unknown {
  if (field.pointer || field.type.kind !== 'scalar') return null;
  switch (field.type.scalar) {
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
      return 0;
    case 'string':
      return '';
    case 'Quantity':
      return '0';
    default:
      return null;
  }
}
