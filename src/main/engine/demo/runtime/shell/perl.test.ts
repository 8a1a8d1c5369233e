import { expect, test } from 'vitest';
import { digitsAsked, pi } from './perl.ts';

test.each([
  [1, '3'],
  [2, '3.1'],
  [3, '3.14'],
  [5, '3.1416'],
  [31, '3.141592653589793238462643383280'],
])('%i digits of pi', (digits, text) => {
  expect(pi(digits)).toBe(text);
});

test('many digits: those at the thousandth place', () => {
  expect(pi(1001).slice(-10)).toBe('2164201989');
});

test.each([
  [['-Mbignum=bpi', '-wle', 'print bpi(2000)'], 2000],
  [['-wle', 'print bpi(2000)'], null],
  [['-Mbignum=bpi', '-e', 'print bpi(1e9)'], null],
  [['-e', 'print "hi"'], null],
])('%j asks for %s digits', (words, digits) => {
  expect(digitsAsked(words)).toBe(digits);
});
