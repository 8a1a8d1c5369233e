/**
 * Checks a configuration of a built-in kind against the declared types before it is merged: everything that is wrong is told, with
 * the paths and texts of the server's own schema. Source: structured-merge-diff, texts of its refusals.
 */
import { isRecord } from '../json.ts';
import { type Field, type Message, message, type Scalar, type TypeRef } from '../openapi/fields.ts';
import { goSyntax, goText } from './go-text.ts';
import { keyDefault } from './schema.ts';

/** Empty when the value is of the type. */
export function messageProblems(value: unknown, type: Message, path = ''): string[] {
  if (value === null || value === undefined) return [];
  if (!isRecord(value)) return [`${path}: expected map, got ${goText(value)}`];
  // A type without fields is one of anything to the schema.
  if (type.fields.length === 0) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    if (type.isKind && (name === 'kind' || name === 'apiVersion')) return [];
    const field = type.byName.get(name);
    const at = `${path}.${name}`;
    return field === undefined ? [`${at}: field not declared in schema`] : fieldProblems(item, field, at);
  });
}

function fieldProblems(value: unknown, field: Field, path: string): string[] {
  const { type, listType } = field;
  if (type.kind !== 'list' || listType === undefined || listType === 'atomic') return problems(value, type, path);
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) return [`${path}: expected list, got ${goText(value)}`];
  const found: string[] = [];
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    const wrong = listType === 'set' ? setItemProblem(item) : mapItemProblem(item, field);
    // What cannot be told apart ends the list.
    if (wrong !== null) return [...found, `${path}: element ${index}: ${wrong}`];
    const key = listType === 'set' ? `[=${keyText(item)}]` : `[${keysOf(item, field)}]`;
    if (seen.has(key)) found.push(`${path}: duplicate entries for key ${key}`);
    seen.add(key);
    found.push(...problems(item, type.of, `${path}${key}`));
  }
  return found;
}

function setItemProblem(item: unknown): string | null {
  if (item === null) return "associative list without keys has an element that's an explicit null";
  if (isRecord(item)) return "associative list without keys has an element that's a map type";
  return Array.isArray(item) ? 'not supported: associative list with lists as elements' : null;
}

function mapItemProblem(item: unknown, { listKeys = [], type }: Field): string | null {
  if (item === null) return 'associative list with keys may not have a null element';
  if (!isRecord(item)) return 'associative list with keys may not have non-map elements';
  const known = (key: string) => Object.hasOwn(item, key) || defaultOf(type, key) !== undefined;
  if (listKeys.some(known)) return null;
  const names = `[${listKeys.map((key) => JSON.stringify(key)).join(' ')}]`;
  return `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`;
}

function defaultOf(type: TypeRef, key: string): unknown {
  const item = type.kind === 'list' && type.of.kind === 'message' ? message(type.of.id) : undefined;
  return keyDefault(item?.byName.get(key));
}

function keysOf(item: unknown, { listKeys = [], type }: Field): string {
  const given = item as Record<string, unknown>;
  const of = (key: string): unknown => (Object.hasOwn(given, key) ? given[key] : defaultOf(type, key));
  return [...listKeys]
    .filter((key) => of(key) !== undefined)
    .sort()
    .map((key) => `${key}=${keyText(of(key))}`)
    .join(',');
}

function keyText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(keyText).join(',')}]`;
  if (!isRecord(value)) return value === null ? 'null' : String(value);
  return Object.entries(value)
    .map(([key, item]) => `${key}=${keyText(item)}`)
    .join(';');
}

function problems(value: unknown, type: TypeRef, path: string): string[] {
  if (value === null || value === undefined) return [];
  switch (type.kind) {
    case 'message': {
      const inner = message(type.id);
      return inner === undefined ? [] : messageProblems(value, inner, path);
    }
    case 'list':
      if (!Array.isArray(value)) return [`${path}: expected list, got ${goText(value)}`];
      return value.flatMap((item, index) => problems(item, type.of, `${path}[${index}]`));
    case 'map':
      if (!isRecord(value)) return [`${path}: expected map, got ${goText(value)}`];
      return Object.entries(value).flatMap(([key, item]) => problems(item, type.of, `${path}.${key}`));
    default: {
      const problem = scalarProblem(value, type.scalar);
      return problem === null ? [] : [`${path}: ${problem}`];
    }
  }
}

/** What may be of any kind of scalar: types that read several. */
const UNTYPED = new Set<Scalar>(['Quantity', 'Time', 'MicroTime', 'Duration']);

function scalarProblem(value: unknown, scalar: Scalar): string | null {
  const isScalar = typeof value !== 'object';
  if (scalar === 'FieldsV1') return isRecord(value) ? null : `expected map, got ${goText(value)}`;
  if (UNTYPED.has(scalar)) return isScalar ? null : `expected any scalar, got ${goText(value)}`;
  switch (scalar) {
    case 'string':
    case 'bytes':
      return typeof value === 'string'
        ? null
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case 'bool':
      return typeof value === 'boolean' ? null : `expected boolean, got ${goText(value)}`;
    case 'int32':
    case 'int64':
    case 'double':
      return typeof value === 'number' ? null : `expected numeric (int or float), got ${goType(value)}`;
    default:
      return null;
  }
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value === 'boolean' ? 'bool' : typeof value;
}
