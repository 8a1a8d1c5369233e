import { expect, test } from 'vitest';
import { microTimeProblem, readTime, timeProblem } from './scalars.ts';

const MICRO = '2006-01-02T15:04:05.000000Z07:00';

test.each([
  ['2020-02-29T1:02:03Z', null],
  ['2020-02-30T01:02:03Z', 'day out of range'],
  ['2020-13-01T00:00:00Z', 'month out of range'],
  ['2020-01-01T24:00:00Z', 'hour out of range'],
  ['2020-01-01T00:00:00+25:00', 'time zone offset hour out of range'],
  ['2020-01-01T00:00:00Zx', 'extra text: "x"'],
])('%s: %s', (text, problem) => {
  expect(timeProblem(text)).toBe(problem === null ? null : `parsing time ${JSON.stringify(text)}: ${problem}`);
});

test.each([
  ['2020-01-01t00:00:00Z', 't00:00:00Z', 'T'],
  ['2020-01-01T00:00:00Z', 'Z', '.000000'],
  ['2020-01-01T00:00:00.0000001Z', '1Z', 'Z07:00'],
  ['20', '20', '2006'],
])('%s is no fine time: %s for %s', (text, rest, element) => {
  const what = `cannot parse ${JSON.stringify(rest)} as "${element}"`;
  expect(microTimeProblem(text)).toBe(`parsing time ${JSON.stringify(text)} as "${MICRO}": ${what}`);
});

test('offsets, short hours and commas are read', () => {
  expect(readTime('2020-01-01T1:00:00+02:30', false)).toEqual({
    seconds: Date.UTC(2019, 11, 31, 22, 30),
    fraction: '',
  });
  expect(readTime('0001-01-01T00:00:00,123456Z', true)).toMatchObject({ fraction: '123456' });
});
