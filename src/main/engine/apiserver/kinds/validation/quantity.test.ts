import { describe, expect, test } from 'vitest';
import { canonicalQuantity, compareQuantities, isQuantity, parseQuantity, quantityProblem } from './quantity.ts';

describe('canonical quantities', () => {
  test.each([
    ['0.1', '100m'],
    ['1000m', '1'],
    ['0.5Gi', '512Mi'],
    ['1024Mi', '1Gi'],
    ['1500m', '1500m'],
    ['1.5Gi', '1536Mi'],
    ['100Ki', '100Ki'],
    ['0', '0'],
    ['0.0000000001', '1n'],
    ['12e6', '12e6'],
    ['1e3', '1e3'],
    ['-1Gi', '-1Gi'],
    ['4', '4'],
    ['1000', '1k'],
    ['1000000', '1M'],
    ['.5', '500m'],
    ['+2', '+2'],
    ['+1000m', '1'],
    ['9999999999999Gi', '9223372036854775807'],
    // What is nearly canonical stays as it was written.
    ['1.500', '1.500'],
    ['1.5', '1500m'],
    ['01Gi', '01Gi'],
    ['08Gi', '8Gi'],
    ['1e+3', '1e+3'],
    // Nothing but a sign, a dot or a suffix is none.
    ['-', '0'],
    ['.Gi', '0'],
    ['Gi', '0'],
  ])('%s is written %s', (given, canonical) => {
    expect(canonicalQuantity(given)).toBe(canonical);
    expect(canonicalQuantity(canonical)).toBe(canonical);
  });
});

test.each(['', 'x', '1 Gi', '1GiB', '--1', '1e1000', '1,5'])('%j is no quantity', (text) => {
  expect(isQuantity(text)).toBe(false);
});

test.each([
  ['', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ['1 x', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ['1ki', "unable to parse quantity's suffix"],
  ['1e', "unable to parse quantity's suffix"],
  ['-Pi', 'unable to parse numeric part of quantity'],
  ['1Pi', null],
])('%j: %s', (text, problem) => {
  expect(quantityProblem(text)).toBe(problem);
});

test('comparison is exact beyond what numbers hold', () => {
  expect(compareQuantities('9007199254740993', '9007199254740992')).toBe(1);
  expect(compareQuantities('1Gi', '1073741824')).toBe(0);
  expect(parseQuantity('250m')).toBe(0.25);
});
