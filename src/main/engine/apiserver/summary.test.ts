import { expect, test } from 'vitest';
import { summary } from './json.ts';

test.each<[string | Uint8Array, string]>([
  ['', '<empty>'],
  ['{"a":1}', '{"a":1}'],
  [`{"a":"${'x'.repeat(40)}"}`, `{"a":"${'x'.repeat(24)} ...`],
  // Bytes are counted, not letters.
  [`{"a":"${'ü'.repeat(40)}"}`, `{"a":"${'ü'.repeat(12)} ...`],
  [
    Buffer.concat([Buffer.from('{"a":"'), Uint8Array.of(0xf2), Buffer.alloc(40, 'x')]),
    `{"a":"\ufffd${'x'.repeat(23)} ...`,
  ],
  ['k8s', '6b3873'],
])('of what was sent as %j is quoted', (sent, shown) => {
  expect(summary(sent)).toBe(shown);
});
