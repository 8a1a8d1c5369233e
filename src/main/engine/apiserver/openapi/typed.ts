/**
 * JSON read as the API server's types read it and written as they write it: unknown fields dropped, empty values left
 * out or filled in as each field says, quantities in canonical form, wrong types refused with the decoder's own text.
 * Source: Go's encoding/json rules for the declared types; API conventions, "Optional vs. Required".
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { cloneJson, isRecord } from '../json.ts';
import { canonicalQuantity, isQuantity, QUANTITY_TEXT } from '../kinds/validation/quantity.ts';
import { badRequest } from '../status.ts';
import { type Field, type Message, message, messageOfSchema, type Scalar, type TypeRef } from './fields.ts';

/** A value that does not fit its field; `text` is what the server's decoder says. */
class DecodeFailure extends Error {
  override readonly name = 'DecodeFailure';
}

/** Names of the fields that lead to the value being decoded: said in failures only, so they are joined there. */
const trail: string[] = [];

/**
 * Brings a built-in object into the form the server stores, in place. Objects of other schemas get their metadata
 * checked alone. With `only`, the fields of other names are known to be in that form; what is the very same value as in
 * `known`, an object in that form, is left as it is. Throws 400 for what cannot be decoded.
 */
export function canonicalise(
  schema: string | undefined,
  object: KubeObject,
  only: readonly string[] | null = null,
  known: KubeObject | null = null,
): void {
  const type = messageOfSchema(schema);
  trail.length = 0;
  try {
    if (type === undefined) {
      const meta = message('meta.ObjectMeta');
      if (meta !== undefined) object.metadata = decodeMessage(meta, object.metadata ?? {}, meta);
      return;
    }
    const { apiVersion, kind } = object;
    const clean = decodeMessage(type, object, type, only, known);
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
  trail.length = 0;
  try {
    return decodeMessage(type, value, type);
  } catch (error) {
    if (error instanceof DecodeFailure) throw badRequest(error.message);
    throw error;
  }
}

/** One field, and what is written for it where it is absent; undefined leaves it out. */
interface Step {
  field: Field;
  name: string;
  absent: Json;
}

const plans = new WeakMap<Message, readonly Step[]>();

function planOf(type: Message): readonly Step[] {
  let plan = plans.get(type);
  if (plan === undefined) {
    plan = type.fields.map((field) => ({ field, name: field.name, absent: write(field, undefined) }));
    plans.set(type, plan);
  }
  return plan;
}

/** `within`: the type whose field the value is of. */
function decodeMessage(
  type: Message,
  value: unknown,
  within: Message,
  only: readonly string[] | null = null,
  known: Record<string, unknown> | null = null,
): Record<string, Json> {
  const out: Record<string, Json> = {};
  const given = (value ?? {}) as Record<string, unknown>;
  if (typeof given !== 'object' || Array.isArray(given))
    throw mismatch(value, goName({ kind: 'message', id: type.id }), within);
  if (type.isKind) {
    if (typeof given.kind === 'string' && given.kind !== '') out.kind = given.kind;
    if (typeof given.apiVersion === 'string' && given.apiVersion !== '') out.apiVersion = given.apiVersion;
  }
  for (const { field, name, absent } of planOf(type)) {
    const raw = given[name];
    if (raw === undefined || raw === null) {
      if (absent !== undefined) out[name] = cloneJson(absent);
      continue;
    }
    const before = known?.[name];
    if (raw === before || (only !== null && !only.includes(name))) {
      out[name] = raw;
      continue;
    }
    trail.push(name);
    const written = write(field, decodeValue(field.type, raw, type, before));
    trail.pop();
    if (written !== undefined) out[name] = written;
  }
  return out;
}

/** What appears in JSON for a field; undefined leaves it out. */
function write(field: Field, value: Json): Json {
  if (field.pointer) return value === undefined ? (field.omitEmpty || field.omitZero ? undefined : null) : value;
  const struct = field.type.kind === 'message';
  const written = value === undefined ? zero(field.type) : value;
  if (field.omitZero && isZero(field.type, written)) return undefined;
  // Structs have no empty value: without omitzero they are always written.
  if (field.omitEmpty && !struct && isEmpty(field.type, written)) return undefined;
  return written;
}

function zero(type: TypeRef): Json {
  if (type.kind === 'message') {
    const inner = message(type.id);
    return inner === undefined ? {} : decodeMessage(inner, {}, inner);
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

/** `known`: what the field holds in an object that is in stored form already. */
function decodeValue(type: TypeRef, value: unknown, within: Message, known: unknown = undefined): Json {
  if (type.kind === 'scalar') return decodeScalar(type.scalar, value, within);
  if (type.kind === 'message') {
    const inner = message(type.id);
    if (inner === undefined) return value;
    if (typeof value !== 'object' || Array.isArray(value)) throw mismatch(value, goName(type), within);
    return decodeMessage(inner, value, within, null, isRecord(known) ? known : null);
  }
  if (type.kind === 'list') {
    if (!Array.isArray(value)) throw mismatch(value, goName(type), within);
    return value.map((item) =>
      item === null || item === undefined ? zero(type.of) : decodeValue(type.of, item, within),
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(value, goName(type), within);
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    item === null || item === undefined ? zero(type.of) : decodeValue(type.of, item, within),
  ]);
  return Object.fromEntries(entries);
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function decodeScalar(scalar: Scalar, value: unknown, within: Message): Json {
  switch (scalar) {
    case 'string':
      if (typeof value !== 'string') throw mismatch(value, 'string', within);
      return value;
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch(value, 'bool', within);
      return value;
    case 'int32':
    case 'int64':
      if (typeof value !== 'number') throw mismatch(value, scalar, within);
      if (!Number.isInteger(value) || (scalar === 'int32' && Math.abs(value) > 2 ** 31))
        throw failure(
          `json: cannot unmarshal number ${value} into Go struct field ${within.name}.${trail.join('.')} of type ${scalar}`,
        );
      return value;
    case 'double':
      if (typeof value !== 'number') throw mismatch(value, 'float64', within);
      return value;
    case 'bytes':
      return decodeBytes(value, within);
    case 'Quantity':
      return decodeQuantity(value);
    case 'IntOrString':
      if (typeof value !== 'string' && !(typeof value === 'number' && Number.isInteger(value)))
        throw mismatch(value, 'int32', within);
      return value;
    case 'Time':
    case 'MicroTime':
      return remembered(times[scalar], value, () => decodeTime(scalar, value, within));
    case 'Duration':
      if (typeof value !== 'string') throw mismatch(value, 'string', within);
      return value;
    case 'SchemaOrArray':
      if (Array.isArray(value)) return value.map(decodeSchema);
      return isRecord(value) ? decodeSchema(value) : undefined;
    case 'SchemaOrBool':
      if (typeof value === 'boolean') return value;
      if (isRecord(value)) return decodeSchema(value);
      throw failure('boolean or JSON schema expected');
    case 'SchemaOrStrings':
      if (Array.isArray(value)) return value;
      return isRecord(value) ? decodeSchema(value) : undefined;
    case 'strings':
      if (!Array.isArray(value)) throw mismatch(value, '[]string', within);
      return value.map(String);
    default:
      return value as Json;
  }
}

/** A schema where something else could stand: read by itself, so that its failures tell the place within it alone. */
function decodeSchema(value: unknown): Json {
  const type = message('apiextensions.JSONSchemaProps')!;
  const outer = trail.splice(0);
  const schema = decodeMessage(type, value, type);
  trail.push(...outer);
  return schema;
}

const times: Record<'Time' | 'MicroTime', Map<unknown, string>> = { Time: new Map(), MicroTime: new Map() };
const quantities = new Map<unknown, string>();
const REMEMBERED = 1000;

/** The same few times and quantities are in nearly every object. */
function remembered(known: Map<unknown, string>, value: unknown, decode: () => string): string {
  const found = known.get(value);
  if (found !== undefined) return found;
  const decoded = decode();
  if (known.size >= REMEMBERED) known.clear();
  known.set(value, decoded);
  return decoded;
}

function decodeQuantity(value: unknown): string {
  return remembered(quantities, value, () => {
    const given = typeof value === 'string' ? value.trim() : value;
    if (!isQuantity(given)) throw failure(QUANTITY_TEXT);
    return canonicalQuantity(given as string | number);
  });
}

function decodeBytes(value: unknown, within: Message): string {
  if (typeof value !== 'string') throw mismatch(value, '[]uint8', within);
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

/** What is wrong with a time, in the decoder's words; null for none and for good ones. */
export function timeProblem(value: unknown): string | null {
  if (typeof value !== 'string' || (RFC3339.test(value) && !Number.isNaN(Date.parse(value)))) return null;
  const text = JSON.stringify(value);
  return `parsing time ${text} as "2006-01-02T15:04:05Z07:00": cannot parse ${text} as "2006"`;
}

function decodeTime(scalar: 'Time' | 'MicroTime', value: unknown, within: Message): string {
  if (typeof value !== 'string') throw mismatch(value, scalar === 'Time' ? 'Time' : 'MicroTime', within);
  const instant = Date.parse(value);
  // The finer kind of time has its fraction spelled out.
  if (scalar === 'MicroTime' && RFC3339.test(value) && !/\.\d{6}/.test(value)) {
    const rest = /(\.\d*)?(Z|[+-]\d\d:\d\d)$/i.exec(value)![0];
    throw failure(
      `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse ${JSON.stringify(rest)} as ".000000"`,
    );
  }
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

function mismatch(value: unknown, goType: string, within: Message): DecodeFailure {
  const got = Array.isArray(value)
    ? 'array'
    : value === null
      ? 'null'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  return failure(
    `json: cannot unmarshal ${got} into Go struct field ${within.name}.${trail.join('.')} of type ${goType}`,
  );
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
