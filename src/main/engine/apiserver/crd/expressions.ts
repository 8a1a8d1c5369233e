/** Schemas of custom resources as types of expressions, and their JSON as values. Source: "CEL in Kubernetes", type mapping. */

import { parseDuration, parseTimestamp } from '../cel/functions/conversions.ts';
import {
  BOOL,
  BYTES,
  bounded,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  list,
  map,
  STRING,
  TIMESTAMP,
} from '../cel/types.ts';
import { type CelValue, type KeyedList, LIST_KEYS, type MapKey, type ObjectValue } from '../cel/values.ts';
import { longest } from './sizes.ts';
import type { CustomSchema } from './structural.ts';

const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const ESCAPED: Record<string, string> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** The name of a property in expressions; null when it has none and cannot be reached. */
export function escapeName(name: string): string | null {
  if (RESERVED.has(name)) return `__${name}__`;
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return null;
  return name.replace(/__|[./-]/g, (part) => ESCAPED[part]!);
}

const META: CustomSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

/** At the root of a resource apiVersion, kind, name and generateName are there whatever the schema says. */
function withTypeAndMeta(schema: CustomSchema): CustomSchema {
  return {
    ...schema,
    properties: {
      ...schema.properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: META,
    },
  };
}

/** Of a key nothing says how long it is, and the estimates of the real server take it to be nothing. */
const KEYS = bounded(STRING, 0);

const isResource = (schema: CustomSchema): boolean => schema['x-kubernetes-embedded-resource'] === true;

/** Null for what expressions cannot see: parts without a declared type. Texts, lists and maps are bounded. */
export function typeOfSchema(given: CustomSchema, isRoot: boolean): CelType | null {
  const type = unbounded(given, isRoot);
  return type === null || type.kind === 'object' ? type : bounded(type, longest(given));
}

function unbounded(given: CustomSchema, isRoot: boolean): CelType | null {
  if (given['x-kubernetes-int-or-string'] === true) return DYN;
  const schema = isRoot || isResource(given) ? withTypeAndMeta(given) : given;
  switch (schema.type) {
    case 'array': {
      const items = schema.items === undefined ? null : typeOfSchema(schema.items, false);
      return items === null ? null : list(items);
    }
    case 'object': {
      if (typeof schema.additionalProperties === 'object') {
        const values = typeOfSchema(schema.additionalProperties, false);
        return values === null ? null : map(KEYS, values);
      }
      const fields = new Map<string, CelType>();
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        const type = typeOfSchema(property, false);
        const escaped = escapeName(name);
        if (type !== null && escaped !== null) fields.set(escaped, type);
      }
      return { kind: 'object', name: 'object', fields };
    }
    case 'string':
      return stringType(schema.format);
    case 'boolean':
      return BOOL;
    case 'number':
      return DOUBLE;
    case 'integer':
      return INT;
    default:
      return null;
  }
}

function stringType(format: string | undefined): CelType {
  if (format === 'byte') return BYTES;
  if (format === 'duration') return DURATION;
  return format === 'date' || format === 'date-time' ? TIMESTAMP : STRING;
}

/** A value under its schema; objects are looked into when they are asked. */
export function toValue(json: unknown, schema: CustomSchema, isRoot = false): CelValue {
  if (json === null || json === undefined) return null;
  if (typeof json === 'boolean') return json;
  if (typeof json === 'number') return schema.type === 'number' || !Number.isInteger(json) ? json : BigInt(json);
  if (typeof json === 'string') return textValue(json, schema);
  if (Array.isArray(json)) return listValue(json, schema);
  if (typeof schema.additionalProperties === 'object') {
    const values = schema.additionalProperties;
    return new Map<MapKey, CelValue>(Object.entries(json).map(([key, value]) => [key, toValue(value, values)]));
  }
  return objectValue(json as Record<string, unknown>, isRoot || isResource(schema) ? withTypeAndMeta(schema) : schema);
}

function textValue(text: string, schema: CustomSchema): CelValue {
  if (schema['x-kubernetes-int-or-string'] === true) return text;
  switch (schema.format) {
    case 'byte':
      return Buffer.from(text, 'base64');
    case 'duration':
      return parseDuration(text) ?? text;
    case 'date':
      return parseTimestamp(`${text}T00:00:00Z`) ?? text;
    case 'date-time':
      return parseTimestamp(text) ?? text;
    default:
      return text;
  }
}

function listValue(items: unknown[], schema: CustomSchema): CelValue[] {
  const of = schema.items ?? {};
  const result: KeyedList = items.map((item) => toValue(item, of));
  const kind = schema['x-kubernetes-list-type'];
  if (kind === 'set') result[LIST_KEYS] = 'set';
  else if (kind === 'map')
    result[LIST_KEYS] = (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => escapeName(key) ?? key);
  return result;
}

function objectValue(json: Record<string, unknown>, schema: CustomSchema): ObjectValue {
  const names = namesOf(schema);
  const known = new Map<string, CelValue | undefined>();
  return {
    isObject: true,
    json,
    get(field) {
      if (known.has(field)) return known.get(field);
      const name = names.get(field);
      const property = name === undefined ? undefined : schema.properties?.[name];
      const given = name === undefined || !Object.hasOwn(json, name) ? undefined : json[name];
      const value = given === undefined || property === undefined ? undefined : toValue(given, property);
      known.set(field, value);
      return value;
    },
  };
}

const names = new WeakMap<CustomSchema, Map<string, string>>();

/** Escaped name to name of every property. */
function namesOf(schema: CustomSchema): Map<string, string> {
  let found = names.get(schema);
  if (found === undefined) {
    found = new Map(Object.keys(schema.properties ?? {}).map((name) => [escapeName(name) ?? '', name]));
    names.set(schema, found);
  }
  return found;
}
