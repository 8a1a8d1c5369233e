/**
 * Why the outcome of a strategic merge patch does not fit its type, in the words of the converter that the real server
 * uses there: it knows kinds of values, not fields. Reads in the order of the declared fields and tells the first.
 * Source: apimachinery, DefaultUnstructuredConverter.
 */
import { isRecord } from '../json.ts';
import { type Field, type Message, message, type TypeRef } from './fields.ts';
import { named } from './mismatch.ts';

/** Null: nothing of the kind is wrong; types that read themselves (quantities, times) are not looked at. */
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
    default:
      return null;
  }
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
