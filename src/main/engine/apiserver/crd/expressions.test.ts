import { describe, expect, test } from 'vitest';
import { type CelValue, CostExceeded, compileExpression } from '../cel/index.ts';
import { toValue, typeOfSchema } from './expressions.ts';
import type { CustomSchema } from './structural.ts';

const schema: CustomSchema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    count: { type: 'integer' },
    ratio: { type: 'number' },
    on: { type: 'boolean' },
    when: { type: 'string', format: 'date-time' },
    wait: { type: 'string', format: 'duration' },
    port: { 'x-kubernetes-int-or-string': true },
    tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    numbers: { type: 'array', items: { type: 'integer' } },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', properties: { name: { type: 'string' }, port: { type: 'integer' } } },
    },
    'a-b.c': { type: 'string' },
    namespace: { type: 'string' },
    open: { 'x-kubernetes-preserve-unknown-fields': true },
  },
};
const self = {
  name: 'web',
  count: 3,
  ratio: 2,
  on: true,
  when: '2024-02-29T12:30:00Z',
  wait: '1h30m',
  port: 80,
  tags: ['b', 'a'],
  numbers: [3, 1, 2],
  labels: { app: 'web' },
  ports: [
    { name: 'http', port: 80 },
    { name: 'https', port: 443 },
  ],
  'a-b.c': 'escaped',
  namespace: 'reserved',
};
const type = typeOfSchema(schema, false)!;

function evaluate(expression: string, budget = 1_000_000): CelValue {
  const outcome = compileExpression(expression, { self: type });
  if ('problem' in outcome) throw new Error(outcome.problem);
  return outcome.program.run([toValue(self, schema)], budget).value;
}

test.each([
  // Fields, names, presence
  'self.name == "web" && self.count == 3',
  'self.a__dash__b__dot__c == "escaped" && self.__namespace__ == "reserved"',
  'has(self.name) && !has(self.labels.missing) && has(self.labels.app)',
  '"app" in self.labels && self.labels["app"] == "web" && !("x" in self.labels)',
  'self.?name.hasValue() && self.labels.?missing.orValue("none") == "none"',
  'self.labels[?"app"].optMap(v, v + "!").value() == "web!"',
  // Numbers
  '1 + 2 * 3 == 7 && 7 / 2 == 3 && -7 % 3 == -1 && 7.0 / 2.0 == 3.5 && 0x1F == 31',
  'self.ratio > self.count - 2 && 1 == 1.0 && 2u < 3 && double(self.count) == 3.0',
  'type(self.port) == int && type("x") == string && type(type(1)) == type',
  'int("42") == 42 && string(1.5) == "1.5" && int(2.9) == 2 && bool("true") && uint(3) == 3u',
  // Lists, sets, maps
  'self.tags == ["a", "b"] && self.tags + ["a", "c"] == ["a", "b", "c"]',
  'self.numbers != [1, 2, 3] && self.numbers.sum() == 6 && self.numbers.max() == 3 && self.numbers.min() == 1',
  '!self.numbers.isSorted() && self.numbers.sort() == [1, 2, 3] && self.numbers.indexOf(2) == 2',
  'self.numbers.all(n, n > 0) && self.numbers.exists(n, n == 2) && self.numbers.exists_one(n, n > 2)',
  'self.numbers.map(n, n * 2) == [6, 2, 4] && self.numbers.map(n, n > 1, n * 2) == [6, 4]',
  'self.numbers.filter(n, n < 3).size() == 2 && size(self.labels) == 1 && size("héllo") == 5',
  'self.ports.exists(p, p.name == "http" && p.port == 80) && self.ports.all(p, p.port < 1024)',
  'self.labels.all(k, k == "app") && self.labels.all(k, v, k != v) && [1, 2].exists(i, v, i == 1 && v == 2)',
  '{"a": 1, "b": 2}.transformMap(k, v, v * 2) == {"a": 2, "b": 4}',
  '[3, 4].transformList(i, v, i + v) == [3, 5] && [1, 1, 2].distinct() == [1, 2] && [1, 2, 3].slice(1, 3) == [2, 3]',
  'sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])',
  '[[1], [2, 3]].flatten() == [1, 2, 3] && ["b", "aa"].sortBy(x, size(x)) == ["b", "aa"]',
  // Text
  '"Hello".lowerAscii() == "hello" && "a,b".split(",") == ["a", "b"] && ["a", "b"].join("-") == "a-b"',
  '"abcabc".replace("b", "x", 1) == "axcabc" && "abc".substring(1, 2) == "b" && "abc".indexOf("c") == 2',
  '"abc 123".find("[0-9]+") == "123" && "a1b22".findAll("[0-9]+") == ["1", "22"] && "abc".matches("^a.c$")',
  '" x ".trim() == "x" && "abc".charAt(1) == "b" && "abc".startsWith("ab") && r"\\d" == "\\\\d"',
  '"%s is %d of %.1f%%".format([dyn("x"), dyn(1), dyn(2.5)]) == "x is 1 of 2.5%"',
  // Time
  'self.when > timestamp("2024-01-01T00:00:00Z") && self.when.getMonth() == 1 && self.when.getDayOfMonth() == 28',
  'self.wait == duration("90m") && self.wait.getMinutes() == 90 && self.when + self.wait > self.when',
  // Kubernetes
  'quantity("1.5Gi").isGreaterThan(quantity("1Gi")) && quantity("200m").add(quantity("0.8")) == quantity("1")',
  'isQuantity("10Mi") && !isQuantity("10 Mi") && quantity("50k").asInteger() == 50000',
  'url("https://example.com:80/p?a=1&a=2").getHost() == "example.com:80" && isURL("/path") && !isURL("x")',
  'url("https://example.com/p?a=1").getQuery() == {"a": ["1"]} && url("https://e.com/%20").getEscapedPath() == "/%20"',
  'ip("10.0.0.1").family() == 4 && isIP("::1") && !isIP("10.0.0.256") && ip("fe80::1").isLinkLocalUnicast()',
  'cidr("10.0.0.0/8").containsIP("10.1.2.3") && cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16") && isCIDR("::/0")',
  'string(cidr("10.1.2.3/8").masked()) == "10.0.0.0/8" && cidr("10.0.0.0/8").prefixLength() == 8',
  'semver("1.2.3").isLessThan(semver("1.10.0")) && isSemver("v1.2", true) && semver("1.2.3").minor() == 2',
  '!format.dns1123Label().validate("ok").hasValue() && format.named("uuid").hasValue()',
  // An error on one side of a logical operator does not matter when the other decides.
  'false && 1 / 0 == 1 || true || 1 / 0 == 1',
  '[0, 1].exists(n, 1 / n == 1)',
  '-9223372036854775808 < 0 && b"\\x01\\xff".size() == 2 && true ? "a" == "a" : false',
])('%s', (expression) => {
  expect(evaluate(expression)).toBe(true);
});

