import { expect, test } from 'vitest';
import { rangeOf } from './selection.ts';

const keys = ['a', 'b', 'c', 'd'];

test('a row alone is turned round', () => {
  expect([...rangeOf(new Set(['c']), keys, -1, 0, false)]).toEqual(['c', 'a']);
  expect([...rangeOf(new Set(['c']), keys, 0, 2, false)]).toEqual([]);
});

test('a range goes from the anchor to the row, in either direction, and takes the state of its end', () => {
  expect([...rangeOf(new Set(['b']), keys, 1, 3, true)].sort()).toEqual(['b', 'c', 'd']);
  expect([...rangeOf(new Set(['d']), keys, 3, 1, true)].sort()).toEqual(['b', 'c', 'd']);
  expect([...rangeOf(new Set(keys), keys, 0, 2, true)]).toEqual(['d']);
});

test('without an anchor on the screen a range is the row alone, and a row that is not loaded changes nothing', () => {
  expect([...rangeOf(new Set(), keys, -5, 2, true)]).toEqual(['c']);
  expect([...rangeOf(new Set(['a']), keys, 0, 9, false)]).toEqual(['a']);
});
