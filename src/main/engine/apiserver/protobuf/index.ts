/**
 * Request bodies in `application/vnd.kubernetes.protobuf`, turned into the JSON object they stand for.
 * Source: API concepts, "Kubernetes Protobuf encoding"; the envelope is `k8s\0` and runtime.Unknown.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { summary } from '../json.ts';
import { type Field, isBuiltIn, message, messageOfKind, type Scalar, type TypeRef } from '../openapi/fields.ts';
import { canonicalise } from '../openapi/typed.ts';
import { badRequest, refuse } from '../status.ts';
import { readFields, readPacked, signed, WireError, type WireField } from './wire.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const PREFIX = [0x6b, 0x38, 0x73, 0x00];
/** Deeper nesting than any real object has. */
const MAX_DEPTH = 100;

const utf8 = new TextDecoder('utf-8');

/**
 * Decodes a body. `expected` is the kind the path stands for, which refusals name. Throws 400 for damaged bodies and what
 * there is not, 415 for kinds that are not built in.
 */
export function decodeProtobuf(bytes: Uint8Array, expected = 'Unknown'): KubeObject {
  if (!PREFIX.every((byte, index) => bytes[index] === byte)) {
    const text = `provided data does not appear to be a protobuf message, expected prefix [${PREFIX.join(' ')}]`;
    throw unrecognized(bytes, text, expected);
  }
  try {
    const { apiVersion, kind, raw } = envelope(bytes.subarray(PREFIX.length));
    const type = messageOfKind(apiVersion, kind);
    if (type === undefined) {
      // Clients of custom resources send JSON then.
      if (apiVersion.includes('/') && !isBuiltIn(apiVersion)) {
        const text = `no protobuf encoding is known for kind "${kind}" in version "${apiVersion}": send application/json`;
        throw refuse(415, 'UnsupportedMediaType', text);
      }
      const unknown = `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`;
      const version = apiVersion.split('/').at(-1);
      throw badRequest(`${kind} in version "${version}" cannot be handled as a ${expected}: ${unknown}`);
    }
    const object = { apiVersion, kind, ...decodeMessage(type.id, raw, 0) } as KubeObject;
    canonicalise(type.schema, object);
    return object;
  } catch (error) {
    throw error instanceof WireError ? unrecognized(bytes, error.message, expected) : error;
  }
}

function unrecognized(bytes: Uint8Array, problem: string, expected: string): Error {
  return badRequest(
    `the object provided is unrecognized (must be of type ${expected}): ${problem} (${summary(bytes)})`,
  );
}

function envelope(bytes: Uint8Array): { apiVersion: string; kind: string; raw: Uint8Array } {
  let raw: Uint8Array = new Uint8Array(0);
  let apiVersion = '';
  let kind = '';
  for (const field of readFields(bytes)) {
    if (field.number === 1) {
      for (const part of readFields(field.bytes)) {
        if (part.number === 1) apiVersion = utf8.decode(part.bytes);
        if (part.number === 2) kind = utf8.decode(part.bytes);
      }
    } else if (field.number === 2) raw = field.bytes;
  }
  return { apiVersion, kind, raw };
}

function decodeMessage(id: string, bytes: Uint8Array, depth: number): Record<string, Json> {
  if (depth > MAX_DEPTH) throw new WireError('nested too deeply');
  const type = message(id);
  const out: Record<string, Json> = {};
  if (type === undefined) return out;
  for (const wire of readFields(bytes)) {
    const field = type.byNumber.get(wire.number);
    if (field === undefined) continue;
    if ('embedded' in field) Object.assign(out, decodeMessage(field.embedded, wire.bytes, depth + 1));
    else assign(out, field, wire, depth);
  }
  return out;
}

