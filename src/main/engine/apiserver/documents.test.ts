import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { documentOf, keptDocument } from './documents.ts';
import type { KindRegistry } from './types.ts';

const registryAt = (revision: number) => ({ revision }) as { -readonly [K in keyof KindRegistry]: KindRegistry[K] };

test('a document is built and compressed once, however many ask', async () => {
  const registry = registryAt(1);
  let built = 0;
  const ask = () =>
    keptDocument(registry, 'openapi/v2', () => {
      built += 1;
      return documentOf('application/json', '{"swagger":"2.0"}', '"a"');
    });
  const [first, second] = [ask(), ask()];
  expect(built).toBe(1);
  expect(second?.data).toBe(first?.data);
  const packed = await Promise.all([first?.packed(), second?.packed()]);
  expect(packed[1]).toBe(packed[0]);
  expect(gunzipSync(packed[0] ?? '').toString()).toBe('{"swagger":"2.0"}');
  // From now on it is kept in that form, and unpacked for who does not take it.
  expect(String(first?.data)).toBe('{"swagger":"2.0"}');
  expect(first?.data).not.toBe(first?.data);
  expect(first?.size).toBe(17);
});

test('it is built anew when the kinds have changed, and forgotten with those of before', () => {
  const registry = registryAt(1);
  const ask = (text: string) =>
    String(keptDocument(registry, 'apis', () => documentOf('application/json', text))?.data);
  expect(ask('one')).toBe('one');
  registry.revision = 2;
  expect(ask('two')).toBe('two');
});

test('what is not there is not remembered', () => {
  const registry = registryAt(1);
  expect(keptDocument(registry, 'apis/none', () => null)).toBeNull();
  expect(keptDocument(registry, 'apis/none', () => documentOf('application/json', '{}'))).not.toBeNull();
});
