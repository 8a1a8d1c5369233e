import { expect, test } from 'vitest';
import { addressOf, fractionOf, remembered, timeOf } from './values.ts';

test('a time is what Date.parse makes of it, whole seconds or not', () => {
  for (let day = -200_000; day < 200_000; day += 97) {
    const text = new Date(day * 86_400_000 + ((day * 7919) % 86_400) * 1000).toISOString();
    for (const written of [text, text.replace('.000Z', 'Z')]) {
      if (!/^\d{4}-/.test(written)) continue;
      expect(timeOf(written), written).toBe(Date.parse(written));
    }
  }
  expect(timeOf('2026-03-01T10:00:00.123456Z')).toBe(Date.parse('2026-03-01T10:00:00.123Z'));
  expect(timeOf('2026-03-01T10:00:00+02:00')).toBe(Date.parse('2026-03-01T08:00:00Z'));
});

test.each([
  '',
  'never',
  '2026-13-01T00:00:00Z',
  '2026-0x-01T00:00:00Z',
  '2026-01-01T0a:00:00Z',
])('%j is no time', (text) => expect(timeOf(text)).toBeNull());

test.each([
  ['0.0.0.0', 0],
  ['10.0.0.9', 10 * 2 ** 24 + 9],
  ['255.255.255.255', 2 ** 32 - 1],
  ['256.0.0.1', null],
  ['10.0.0', null],
  ['10.0.0.1.2', null],
  ['10..0.1', null],
  ['10.0.0.', null],
  ['fd00::1', null],
  ['None', null],
  ['', null],
])('the address %j is %s', (text, value) => expect(addressOf(text)).toBe(value));

test('a fraction goes by what is there, then by what is wanted', () => {
  const sorted = ['10/10', '2/3', '9/10', '2/2'].sort((a, b) => (fractionOf(a) ?? 0) - (fractionOf(b) ?? 0));
  expect(sorted).toEqual(['2/2', '2/3', '9/10', '10/10']);
  expect(fractionOf('all')).toBeNull();
});

test('what is remembered is asked once, what does not fit is asked again, and both are answered right', () => {
  const asked: string[] = [];
  const length = remembered((text) => {
    asked.push(text);
    return text.length;
  }, 2);
  for (const text of ['a', 'bb', 'a', 'ccc', 'a', 'ccc', 'bb']) expect(length(text)).toBe(text.length);
  expect(asked).toEqual(['a', 'bb', 'ccc', 'ccc']);
});
