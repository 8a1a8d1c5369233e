import { beforeAll, expect, test } from 'vitest';
import { loadYaml, parseYaml, toYaml } from './yaml.ts';

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
