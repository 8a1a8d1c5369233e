/**
 * JSON read as the API server's types read it and written as they write it: unknown fields dropped, empty values left
 * out or filled in as each field says, quantities in canonical form, wrong types refused with the decoder's own text.
 * Source: Go's encoding/json rules for the declared types; API conventions, "Optional vs. Required".
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { canonicalQuantity, isQuantity, QUANTITY_TEXT } from '../kinds/validation/quantity.ts';
import { badRequest } from '../status.ts';
import { type Field, type Message, message, messageOfSchema, type Scalar, type TypeRef } from './fields.ts';

/** A value that does not fit its field; `text` is what the server's decoder says. */
class DecodeFailure extends Error {
  override readonly name = 'DecodeFailure';
}

interface Place {
  /** Innermost type, `DeploymentSpec`. */
  struct: string;
  /** `spec.replicas`. */
  path: string;
}

/**
 * Brings a built-in object into the form the server stores, in place. Objects of other schemas get their metadata
 * checked alone. Throws 400 for what cannot be decoded.
 */
export function canonicalise(schema: string | undefined, object: KubeObject): void {
  const type = messageOfSchema(schema);
  try {
    if (type === undefined) {
      const meta = message('meta.ObjectMeta');
      if (meta !== undefined)
        object.metadata = decodeMessage(meta, object.metadata ?? {}, { struct: 'ObjectMeta', path: 'metadata' });
      return;
    }
    const { apiVersion, kind } = object;
    const clean = decodeMessage(type, object, { struct: type.name, path: '' });
    for (const key of Object.keys(object)) if (!(key in clean)) delete object[key];
    Object.assign(object, { kind, apiVersion }, clean);
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    const version = object.apiVersion?.includes('/') ? object.apiVersion.split('/')[1] : object.apiVersion;
    throw badRequest(`${object.kind} in version "${version}" cannot be handled as a ${object.kind}: ${error.message}`);
  }
}

/** A value of a built-in type by id (`meta.DeleteOptions`), in canonical form. Throws 400. */
export function canonicalValue(id: string, value: unknown): Json {
  const type = message(id);
  if (type === undefined) return value;
  try {
    return decodeMessage(type, value, { struct: type.name, path: '' });
  } catch (error) {
    if (error instanceof DecodeFailure) throw badRequest(error.message);
    throw error;
  }
}

function decodeMessage(type: Message, value: unknown, place: Place): Record<string, Json> {
  const out: Record<string, Json> = {};
  const given = (value ?? {}) as Record<string, unknown>;
  if (typeof given !== 'object' || Array.isArray(given))
    throw mismatch(value, goName({ kind: 'message', id: type.id }), place);
  if (type.isKind) {
    if (typeof given.kind === 'string' && given.kind !== '') out.kind = given.kind;
    if (typeof given.apiVersion === 'string' && given.apiVersion !== '') out.apiVersion = given.apiVersion;
  }
  for (const field of type.fields) {
    const raw = given[field.name];
    const at = { struct: type.name, path: place.path === '' ? field.name : `${place.path}.${field.name}` };
    const decoded = raw === undefined || raw === null ? undefined : decodeValue(field.type, raw, at);
    const written = write(field, decoded, at);
    if (written !== undefined) out[field.name] = written;
  }
  return out;
}

/** What appears in JSON for a field; undefined leaves it out. */
function write(field: Field, value: Json, place: Place): Json {
  if (field.pointer) return value === undefined ? (field.omitEmpty || field.omitZero ? undefined : null) : value;
  const struct = field.type.kind === 'message';
  const written = value === undefined ? zero(field.type, place) : value;
  if (field.omitZero && isZero(field.type, written)) return undefined;
  // Structs have no empty value: without omitzero they are always written.
  if (field.omitEmpty && !struct && isEmpty(field.type, written)) return undefined;
  return written;
}

function zero(type: TypeRef, place: Place): Json {
  if (type.kind === 'message') {
    const inner = message(type.id);
    return inner === undefined ? {} : decodeMessage(inner, {}, place);
  }
  if (type.kind !== 'scalar') return null;
  if (type.scalar === 'bool') return false;
  if (type.scalar === 'string') return '';
  if (type.scalar === 'Quantity') return '0';
  if (type.scalar === 'Duration') return '0s';
  if (type.scalar === 'int32' || type.scalar === 'int64' || type.scalar === 'double' || type.scalar === 'IntOrString')
    return 0;
  return null;
}

/** Structs to the encoder, whatever they look like in JSON: never left out for being empty. */
const STRUCTS = new Set<Scalar>(['Quantity', 'IntOrString', 'Time', 'MicroTime', 'Duration', 'RawExtension']);

function isEmpty(type: TypeRef, value: Json): boolean {
  if (type.kind === 'scalar' && STRUCTS.has(type.scalar)) return false;
  if (value === null || value === undefined) return true;
  if (type.kind === 'list' || type.kind === 'map') return Object.keys(value).length === 0;
  if (type.kind !== 'scalar') return false;
  return value === '' || value === 0 || value === false;
}

