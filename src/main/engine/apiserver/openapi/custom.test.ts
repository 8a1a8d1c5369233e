/** Against what kube-apiserver 1.36 published of the same definition (fixtures/custom.json). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createKindRegistry } from '../kinds/index.ts';
import { customSchemas } from './custom.ts';

const recorded = JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures/custom.json'), 'utf8'));
const registry = createKindRegistry();
registry.setCustom(recorded.definition);

test.each(['v2', 'v3'] as const)('custom schemas are published in OpenAPI %s as the real server does', (dialect) => {
  const kinds = registry.all().filter(({ custom }) => custom !== undefined);
  const published = Object.assign({}, ...kinds.map((kind) => customSchemas(kind, dialect)));
  expect(published).toEqual(recorded[dialect]);
});