function assign(out: Record<string, Json>, field: Field, wire: WireField, depth: number): void {
  const { type } = field;
  if (type.kind === 'list') {
    out[field.name] ??= [];
    if (wire.wireType === 2 && isVarint(type.of))
      out[field.name].push(
        ...readPacked(wire.bytes).map((value) =>
          type.of.kind === 'scalar' && type.of.scalar === 'bool' ? value !== 0n : signed(value),
        ),
      );
    else out[field.name].push(decodeValue(type.of, wire, depth));
  } else if (type.kind === 'map') {
    out[field.name] ??= {};
    let key = '';
    let value: Json;
    for (const part of readFields(wire.bytes)) {
      if (part.number === 1) key = utf8.decode(part.bytes);
      if (part.number === 2) value = decodeValue(type.of, part, depth);
    }
    Object.defineProperty(out[field.name], key, {
      value: value ?? null,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    const value = decodeValue(type, wire, depth);
    if (value !== undefined) out[field.name] = value;
  }
}

function isVarint(type: TypeRef): boolean {
  return type.kind === 'scalar' && ['int32', 'int64', 'bool'].includes(type.scalar);
}

function decodeValue(type: TypeRef, wire: WireField, depth: number): Json {
  if (type.kind === 'message') return decodeMessage(type.id, wire.bytes, depth + 1);
  if (type.kind === 'scalar') return decodeScalar(type.scalar, wire, depth);
  // A list or map inside a list or map has a message of its own in between; only string lists occur (ExtraValue).
  return [...readFields(wire.bytes)].map((part) => utf8.decode(part.bytes));
}

function decodeScalar(scalar: Scalar, wire: WireField, depth: number): Json {
  switch (scalar) {
    case 'string':
      return utf8.decode(wire.bytes);
    case 'bool':
      return wire.varint !== 0n;
    case 'int32':
    case 'int64':
      return signed(wire.varint);
    case 'double':
      return new DataView(wire.bytes.buffer, wire.bytes.byteOffset, 8).getFloat64(0, true);
    case 'bytes':
      return Buffer.from(wire.bytes).toString('base64');
    case 'strings':
      return [...readFields(wire.bytes)].map((part) => utf8.decode(part.bytes));
    default:
      return decodeStructured(scalar, [...readFields(wire.bytes)], depth);
  }
}

/** Types that are messages on the wire and something simpler in JSON. */
function decodeStructured(scalar: Scalar, parts: WireField[], depth: number): Json {
  const part = (number: number): WireField | undefined => parts.find((each) => each.number === number);
  const bytes = (number: number): Uint8Array => part(number)?.bytes ?? new Uint8Array(0);
  const integer = (number: number): number => signed(part(number)?.varint ?? 0n);
  switch (scalar) {
    case 'Quantity':
      return utf8.decode(bytes(1)) || '0';
    case 'IntOrString':
      return integer(1) === 1 ? utf8.decode(bytes(3)) : integer(2);
    case 'Time':
    case 'MicroTime':
      return parts.length === 0 ? undefined : time(scalar, integer(1), integer(2));
    case 'Duration':
      return goDuration(part(1)?.varint ?? 0n);
    case 'RawExtension':
    case 'FieldsV1':
    case 'JSON':
      return embeddedJson(bytes(1));
    case 'SchemaOrBool':
      return part(2) === undefined
        ? integer(1) !== 0
        : decodeMessage('apiextensions.JSONSchemaProps', bytes(2), depth + 1);
    case 'SchemaOrArray':
      return part(1) !== undefined
        ? decodeMessage('apiextensions.JSONSchemaProps', bytes(1), depth + 1)
        : parts.map((each) => decodeMessage('apiextensions.JSONSchemaProps', each.bytes, depth + 1));
    case 'SchemaOrStrings':
      return part(1) !== undefined
        ? decodeMessage('apiextensions.JSONSchemaProps', bytes(1), depth + 1)
        : parts.map((each) => utf8.decode(each.bytes));
    default:
      return undefined;
  }
}

function embeddedJson(bytes: Uint8Array): Json {
  if (bytes.length === 0) return undefined;
  if (PREFIX.every((byte, index) => bytes[index] === byte)) return decodeProtobuf(bytes);
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw new WireError('embedded object is not JSON');
  }
}

/** Of 0001-01-01T00:00:00Z, since 1970. */
const ZERO_SECONDS = -62_135_596_800;

function time(scalar: 'Time' | 'MicroTime', seconds: number, nanos: number): string | undefined {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw new WireError('time out of range');
  // The zero time of the encoder: not set.
  if (seconds === ZERO_SECONDS && nanos === 0) return undefined;
  const text = date.toISOString().slice(0, 19);
  return scalar === 'Time' ? `${text}Z` : `${text}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z`;
}

/** Nanoseconds as Go prints a duration: `1h0m0s`, `1.5s`. */
function goDuration(raw: bigint): string {
  const total = signed(raw);
  const sign = total < 0 ? '-' : '';
  const seconds = Math.abs(total) / 1e9;
  if (seconds === 0) return '0s';
  if (seconds < 1) {
    const [value, unit] =
      seconds < 1e-6 ? [seconds * 1e9, 'ns'] : seconds < 1e-3 ? [seconds * 1e6, 'µs'] : [seconds * 1e3, 'ms'];
    return `${sign}${Number(value.toPrecision(12))}${unit}`;
  }
  const hours = Math.trunc(seconds / 3600);
  const minutes = Math.trunc((seconds % 3600) / 60);
  const rest = `${Number((seconds % 60).toFixed(9))}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${sign}${minutes}m${rest}` : sign + rest;
}
