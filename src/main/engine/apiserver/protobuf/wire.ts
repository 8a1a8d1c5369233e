/** Protocol buffers wire format, reading only. Source: protobuf.dev, "Encoding". Input is hostile: every length is checked. */

export class WireError extends Error {
  override readonly name = 'WireError';
}

export interface WireField {
  number: number;
  /** 0 varint, 1 fixed 64, 2 bytes, 5 fixed 32. */
  wireType: number;
  varint: bigint;
  bytes: Uint8Array;
}

const NONE = new Uint8Array(0);

/** All fields of one message, in order. */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const key = readVarint(reader);
    const number = Number(key >> 3n);
    const wireType = Number(key & 7n);
    if (number === 0) throw new WireError('illegal tag 0');
    if (wireType === 0) yield { number, wireType, varint: readVarint(reader), bytes: NONE };
    else if (wireType === 1) yield { number, wireType, varint: 0n, bytes: take(reader, 8) };
    else if (wireType === 5) yield { number, wireType, varint: 0n, bytes: take(reader, 4) };
    else if (wireType === 2) yield { number, wireType, varint: 0n, bytes: take(reader, Number(readVarint(reader))) };
    else throw new WireError(`proto: illegal wireType ${wireType}`);
  }
}

interface Reader {
  bytes: Uint8Array;
  at: number;
}

function readVarint(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at];
    if (byte === undefined) throw new WireError('unexpected EOF');
    reader.at += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw new WireError('integer overflow');
}

function take(reader: Reader, length: number): Uint8Array {
  const end = reader.at + length;
  if (!(length >= 0) || end > reader.bytes.length) throw new WireError('unexpected EOF');
  const part = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return part;
}

/** Varints of one packed field. */
export function readPacked(bytes: Uint8Array): bigint[] {
  const reader = { bytes, at: 0 };
  const values: bigint[] = [];
  while (reader.at < bytes.length) values.push(readVarint(reader));
  return values;
}

/** A varint as the signed number it stands for. */
export function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}
