/**
 * JSON read as the API server's types read it and written as they write it: unknown fields dropped, empty values left
 * out or filled in as each field says, quantities in canonical form, wrong types refused with the decoder's own text.
 * Source: Go's encoding/json rules for the declared types; API conventions, "Optional vs. Required".
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { cloneJson, isRecord } from '../json.ts';
import { canonicalQuantity, isQuantity, roundedToMilli } from '../kinds/validation/quantity.ts';
import { badRequest } from '../status.ts';
import { type Field, type Message, message, messageOfSchema, type Scalar, type TypeRef } from './fields.ts';
import { isByte, isInteger, mismatchOf } from './mismatch.ts';
import { base64Problem, readTime } from './scalars.ts';
import { asSent, forgetLeftOut, isIncomplete, leaveOut, leftOutAtTop, leftOutOf } from './sent-empty.ts';

/** A value that does not fit its field; what the server's decoder says about it is found out by reading again. */
class DecodeFailure extends Error {
  override readonly name = 'DecodeFailure';
}

const UNFIT = 'json: cannot unmarshal the object';

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
  try {
    if (type === undefined) {
      const meta = message('meta.ObjectMeta');
      if (meta !== undefined) object.metadata = decodeMessage(meta, object.metadata ?? {});
      return;
    }
    const { apiVersion, kind } = object;
    // What is read again has lost what was left out the first time.
    const again = isIncomplete(object);
    const clean = decodeMessage(type, again ? withLeftOut(type, object) : object, only, known);
    if (again) forgetLeftOut(object);
    for (const key of Object.keys(object)) if (!(key in clean)) delete object[key];
    Object.assign(object, { kind, apiVersion }, clean);
    leftOutAtTop(clean, object);
    leftOutOf(object);
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    const version = object.apiVersion?.includes('/') ? object.apiVersion.split('/')[1] : object.apiVersion;
    throw badRequest(
      `${object.kind} in version "${version}" cannot be handled as a ${object.kind}: ${problemOf(type, object)}`,
    );
  }
}

/** Why an object cannot be read as one of the type; undefined when it can. */
export function readingProblem(type: Message, object: KubeObject): string | undefined {
  try {
    decodeMessage(type, object);
    return undefined;
  } catch (error) {
    if (error instanceof DecodeFailure) return problemOf(type, object);
    throw error;
  }
}

/** A value of a built-in type by id (`meta.DeleteOptions`), in canonical form. Throws 400. */
export function canonicalValue(id: string, value: unknown): Json {
  const type = message(id);
  if (type === undefined) return value;
  try {
    return decodeMessage(type, value);
  } catch (error) {
    if (error instanceof DecodeFailure) throw badRequest(mismatchOf(type, value) ?? UNFIT);
    throw error;
  }
}

/** Of objects of other schemas the metadata alone is read. */
function problemOf(type: Message | undefined, object: KubeObject): string {
  const meta = message('meta.ObjectMeta');
  const problem = type !== undefined ? mismatchOf(type, object) : meta && mismatchOf(meta, object.metadata);
  return problem ?? UNFIT;
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

function decodeMessage(
  type: Message,
  value: unknown,
  only: readonly string[] | null = null,
  known: Record<string, unknown> | null = null,
): Record<string, Json> {
  const out: Record<string, Json> = {};
  const given = (value ?? {}) as Record<string, unknown>;
  if (typeof given !== 'object' || Array.isArray(given)) throw new DecodeFailure();
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
    const decoded = decodeValue(field.type, raw, before);
    // Types of other groups are not looked at.
    if (field.goType === 'ResourceList' && type.id.startsWith('core.'))
      for (const key of Object.keys(decoded)) decoded[key] = roundedToMilli(decoded[key]);
    const written = write(field, decoded);
    if (written !== undefined) {
      out[name] = written;
      if (isContainer(field) && hasNone(written) && field.keepsEmpty !== true && !LASTING.test(type.id))
        leaveOut(out, name, written);
    } else if (isContainer(field)) leaveOut(out, name, decoded);
  }
  return out;
}

