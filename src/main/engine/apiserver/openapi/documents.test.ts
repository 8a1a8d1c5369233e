/**
 * The documents of a server with two definitions against what kube-apiserver 1.36 published of the same ones
 * (fixtures/documents.json): some parts word for word, all others by digests of their parts.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { createKindRegistry } from '../kinds/index.ts';
import { openApiV2, openApiV3 } from './index.ts';

const recorded = JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures/documents.json'), 'utf8'));
const registry = createKindRegistry();
for (const definition of recorded.definitions) registry.setCustom(definition);

const v2: Json = JSON.parse(String(openApiV2(registry).data));
const v3 = (document: string): Json => JSON.parse(String(openApiV3(registry, document)?.data));

const isCustom = (name: string): boolean => name.startsWith('com.example.') || name.includes('oa.example.com');
const only = (map: Json, wanted: (name: string) => boolean): Json =>
  Object.fromEntries(Object.entries(map).filter(([name]) => wanted(name)));

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

const digest = (value: Json): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex')
    .slice(0, 16);

function digests(document: Json): Record<string, string> {
  const { paths, parameters, definitions, components, ...rest } = document;
  const parts = {
    paths,
    schemas: components?.schemas ?? definitions ?? {},
    parameters,
    rest: { ...rest, paths: 0, definitions: 0, parameters: 0, components: 0 },
  };
  const given = Object.entries(parts).filter(([, part]) => part !== undefined);
  return Object.fromEntries(given.map(([name, part]) => [name, digest(part)]));
}

describe('OpenAPI is what the real server publishes', () => {
  test.each(Object.entries<Json>(recorded.v2))('version 2, %s', (name, item) => {
    expect(v2.paths[name]).toEqual(item);
  });

  test('version 2, parameters that are shared', () => {
    expect(v2.parameters).toMatchObject(recorded.parameters);
  });

  test.each<Json>(recorded.v3)('version 3, $path', ({ document, path: name, item }) => {
    expect(v3(document).paths[name]).toEqual(item);
  });

  test.each<Json>(recorded.schemas)('version 3, $name', ({ document, name, schema }) => {
    expect(v3(document).components.schemas[name]).toEqual(schema);
  });

  test('version 2, all that is built in', () => {
    const own = {
      ...v2,
      paths: only(v2.paths, (name) => !isCustom(name)),
      definitions: only(v2.definitions, (name) => !isCustom(name)),
    };
    expect(digests(own)).toEqual(recorded.digests.v2);
  });

  test('version 2, all that is custom', () => {
    const custom = { paths: only(v2.paths, isCustom), definitions: only(v2.definitions, isCustom) };
    expect(digests(custom)).toEqual(recorded.digests['v2 custom']);
  });

  const documents = Object.keys(recorded.digests).filter((name) => !name.startsWith('v2'));
  test.each(documents)('version 3, all of %s', (document) => {
    expect(digests(v3(document))).toEqual(recorded.digests[document]);
  });
});
