import { expect, test } from 'vitest';
import { yamlBytesProblem } from './yaml-bytes.ts';

test.each([
  ['a: ü\t\r\n\u{1f600}\ufeff\u0085', null],
  [[0x61, 0xff], 'yaml: invalid leading UTF-8 octet'],
  [[0x80], 'yaml: invalid leading UTF-8 octet'],
  [[0xc3], 'yaml: incomplete UTF-8 octet sequence'],
  [[0xc3, 0x78], 'yaml: invalid trailing UTF-8 octet'],
  [[0xc0, 0x80], 'yaml: invalid length of a UTF-8 sequence'],
  [[0xed, 0xa0, 0x80], 'yaml: invalid Unicode character'],
  [[0xf4, 0x90, 0x80, 0x80], 'yaml: invalid Unicode character'],
  ['a: \u0001', 'yaml: control characters are not allowed'],
  ['a: \u007f', 'yaml: control characters are not allowed'],
  ['a: \u0086', 'yaml: control characters are not allowed'],
  ['a: \ufffe', 'yaml: control characters are not allowed'],
])('%j', (given, problem) => {
  expect(yamlBytesProblem(Buffer.from(given as string))).toBe(problem);
});
