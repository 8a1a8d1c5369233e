/**
 * Why the outcome of a strategic merge patch does not fit its type, in the words of the converter that the real server
 * uses there: it knows kinds of values, not fields. Reads in the order of the declared fields and tells the first.
 * Source: apimachinery, DefaultUnstructuredConverter.
 */
import { isRecord } from '../json.ts';
import { quantityProblem } from '../kinds/validation/quantity.ts';
import { type Field, type Message, message, type TypeRef } from './fields.ts';
import { isInteger, jsonType, mismatchOf, named } from './mismatch.ts';
import { base64Problem, microTimeProblem, timeProblem } from './scalars.ts';

/** Null: nothing of the kind is wrong. */
export function conversionProblem(type: Message, value: unknown): string | null {
  if (!isRecord(value)) return `cannot restore struct from: ${kindOf(value)}`;
  if (type.isKind)
    for (const name of ['kind', 'apiVersion']) {
      const problem = textProblem(value[name]);
      if (problem !== null) return problem;
    }
  for (const field of type.fields) {
    const problem = valueProblem(field.type, value[field.name], field, type);
    if (problem !== null) return problem;
  }
  return null;
}

/** The value with its whole numbers as they run over in their fields; the very same one when all of them fit. */
export function runOver<T>(type: Message, value: T): T {
  return within({ kind: 'message', id: type.id }, value) as T;
}

function within(type: TypeRef, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (type.kind === 'scalar') return type.scalar === 'int32' && Number.isInteger(value) ? (value as number) | 0 : value;
  if (type.kind === 'list') {
    if (!Array.isArray(value)) return value;
    const items = value.map((item) => within(type.of, item));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isRecord(value)) return value;
  const known = type.kind === 'message' ? message(type.id)?.byName : undefined;
  let result = value;
  for (const [key, item] of Object.entries(value)) {
    const of = type.kind === 'map' ? type.of : known?.get(key)?.type;
    const fitting = of === undefined ? item : within(of, item);
    if (fitting !== item) result = { ...result, [key]: fitting };
  }
  return result;
}

function valueProblem(type: TypeRef, value: unknown, field: Field, within: Message): string | null {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'message': {
      const inner = message(type.id);
      return inner === undefined ? null : conversionProblem(inner, value);
    }
    case 'list':
      if (!Array.isArray(value)) return `cannot restore slice from ${kindOf(value)}`;
      return first(value, (item) => valueProblem(type.of, item, field, within));
    case 'map':
      if (!isRecord(value)) return `cannot restore map from ${kindOf(value)}`;
      return first(Object.values(value), (item) => valueProblem(type.of, item, field, within));
    case 'scalar':
      return scalarProblem(type.scalar, value, field, within);
  }
}

/** What kind of object it is stands in every one of them. */
function textProblem(value: unknown): string | null {
  if (value === null || value === undefined || typeof value === 'string') return null;
  return kindOf(value) === 'int64' ? 'cannot convert int64 to string' : 'unrecognized type: string';
}

function scalarProblem(scalar: string, value: unknown, field: Field, within: Message): string | null {
  const kind = kindOf(value);
  switch (scalar) {
    case 'string':
      if (typeof value === 'string') return null;
      // A whole number could be a letter to Go, which is refused in other words.
      return kind === 'int64'
        ? `cannot convert int64 to ${named(field, within) ?? 'string'}`
        : 'unrecognized type: string';
    case 'bool':
      return typeof value === 'boolean' ? null : 'unrecognized type: bool';
    case 'int32':
    case 'int64':
      if (kind === 'int64') return null;
      return kind === 'float64'
        ? `cannot convert float64 to ${named(field, within) ?? scalar}`
        : `unrecognized type: ${scalar}`;
    case 'bytes':
      if (typeof value === 'string') return told(base64Problem(value));
      if (!Array.isArray(value)) return `cannot restore slice from ${kind}`;
      return value.every((item) => item === null || Number.isInteger(item)) ? null : 'unrecognized type: uint8';
    default:
      return selfReadProblem(scalar, value);
  }
}

/** What was wrong with a text of bytes, as the converter tells it. */
const told = (problem: string | null): string | null =>
  problem === null ? null : `error decoding from json: ${problem}`;

/** Types that read themselves do so as they would read their own JSON. */
function selfReadProblem(scalar: string, value: unknown): string | null {
  switch (scalar) {
    case 'Quantity':
      return quantityProblem(typeof value === 'string' ? value.trim() : value);
    case 'Time':
    case 'MicroTime':
      if (typeof value !== 'string') return unfit(value, 'string');
      return scalar === 'Time' ? timeProblem(value) : microTimeProblem(value);
    case 'Duration':
      return typeof value === 'string' ? null : unfit(value, 'string');
    case 'IntOrString':
      return typeof value === 'string' || isInteger(value, 'int32') ? null : unfit(value, 'int32');
    case 'SchemaOrBool':
      if (typeof value === 'boolean') return null;
      return isRecord(value) ? schemaProblem(value) : 'boolean or JSON schema expected';
    case 'SchemaOrArray':
      return first(Array.isArray(value) ? value : [value], schemaProblem);
    case 'SchemaOrStrings':
      return isRecord(value) ? schemaProblem(value) : null;
    default:
      return null;
  }
}

/** A schema where something else could stand reads itself, from its own beginning. */
function schemaProblem(value: unknown): string | null {
  return isRecord(value) ? mismatchOf(message('apiextensions.JSONSchemaProps')!, value) : null;
}

function unfit(value: unknown, goType: string): string {
  const what = typeof value === 'number' && goType !== 'string' ? `number ${value}` : jsonType(value);
  return `json: cannot unmarshal ${what} into Go value of type ${goType}`;
}

function first<T>(items: readonly T[], problem: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = problem(item);
    if (found !== null) return found;
  }
  return null;
}

/** What Go's reflection calls the value. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'object' ? 'map' : typeof value;
}