/** Of a list or a map; cheaper than to make a list of what is in it. */
function hasNone(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

const isContainer = ({ type }: Field): boolean => type.kind === 'list' || type.kind === 'map';

/** Types of what is not kept as protobuf, which tells no list without items from none. */
const LASTING = /^(apiextensions|authentication|authorization|meta)\./;

/** An object with the empty lists and maps that were left out when it was read. */
function withLeftOut(type: Message, value: Json): KubeObject {
  const whole = (of: TypeRef, item: Json): Json => {
    if (of.kind === 'scalar' || typeof item !== 'object' || item === null) return item;
    if (of.kind === 'list') return (item as Json[]).map((each) => whole(of.of, each));
    if (of.kind === 'map')
      return Object.fromEntries(Object.entries(item).map(([key, each]) => [key, whole(of.of, each as Json)]));
    const inner = message(of.id);
    return inner === undefined ? item : withLeftOut(inner, item);
  };
  const entries = type.fields.map(({ name, type: of }): [string, Json] => [name, whole(of, asSent(value, name))]);
  return { ...value, ...Object.fromEntries(entries.filter(([, item]) => item !== null)) };
}

/** What appears in JSON for a field; undefined leaves it out. */
function write(field: Field, value: Json): Json {
  if (field.pointer) return value === undefined ? (field.omitEmpty || field.omitZero ? undefined : null) : value;
  if (field.keepsEmpty === true && value !== undefined) return value;
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
    return inner === undefined ? {} : decodeMessage(inner, {});
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

/** No bytes are kept as bytes that are none. */
const zeroInMap = (type: TypeRef): Json => (type.kind === 'scalar' && type.scalar === 'bytes' ? '' : zero(type));

/** Structs to the encoder, whatever they look like in JSON: never left out for being empty. */
const STRUCTS = new Set<Scalar>(['Quantity', 'IntOrString', 'Time', 'MicroTime', 'Duration', 'RawExtension']);

function isEmpty(type: TypeRef, value: Json): boolean {
  if (type.kind === 'scalar' && STRUCTS.has(type.scalar)) return false;
  if (value === null || value === undefined) return true;
  if (type.kind === 'list' || type.kind === 'map') return hasNone(value);
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
function decodeValue(type: TypeRef, value: unknown, known: unknown = undefined): Json {
  if (type.kind === 'scalar') return decodeScalar(type.scalar, value);
  if (type.kind === 'message') {
    const inner = message(type.id);
    if (inner === undefined) return value;
    if (typeof value !== 'object' || Array.isArray(value)) throw new DecodeFailure();
    return decodeMessage(inner, value, null, isRecord(known) ? known : null);
  }
  if (type.kind === 'list') {
    if (!Array.isArray(value)) throw new DecodeFailure();
    return value.map((item) => (item === null || item === undefined ? zero(type.of) : decodeValue(type.of, item)));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new DecodeFailure();
  // Maps are written by key.
  const entries = Object.keys(value)
    .sort()
    .map((key) => {
      const item = (value as Record<string, unknown>)[key];
      return [key, item === null || item === undefined ? zeroInMap(type.of) : decodeValue(type.of, item)] as const;
    });
  return Object.fromEntries(entries);
}

function decodeScalar(scalar: Scalar, value: unknown): Json {
  switch (scalar) {
    case 'string':
      if (typeof value !== 'string') throw new DecodeFailure();
      return value;
    case 'bool':
      if (typeof value !== 'boolean') throw new DecodeFailure();
      return value;
    case 'int32':
    case 'int64':
      if (!isInteger(value, scalar)) throw new DecodeFailure();
      return value;
    case 'double':
      if (typeof value !== 'number') throw new DecodeFailure();
      return value;
    case 'bytes':
      return decodeBytes(value);
    case 'Quantity':
      return decodeQuantity(value);
    case 'IntOrString':
      if (typeof value !== 'string' && !isInteger(value, 'int32')) throw new DecodeFailure();
      return value;
    case 'Time':
    case 'MicroTime':
      return remembered(times[scalar], value, () => decodeTime(scalar, value));
    case 'Duration':
      if (typeof value !== 'string') throw new DecodeFailure();
      return value;
    case 'SchemaOrArray':
      if (Array.isArray(value)) return value.map(decodeSchema);
      return isRecord(value) ? decodeSchema(value) : undefined;
    case 'SchemaOrBool':
      if (typeof value === 'boolean') return value;
      if (isRecord(value)) return decodeSchema(value);
      throw new DecodeFailure();
    case 'SchemaOrStrings':
      if (Array.isArray(value)) return value;
      return isRecord(value) ? decodeSchema(value) : undefined;
    case 'strings':
      if (!Array.isArray(value) || value.some((item) => item !== null && typeof item !== 'string'))
        throw new DecodeFailure();
      return value.map((item) => item ?? '');
    default:
      return value as Json;
  }
}

/** A schema where something else could stand. */
function decodeSchema(value: unknown): Json {
  return decodeMessage(message('apiextensions.JSONSchemaProps')!, value);
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
    if (!isQuantity(given)) throw new DecodeFailure();
    return canonicalQuantity(given as string | number);
  });
}

function decodeBytes(value: unknown): string {
  // Bytes may be listed, too.
  if (Array.isArray(value)) {
    if (!value.every(isByte)) throw new DecodeFailure();
    return Buffer.from(value.map((byte) => byte ?? 0)).toString('base64');
  }
  if (typeof value !== 'string' || base64Problem(value) !== null) throw new DecodeFailure();
  const text = value.replace(/[\r\n]/g, '');
  // The last letter may say more than there are bits.
  return text.endsWith('=') ? Buffer.from(text, 'base64').toString('base64') : text;
}

function decodeTime(scalar: 'Time' | 'MicroTime', value: unknown): string {
  if (typeof value !== 'string') throw new DecodeFailure();
  const read = readTime(value, scalar === 'MicroTime');
  if (typeof read === 'string') throw new DecodeFailure();
  const seconds = new Date(read.seconds).toISOString().slice(0, 19);
  return scalar === 'Time' ? `${seconds}Z` : `${seconds}.${read.fraction}Z`;
}
