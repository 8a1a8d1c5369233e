import { describe, expect, test } from 'vitest';
import type { KindSchema } from '#shared/contract/resources.ts';
import { placeAt, problemsOf, schemaAt, suggestionsAt } from './schema.ts';

const schema: KindSchema = {
  root: 'Deployment',
  schemas: {
    Deployment: {
      type: 'object',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { ref: 'Meta' },
        spec: { ref: 'Spec', description: 'What is wanted.' },
      },
    },
    Meta: {
      type: 'object',
      properties: { name: { type: 'string' }, labels: { type: 'object', entries: { type: 'string' } } },
    },
    Spec: {
      type: 'object',
      required: ['containers'],
      properties: {
        replicas: { type: 'integer' },
        paused: { type: 'boolean' },
        policy: { type: 'string', values: ['Always', 'Never'] },
        port: { type: 'any' },
        containers: { type: 'array', items: { ref: 'Container' } },
        free: { type: 'object', open: true, properties: {} },
      },
    },
    Container: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, env: { type: 'array', items: { ref: 'Env' } } },
    },
    Env: { type: 'object', properties: { name: { type: 'string' }, value: { type: 'string' } } },
  },
};
/** The bar is the cursor. */
function cursor(marked: string) {
  const at = marked.indexOf('|');
  const text = marked.replace('|', '');
  const before = text.slice(0, at).split('\n');
  return { text, line: before.length - 1, column: before.at(-1)?.length ?? 0 };
}
const place = (marked: string) => {
  const { text, line, column } = cursor(marked);
  return placeAt(text, line, column);
};
const labels = (marked: string) => {
  const { text, line, column } = cursor(marked);
  return suggestionsAt(schema, text, line, column).map(({ label }) => label);
};

describe('where the cursor is', () => {
  test.each([
    ['at the top', 'ki|', [], 'ki'],
    ['in a mapping', 'spec:\n  rep|', ['spec'], 'rep'],
    ['after a deeper sibling', 'spec:\n  free:\n    a: 1\n  |', ['spec'], ''],
    ['in an item of a list', 'spec:\n  containers:\n    - name: a\n      e|', ['spec', 'containers', 0], 'e'],
    ['at the beginning of an item', 'spec:\n  containers:\n    - n|', ['spec', 'containers', 0], 'n'],
    ['in a list that is not indented', 'spec:\n  containers:\n  - name: a\n    e|', ['spec', 'containers', 0], 'e'],
    [
      'in a list of a list',
      'spec:\n  containers:\n  - name: a\n    env:\n    - name: x\n      v|',
      ['spec', 'containers', 0, 'env', 0],
      'v',
    ],
  ])('%s', (_what, marked, path, key) => {
    expect(place(marked)).toMatchObject({ path, key });
  });

  test('behind a key it is its value', () => {
    expect(place('spec:\n  policy: A|')).toEqual({ path: ['spec'], key: null, valueOf: 'policy' });
  });
});

describe('what may stand there', () => {
  test('fields of the mapping, and values where they are few', () => {
    expect(labels('spec:\n  |')).toEqual(['replicas', 'paused', 'policy', 'port', 'containers', 'free']);
    expect(labels('spec:\n  containers:\n  - name: a\n    env:\n    - |')).toEqual(['name', 'value']);
    expect(labels('spec:\n  policy: |')).toEqual(['Always', 'Never']);
    expect(labels('spec:\n  paused: |')).toEqual(['true', 'false']);
    expect(labels('unknown:\n  |')).toEqual([]);
  });

  test('a field says of itself what its type does not', () => {
    expect(schemaAt(schema, ['spec'])?.description).toBe('What is wanted.');
  });
});

describe('what is wrong', () => {
  const problems = (text: string) =>
    problemsOf(schema, text).map(({ kind, field, expected }) => [kind, field, expected]);
  test.each([
    ['nothing', 'spec:\n  replicas: 1\n  port: http\n  containers: [{name: a}]\n', []],
    ['a field that does not exist', 'spec:\n  replicsa: 1\n  containers: []\n', [['unknown', 'replicsa', '']]],
    ['a text for a number', 'spec:\n  replicas: "1"\n  containers: []\n', [['type', 'replicas', 'integer']]],
    ['a value for a list', 'spec:\n  containers: a\n', [['type', 'containers', 'list']]],
    ['a list for a mapping', 'spec: []\n', [['type', 'spec', 'object']]],
    [
      'a value that is none of them',
      'spec:\n  policy: Maybe\n  containers: []\n',
      [['value', 'policy', 'Always, Never']],
    ],
    ['what is missing', 'spec:\n  containers:\n  - env: []\n', [['required', 'containers', 'name']]],
    [
      'free keys and open mappings are fine',
      'metadata:\n  labels: {a: b}\nspec:\n  free: {x: 1}\n  containers: []\n',
      [],
    ],
    ['a number as a label', 'metadata:\n  labels: {a: 1}\n', [['type', 'a', 'string']]],
    ['not YAML', 'spec: [', []],
  ])('%s', (_what, text, found) => {
    expect(problems(text)).toEqual(found);
  });

  test('is marked where it stands', () => {
    const text = 'spec:\n  replicsa: 1\n  containers: []\n';
    const [problem] = problemsOf(schema, text);
    expect(text.slice(problem?.from, problem?.to)).toBe('replicsa');
  });
});