function isZero(type: TypeRef, value: Json): boolean {
  if (type.kind === 'message') return Object.keys(value ?? {}).length === 0;
  return (
    value === null ||
    value === '' ||
    value === 0 ||
    value === false ||
    (type.kind === 'scalar' && type.scalar === 'Quantity' && value === '0')
  );
}

function decodeValue(type: TypeRef, value: unknown, place: Place): Json {
  if (type.kind === 'message') {
    const inner = message(type.id);
    if (inner === undefined) return value;
    if (typeof value !== 'object' || Array.isArray(value)) throw mismatch(value, goName(type), place);
    return decodeMessage(inner, value, place);
  }
  if (type.kind === 'list') {
    if (!Array.isArray(value)) throw mismatch(value, goName(type), place);
    return value.map((item) =>
      item === null || item === undefined ? zero(type.of, place) : decodeValue(type.of, item, place),
    );
  }
  if (type.kind === 'map') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(value, goName(type), place);
    const entries = Object.entries(value).map(([key, item]) => [
      key,
      item === null || item === undefined ? zero(type.of, place) : decodeValue(type.of, item, place),
    ]);
    return Object.fromEntries(entries);
  }
  return decodeScalar(type.scalar, value, place);
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function decodeScalar(scalar: Scalar, value: unknown, place: Place): Json {
  switch (scalar) {
    case 'string':
      if (typeof value !== 'string') throw mismatch(value, 'string', place);
      return value;
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch(value, 'bool', place);
      return value;
    case 'int32':
    case 'int64':
      if (typeof value !== 'number') throw mismatch(value, scalar, place);
      if (!Number.isInteger(value) || (scalar === 'int32' && Math.abs(value) > 2 ** 31))
        throw failure(
          `json: cannot unmarshal number ${value} into Go struct field ${place.struct}.${place.path} of type ${scalar}`,
        );
      return value;
    case 'double':
      if (typeof value !== 'number') throw mismatch(value, 'float64', place);
      return value;
    case 'bytes':
      return decodeBytes(value, place);
    case 'Quantity':
      if (value === '') return '0';
      if (!isQuantity(value)) throw failure(QUANTITY_TEXT);
      return canonicalQuantity(value as string | number);
    case 'IntOrString':
      if (typeof value !== 'string' && !(typeof value === 'number' && Number.isInteger(value)))
        throw mismatch(value, 'int32', place);
      return value;
    case 'Time':
    case 'MicroTime':
      return decodeTime(scalar, value, place);
    case 'Duration':
      if (typeof value !== 'string') throw mismatch(value, 'string', place);
      return value;
    case 'strings':
      if (!Array.isArray(value)) throw mismatch(value, '[]string', place);
      return value.map(String);
    default:
      return value as Json;
  }
}

function decodeBytes(value: unknown, place: Place): string {
  if (typeof value !== 'string') throw mismatch(value, '[]uint8', place);
  const text = value.replace(/[\r\n]/g, '');
  const bad = /[^A-Za-z0-9+/=]/.exec(text);
  if (bad !== null) throw failure(`illegal base64 data at input byte ${bad.index}`);
  const body = text.replace(/={1,2}$/, '');
  const padding = body.indexOf('=');
  if (padding >= 0) throw failure(`illegal base64 data at input byte ${padding}`);
  if (text.length % 4 !== 0 || body.length % 4 === 1)
    throw failure(`illegal base64 data at input byte ${text.length - (text.length % 4)}`);
  return text;
}

function decodeTime(scalar: 'Time' | 'MicroTime', value: unknown, place: Place): string {
  if (typeof value !== 'string') throw mismatch(value, scalar === 'Time' ? 'Time' : 'MicroTime', place);
  const instant = Date.parse(value);
  if (!RFC3339.test(value) || Number.isNaN(instant)) {
    const layout = scalar === 'Time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
    throw failure(
      `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(value)} as "2006"`,
    );
  }
  const seconds = new Date(instant).toISOString().slice(0, 19);
  if (scalar === 'Time') return `${seconds}Z`;
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  return `${seconds}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

function failure(text: string): DecodeFailure {
  return new DecodeFailure(text);
}

function mismatch(value: unknown, goType: string, place: Place): DecodeFailure {
  const got = Array.isArray(value)
    ? 'array'
    : value === null
      ? 'null'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  return failure(`json: cannot unmarshal ${got} into Go struct field ${place.struct}.${place.path} of type ${goType}`);
}

/** The name Go gives a type in messages: `map[string]string`, `[]v1.Container`. */
function goName(type: TypeRef): string {
  if (type.kind === 'list') return `[]${goName(type.of)}`;
  if (type.kind === 'map') return `map[string]${goName(type.of)}`;
  if (type.kind === 'message') return `v1.${type.id.slice(type.id.indexOf('.') + 1)}`;
  if (type.scalar === 'bytes') return '[]uint8';
  if (type.scalar === 'double') return 'float64';
  if (type.scalar === 'Quantity') return 'resource.Quantity';
  return type.scalar;
}
