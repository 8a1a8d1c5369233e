/** Estimates of what rules cost; the figures are those of a real API server. */
import { describe, expect, test } from 'vitest';
import { typeOfSchema } from './expressions.ts';
import { compileRule } from './rules.ts';
import { validateSchemaDefinition } from './schema-rules.ts';
import type { CustomSchema } from './structural.ts';

const TIMES = ['duration', 'date', 'date-time'];
const scalar = (name: string): CustomSchema =>
  name === 'int-or-string'
    ? { 'x-kubernetes-int-or-string': true }
    : TIMES.includes(name)
      ? { type: 'string', format: name }
      : { type: name };
const listOf = (items: CustomSchema | string, maxItems?: number): CustomSchema => ({
  type: 'array',
  items: typeof items === 'string' ? scalar(items) : items,
  ...(maxItems === undefined ? {} : { maxItems }),
});
const mapOf = (values: CustomSchema | string, maxProperties?: number): CustomSchema => ({
  type: 'object',
  additionalProperties: typeof values === 'string' ? scalar(values) : values,
  ...(maxProperties === undefined ? {} : { maxProperties }),
});
const text = (maxLength?: number): CustomSchema => ({
  type: 'string',
  ...(maxLength === undefined ? {} : { maxLength }),
});
const record: CustomSchema = {
  type: 'object',
  required: ['required'],
  properties: { required: text(), optional: text() },
};

test.each<[CustomSchema, string, number]>([
  [listOf('number'), 'self.all(x, true)', 4718591],
  [listOf('number', 10), 'self.all(x, true)', 32],
  [listOf('string'), 'self.all(x, true)', 3145727],
  [listOf('boolean'), 'self.all(x, true)', 1887437],
  [listOf(listOf('number')), 'self.all(x, true)', 3145727],
  [listOf('int-or-string'), 'self.all(x, true)', 4718591],
  [listOf('duration'), 'self.all(x, true)', 2359295],
  [listOf('date'), 'self.all(x, true)', 725936],
  [listOf('date-time'), 'self.all(x, true)', 428963],
  [mapOf('number'), 'self.all(x, true)', 1348169],
  [mapOf('string'), 'self.all(x, true)', 1179647],
  [mapOf(record), 'self.all(x, true)', 428963],
  [mapOf('string', 3), 'self.all(x, true)', 11],
  [listOf('number', 10), 'self.all(x, self.all(y, true))', 352],
  [listOf('number', 10), 'self.all(x, self.all(y, self.all(z, true)))', 3552],
  [listOf('number'), 'self.all(x, x == 0.0)', 6291454],
  [listOf('number'), 'self[1] == 0.0', 2],
  [listOf('string'), 'self[1] == self[1]', 314577],
  [listOf('int-or-string'), 'self[0] == 5', 3],
  [listOf(record), 'self[0] == null', 2],
  [listOf(listOf('number')), 'self[0][0] == -1.0', 3],
  [listOf(mapOf('number')), 'self.all(x, x.y == 25.2)', 6291452],
  [listOf(mapOf('number')), 'self[0].x > 2.0', 4],
  [listOf(mapOf(record)), 'self.all(x, x["y"].required == "z")', 7340027],
  [mapOf('string'), 'self.all(x, x.contains(self[x]))', 2752507],
  [mapOf('date-time'), 'self["a"] == self["b"]', 8],
  [mapOf('integer'), 'oldSelf.size() == self.size()', 5],
  [text(), 'self.contains("test")', 314574],
  [text(10), 'self.contains("test")', 5],
  [{ ...text(), enum: ['A', 'LongValue'] }, 'self.contains("A")', 2],
  [text(), 'self.startsWith("test")', 2],
  [text(), 'size(self + "hello") > size("hello")', 314578],
  [text(), 'self.matches("x")', 314574],
  [text(), '"".matches("(((((((((())))))))))[0-9]")', 7],
  [text(), 'self.find("[0-9]+") == ""', 629147],
  [text(), 'self.lowerAscii() == "lower!"', 314575],
  [text(0), 'self == "x"', 1],
  [listOf(text()), 'self.join(" ") == "aa bb"', 329853068905],
  [listOf(text(10), 10), 'self.join(" ") == "aa bb"', 43],
  [listOf(text()), 'self.isSorted() == true', 329854432052],
  [listOf(text(10), 10), 'self.isSorted() == true', 52],
  [{ type: 'object', properties: { str: text(), separator: text() } }, 'self.str.split(self.separator) == []', 629160],
])('%j: %s costs %i at most', (schema, rule, cost) => {
  const { program, problem } = compileRule({ rule }, typeOfSchema(schema, false)!, schema);
  expect([problem, program?.cost]).toEqual([null, cost]);
});

describe('a definition', () => {
  const AT = 'spec.validation.openAPIV3Schema';
  const refusals = (properties: Record<string, CustomSchema>) =>
    validateSchemaDefinition({ type: 'object', properties }, AT).map(({ field, message }) => `${field}: ${message}`);
  const ruled = (schema: CustomSchema, ...rules: string[]): CustomSchema => ({
    ...schema,
    'x-kubernetes-validations': rules.map((rule) => ({ rule })),
  });
  const advice =
    '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

  test('is refused for a rule that can become too expensive, and not when its schema bounds it', () => {
    const quadratic = 'self.all(x, self.exists(y, x == y))';
    expect(refusals({ names: ruled(listOf(text()), quadratic) })).toEqual([
      `${AT}.properties[names].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${advice}`,
      `${AT}.properties[names].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      `${AT}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${advice}`,
    ]);
    expect(refusals({ names: ruled(listOf(text(10), 10), quadratic) })).toEqual([]);
  });

  test('counts a rule as often as its place can be there', () => {
    const rule = 'self.startsWith("abc") && self.endsWith("xyz") && self.contains("-")';
    // Twice within lists of 1000: a million times seven.
    expect(refusals({ rows: listOf(listOf(ruled(text(4), rule), 1000), 1000) })).toEqual([]);
    const [refusal] = refusals({ rows: listOf(listOf(ruled(text(4), rule), 2000), 1000) });
    expect(refusal).toBe(
      `${AT}.properties[rows].items.items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 1.400000x ${advice}`,
    );
  });

  test('is refused for rules that are too expensive together', () => {
    const walk = 'self.all(x, x != "" && !x.startsWith("a"))';
    const properties = Object.fromEntries(
      Array.from({ length: 15 }, (_, index) => [`p${index}`, ruled(listOf(text()), walk)]),
    );
    const found = refusals(properties);
    expect(found).toHaveLength(5);
    expect(found.at(-1)).toMatch(/total for entire OpenAPIv3 schema exceeds budget by factor of 1\.\d+x/);
  });
});