test.each([
  ['1 / 0 == 1', 'division by zero'],
  ['self.labels.missing == "x"', 'no such key: missing'],
  ['self.numbers[9] == 1', 'index out of bounds: 9'],
  ['9223372036854775807 + 1 > 0', 'integer overflow'],
  ['[].min() == 1', 'min called on empty list'],
  ['self.port + "x" == "x"', 'no such overload: _+_(int, string)'],
])('%s fails: %s', (expression, message) => {
  expect(() => evaluate(expression)).toThrow(message);
});

test.each([
  ['self.nothing == 1', "ERROR: <input>:1:5: undefined field 'nothing'\n | self.nothing == 1\n | ....^"],
  ['other == 1', "ERROR: <input>:1:1: undeclared reference to 'other' (in container '')\n | other == 1\n | ^"],
  [
    'self.name + 1 == ""',
    "ERROR: <input>:1:11: found no matching overload for '_+_' applied to '(string, int)'\n | self.name + 1 == \"\"\n | ..........^",
  ],
  ['self.name.size(1)', "found no matching overload for 'size' applied to 'string.(int)'"],
  ['self.name &&', "Syntax error: mismatched input '<EOF>' expecting {'['"],
  ['self.count ? 1 : 2', "expected type 'bool' but found 'int'"],
  ['has(self.nothing)', "ERROR: <input>:1:4: undefined field 'nothing'\n | has(self.nothing)\n | ...^"],
  ['self.open.x == 1', "undefined field 'open'"],
  ['self.count.all(x, true)', "expression of type 'int' cannot be range of a comprehension"],
  ['[1, "a"].size() == 2', "expected type 'int' but found 'string'"],
  ['for == 1', '1:1: reserved identifier: for'],
  ['"abc', 'token recognition error'],
])('%s does not compile: %s', (expression, message) => {
  const outcome = compileExpression(expression, { self: type });
  expect('problem' in outcome ? outcome.problem : 'compiled').toContain(message);
});

describe('hostile expressions', () => {
  const many = '[0,1,2,3,4,5,6,7,8,9]';
  test.each([
    `${many}.all(a, ${many}.all(b, ${many}.all(c, ${many}.all(d, ${many}.all(e, ${many}.all(f, ${many}.all(g, true)))))))`,
    'lists.range(100000).all(a, lists.range(100000).all(b, a >= 0))',
    `"a"${'.replace("a", "aaaaaaaaaaaaaaaa")'.repeat(40)} == ""`,
  ])('cost what they may, then stop: %#', (expression) => {
    expect(() => evaluate(expression)).toThrow(CostExceeded);
  });

  test('a pattern that backtracks elsewhere takes linear time here', () => {
    expect(evaluate(`"${'a'.repeat(30_000)}!".matches("^(a+)+$")`)).toBe(false);
  });

  test('nesting without end is refused', () => {
    const outcome = compileExpression(`${'('.repeat(5000)}1${')'.repeat(5000)}`, {});
    expect('problem' in outcome && outcome.problem).toContain('recursion limit');
  });
});
