import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { ApiError } from '../../kube/index.ts';
import { messageOfKind } from '../openapi/fields.ts';
import { canonicalise } from '../openapi/typed.ts';
import bodies from './fixtures/kubectl-bodies.json' with { type: 'json' };
import { decodeProtobuf } from './index.ts';
import { ProtoWriter } from './writer.ts';

const PREFIX = Buffer.from('k8s\0');

/** A body as a client would frame it. */
function framed(apiVersion: string, kind: string, raw: Uint8Array): Uint8Array {
  const envelope = new ProtoWriter()
    .message(1, (meta) => meta.string(1, apiVersion).string(2, kind))
    .message(2, (part) => part.bytes(raw));
  return Buffer.concat([PREFIX, envelope.finish()]);
}

function refusal(run: () => unknown): ApiError {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('bodies that kubectl 1.33 sends', () => {
  test.each(bodies)('$command', ({ bytes, object }) => {
    const expected = structuredClone(object) as unknown as KubeObject;
    canonicalise(messageOfKind(expected.apiVersion, expected.kind)?.schema, expected);
    expect(decodeProtobuf(Buffer.from(bytes, 'base64'))).toEqual(expected);
  });
});

describe('values that JSON writes in another way', () => {
  test('times in whole seconds and in microseconds', () => {
    const time = (part: ProtoWriter): ProtoWriter => part.varintField(1, 1577934245).varintField(2, 123456000);
    const lease = new ProtoWriter()
      .message(1, (meta) => meta.string(1, 'l').message(8, time))
      .message(2, (spec) => spec.string(1, 'me').message(4, time));
    const object = decodeProtobuf(framed('coordination.k8s.io/v1', 'Lease', lease.finish()));
    expect(object.metadata.creationTimestamp).toBe('2020-01-02T03:04:05Z');
    expect(object.spec).toEqual({ holderIdentity: 'me', renewTime: '2020-01-02T03:04:05.123456Z' });
  });

  test('of the first year only its very beginning is no time', () => {
    // A negative number takes ten bytes.
    const time = (seconds: number) => (part: ProtoWriter) => {
      const bits = BigInt.asUintN(64, BigInt(seconds));
      const groups = Array.from({ length: 10 }, (_, at) => Number((bits >> BigInt(7 * at)) & 0x7fn));
      part.bytes(Uint8Array.from([8, ...groups.map((group, at) => (at < 9 ? group | 0x80 : group))]));
    };
    const lease = new ProtoWriter()
      .message(1, (meta) => meta.string(1, 'l'))
      .message(2, (spec) => spec.message(3, time(-62_135_596_798)).message(4, time(-62_135_596_800)));
    const object = decodeProtobuf(framed('coordination.k8s.io/v1', 'Lease', lease.finish()));
    expect(object.spec).toEqual({ acquireTime: '0001-01-01T00:00:02.000000Z' });
  });

  test('raw JSON inside an object is that JSON', () => {
    const revision = new ProtoWriter()
      .message(1, (meta) => meta.string(1, 'r'))
      .message(2, (data) => data.string(1, '{"a":[1]}'))
      .varintField(3, 7);
    const object = decodeProtobuf(framed('apps/v1', 'ControllerRevision', revision.finish()));
    expect(object).toMatchObject({ data: { a: [1] }, revision: 7 });
  });
});

describe('bodies that are refused', () => {
  test('no protobuf at all', () => {
    const error = refusal(() => decodeProtobuf(Uint8Array.of(0, 0, 0), 'ConfigMap'));
    expect(error.status).toBe(400);
    expect(error.message).toBe(
      'the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (000000)',
    );
  });

  test('a kind that is not built in is 415', () => {
    const error = refusal(() => decodeProtobuf(framed('example.com/v1', 'Widget', new Uint8Array(0))));
    expect(error.status).toBe(415);
    expect(error.message).toContain('"Widget"');
  });

  test('a kind that there is not, and a body that ends early, are told as they are of JSON', () => {
    const unknown = refusal(() => decodeProtobuf(framed('v1', 'Nope', Uint8Array.of()), 'ConfigMap'));
    expect(unknown.status).toBe(400);
    expect(unknown.message).toBe(
      'Nope in version "v1" cannot be handled as a ConfigMap: no kind "Nope" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    );
    const cut = framed('v1', 'ConfigMap', Uint8Array.of(0x0a)).subarray(0, 12);
    expect(refusal(() => decodeProtobuf(cut, 'ConfigMap')).message).toBe(
      `the object provided is unrecognized (must be of type ConfigMap): unexpected EOF (${Buffer.from(cut).toString('hex')})`,
    );
  });

  test.each([
    ['a length beyond the end', Uint8Array.of(0x0a, 0x7f, 0x01)],
    ['a varint without end', Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ['field number 0', Uint8Array.of(0x02, 0x00)],
  ])('%s is 400', (_name, raw) => {
    expect(refusal(() => decodeProtobuf(framed('v1', 'ConfigMap', raw))).status).toBe(400);
  });

  test('endless nesting is 400, not an overflow', () => {
    let raw: Uint8Array = new Uint8Array(0);
    for (let depth = 0; depth < 300; depth += 1) {
      const inner = raw;
      raw = new ProtoWriter().message(28, (part) => part.bytes(inner)).finish();
    }
    const schema = new ProtoWriter().message(1, (part) => part.bytes(raw)).finish();
    const version = new ProtoWriter()
      .string(1, 'v1')
      .message(4, (part) => part.bytes(schema))
      .finish();
    const spec = new ProtoWriter().message(7, (part) => part.bytes(version)).finish();
    const crd = new ProtoWriter().message(2, (part) => part.bytes(spec)).finish();
    const error = refusal(() => decodeProtobuf(framed('apiextensions.k8s.io/v1', 'CustomResourceDefinition', crd)));
    expect(error.status).toBe(400);
  });

  test('a hostile map key does not reach the prototype', () => {
    const entry = new ProtoWriter().string(1, '__proto__').string(2, 'x').finish();
    const map = new ProtoWriter().message(2, (part) => part.bytes(entry)).finish();
    const object = decodeProtobuf(framed('v1', 'ConfigMap', map));
    expect(Object.getPrototypeOf(object.data)).toBe(Object.prototype);
  });
});
