import { beforeAll, expect, test } from 'vitest';
import { loadYaml, parseYaml, repeatedKeys, toYaml } from './yaml.ts';

beforeAll(loadYaml);

test('objects are written as the API server writes them', () => {
  const value = {
    metadata: {
      name: 'a',
      labels: { n: 'yes', 'app.kubernetes.io/name': 'x' },
      managedFields: [{ fieldsV1: { '.': {} } }],
    },
    data: { port: '80', since: '2026-01-01T00:00:00Z', text: 'a\nb\n', none: '', star: '*', pair: 'a: b' },
    empty: [],
  };
  expect(toYaml(value)).toBe(
    [
      'data:',
      '  none: ""',
      "  pair: 'a: b'",
      '  port: "80"',
      '  since: "2026-01-01T00:00:00Z"',
      "  star: '*'",
      '  text: |',
      '    a',
      '    b',
      'empty: []',
      'metadata:',
      '  labels:',
      '    app.kubernetes.io/name: x',
      '    "n": "yes"',
      '  managedFields:',
      '  - fieldsV1:',
      '      .: {}',
      '  name: a',
      '',
    ].join('\n'),
  );
  expect(parseYaml(toYaml(value))).toEqual(value);
});

test('of a key that is given twice the last value counts, and each is told with the line of the later value', () => {
  const text = 'a: 1\nb: {c: 1, c: 2}\na:\n  - d: 1\n    d:\n      e: 1\n1: x\n1: z\n';
  expect(parseYaml(text)).toEqual({ a: [{ d: { e: 1 } }], b: { c: 2 }, 1: 'z' });
  expect(repeatedKeys(text)).toEqual([
    'line 2: key "c" already set in map',
    'line 6: key "d" already set in map',
    'line 4: key "a" already set in map',
    'line 8: key 1 already set in map',
  ]);
  expect(repeatedKeys('{"a": {"b": 1}}')).toEqual([]);
});
