/** What is said of everyday mistakes in YAML. Texts of kube-apiserver 1.36.2. */
import { beforeAll, expect, test } from 'vitest';
import { loadYaml, parseYaml } from './yaml.ts';

beforeAll(loadYaml);

const HEAD = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n';

test.each([
  ['data:\n\ta: b\n', 'line 6: found character that cannot start any token'],
  ['data:\n  a: b\n\tc: d\n', 'line 7: found a tab character that violates indentation'],
  ['data\n  a: b\n', "line 6: could not find expected ':'"],
  ['data:\n   a: b\n  c: d\n', 'line 6: did not find expected key'],
  [' data:\n  a: b\n', 'line 4: did not find expected key'],
  ['data:\n  a: "b\n  c: d\n', 'line 8: found unexpected end of stream'],
  ["data:\n  a: 'b\n", 'line 7: found unexpected end of stream'],
  ['data: [a, b\n', "line 5: did not find expected ',' or ']'"],
  ['data: {a: b\n', "line 5: did not find expected ',' or '}'"],
  ['data:\n  a: b: c\n', 'line 6: mapping values are not allowed in this context'],
  ['data:\n- a\n  b: c\n', 'line 7: mapping values are not allowed in this context'],
  ['data:\n  a: @b\n', 'line 6: found character that cannot start any token'],
  ['data:\n  a: %b\n', 'line 6: found character that cannot start any token'],
  ['data:\n  a: *b\n', "unknown anchor 'b' referenced"],
  ['data:\n  a: {{ .Values.x }}\n', 'invalid map key: map[interface {}]interface {}{".Values.x":interface {}(nil)}'],
  ['data:\n  a: "\\q"\n', 'line 6: found unknown escape character'],
  ['data:\n  a: |x\n   b\n', 'line 6: did not find expected comment or line break'],
  ['data:\n  a\n  b: c\n', 'line 7: mapping values are not allowed in this context'],
  ['data:\n  "a" b: c\n', 'line 5: did not find expected key'],
  ['data:\n  a: "b" c\n', 'line 5: did not find expected key'],
])('%j', (rest, problem) => {
  expect(() => parseYaml(HEAD + rest)).toThrow(new Error(`yaml: ${problem}`));
});

test.each([
  ['a:b\nc: d\n', 'yaml: line 2: mapping values are not allowed in this context'],
  ['- a\nb: c\n', "yaml: line 1: did not find expected '-' indicator"],
  ['apiVersion: v1\nkind', "yaml: line 3: could not find expected ':'"],
])('%j alone', (text, problem) => {
  expect(() => parseYaml(text)).toThrow(new Error(problem));
});

test('of several documents the first one is read', () => {
  expect(parseYaml('a: 1\n---\nb: 2\n')).toEqual({ a: 1 });
});
