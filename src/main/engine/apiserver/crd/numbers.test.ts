/** Numbers of custom resources. Texts of kube-apiserver 1.36.2. */
import { expect, test } from 'vitest';
import { numberProblems, shownNumber } from './numbers.ts';

const said = (value: number, schema: object, format = '') =>
  numberProblems(value, schema, format, 'n').map(({ field, message }) => `${field}: ${message}`);

test.each<[number, object, string, string[]]>([
  [5, { type: 'integer' }, 'int32', []],
  [1.5, { type: 'number', multipleOf: 0.5 }, '', []],
  [
    3e9,
    { type: 'integer' },
    'int32',
    ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in n'],
  ],
  [
    1.5,
    { type: 'integer' },
    '',
    ['<nil>: Invalid value: "": Checked value must be of type integer (default format) in n'],
  ],
  // A whole number makes the factor whole.
  [5, { type: 'number', multipleOf: 2.5 }, '', ['n: Invalid value: 5: n in body should be a multiple of 2']],
  [
    5,
    { type: 'number', multipleOf: 0.5 },
    '',
    ['n: Invalid value: 0: factor MultipleOf declared for n must be positive: 0'],
  ],
  [
    6,
    { type: 'integer', multipleOf: -3 },
    '',
    ['n: Invalid value: -3: factor MultipleOf declared for n must be positive: -3'],
  ],
  [
    1e20,
    { type: 'number', maximum: 10 },
    '',
    ['n: Invalid value: 1e+20: n in body should be less than or equal to 10'],
  ],
  [
    3,
    { type: 'number', maximum: 3, exclusiveMaximum: true },
    '',
    ['n: Invalid value: 3: n in body should be less than 3'],
  ],
])('%d for %j %s', (value, schema, format, expected) => {
  expect(said(value, schema, format)).toEqual(expected);
});

test.each([
  [1.5, '1.5'],
  [1e20, '1e+20'],
  [2e-7, '2e-07'],
  [3e9, '3000000000'],
])('%d is shown as %s', (value, text) => {
  expect(shownNumber(value)).toBe(text);
});
