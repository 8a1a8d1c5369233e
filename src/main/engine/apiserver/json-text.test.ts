import { expect, test } from 'vitest';
import { problemOfJson } from './json-text.ts';

test.each([
  ['{bad', "invalid character 'b' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":01}', "invalid character '1' after object key:value pair"],
  ['[1 2]', "invalid character '2' after array element"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['{"a":"x\n"}', "invalid character '\\n' in string literal"],
  ['{"a":"\\q"}', "invalid character 'q' in string escape code"],
  ['tru', "invalid character ' ' in literal true (expecting 'e')"],
  ['trux', "invalid character 'x' in literal true (expecting 'e')"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ['{"a":1"}', `invalid character '"' after object key:value pair`],
  ['{"a":1\\}', "invalid character '\\\\' after object key:value pair"],
  ['{"a":"\u0011"}', "invalid character '\\x11' in string literal"],
  ['{"a":"\u0007"}', "invalid character '\\a' in string literal"],
  ['{"a":1é}', "invalid character 'Ã' after object key:value pair"],
  ['{"a":1😀}', "invalid character 'ð' after object key:value pair"],
  ['[1,2', 'unexpected end of JSON input'],
  ['', 'unexpected end of JSON input'],
  ['{"a":[1,{"b":null}]}', null],
])('what is wrong with %j is said as clients know it', (text, problem) => {
  expect(problemOfJson(text)).toBe(problem);
});

test.each([
  [Uint8Array.of(0x7b, 0xf2, 0x7d), "invalid character 'ò' looking for beginning of object key string"],
  [Uint8Array.of(0x5b, 0xa0, 0x5d), "invalid character '\\u00a0' looking for beginning of value"],
])('a byte that is no letter is named by its number', (bytes, problem) => {
  expect(problemOfJson(bytes)).toBe(problem);
});
