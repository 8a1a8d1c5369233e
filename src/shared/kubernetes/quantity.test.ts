import { expect, test } from 'vitest';
import { parseQuantity, quantityValue } from './quantity.ts';

test.each([
  ['0', 0],
  ['100m', 0.1],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['16Gi', 16 * 2 ** 30],
  ['128974848', 128_974_848],
  ['129e6', 129e6],
  ['129M', 129e6],
  ['-3k', -3000],
  ['250n', 2.5e-7],
])('%s is %d', (text, value) => {
  expect(quantityValue(text)).toBeCloseTo(value, 12);
});

test.each(['', 'x', '1e3Ki', '1 Gi', '1KB', '--1', '1e999'])('%j is no quantity and spoils no sum', (text) => {
  expect(quantityValue(text)).toBeNull();
  expect(parseQuantity(text)).toBe(0);
});

test('numbers of JSON are taken as they are, anything else as nothing', () => {
  expect([3, 0.25, Number.NaN, null, undefined, {}, true].map(parseQuantity)).toEqual([3, 0.25, 0, 0, 0, 0, 0]);
});
