import { expect, test } from 'vitest';
import { goQuoted } from './go-quote.ts';

test.each([
  ['plain "and" \\', '"plain \\"and\\" \\\\"'],
  ['a\nb\tc\r\b\f', '"a\\nb\\tc\\r\\b\\f"'],
  ['\u0000\u0001\u0007\u000b\u001f\u007f', '"\\x00\\x01\\a\\v\\x1f\\x7f"'],
  ['字é\u0085', '"字é\\u0085"'],
])('%j is quoted as Go does', (text, quoted) => expect(goQuoted(text)).toBe(quoted));
