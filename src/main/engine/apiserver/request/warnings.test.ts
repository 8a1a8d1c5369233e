import { expect, test } from 'vitest';
import { warningHeaders } from './warnings.ts';

test('quotes and backslashes are escaped, other letters stay', () => {
  expect(warningHeaders(['say "é" \\'])).toEqual(['299 - "say \\"é\\" \\\\"']);
});

test('a text is told once, and not at all when it is empty or more than one line', () => {
  expect(warningHeaders(['a', '', 'two\nlines', 'a', 'b', 'tab\tbed', 'c1\u0085'])).toEqual(['299 - "a"', '299 - "b"']);
});

test('too much text is cut, each to 256 letters, until there is enough of it', () => {
  const texts = Array.from({ length: 30 }, (_, index) => `${String(index).padStart(2, '0')}${'é'.repeat(298)}`);
  expect(warningHeaders(texts.slice(0, 13))).toEqual(texts.slice(0, 13).map((text) => `299 - "${text}"`));
  expect(warningHeaders(texts)).toEqual(texts.slice(0, 16).map((text) => `299 - "${text.slice(0, 256)}"`));
});
