import { expect, test } from 'vitest';
import { MalformedStreamError, parseNdjson } from './ndjson.ts';

async function* bytes(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

async function collect(source: AsyncIterable<unknown>): Promise<{ values: unknown[]; error: unknown }> {
  const values: unknown[] = [];
  try {
    for await (const value of source) values.push(value);
  } catch (error) {
    return { values, error };
  }
  return { values, error: null };
}

test('values come one per line, however the bytes are cut', async () => {
  const whole = '{"a":1}\n{"b":"ü中"}\r\n\n{"c":[1,2]}\n';
  const expected = [{ a: 1 }, { b: 'ü中' }, { c: [1, 2] }];
  const raw = Buffer.from(whole);
  for (const size of [1, 2, 3, 7, raw.length]) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < raw.length; at += size) chunks.push(raw.subarray(at, at + size));
    expect(await collect(parseNdjson(bytes(...chunks)))).toEqual({ values: expected, error: null });
  }
});

test('a line that is not JSON ends the stream after all good lines before it, and is not quoted', async () => {
  const { values, error } = await collect(parseNdjson(bytes('{"a":1}\n{"secret": tok', 'en}\n{"b":2}\n')));
  expect(values).toEqual([{ a: 1 }]);
  expect(error).toBeInstanceOf(MalformedStreamError);
  expect((error as Error).message).not.toContain('secret');
});

test('a last line without its end is a broken connection, not data', async () => {
  expect(await collect(parseNdjson(bytes('{"a":1}\n{"b":2}')))).toEqual({ values: [{ a: 1 }], error: null });
});
