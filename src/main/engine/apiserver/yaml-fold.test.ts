import { expect, test } from 'vitest';
import { foldLines } from './yaml-fold.ts';

const words = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');

test('a line ends at the first space after its 80th column, and goes on two columns further in', () => {
  expect(
    foldLines(
      "code: 406\nmessage: 'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch'\nmetadata: {}\n",
    ),
  ).toBe(
    "code: 406\nmessage: 'only the following media types are accepted: application/json;stream=watch,\n  application/vnd.kubernetes.protobuf;stream=watch'\nmetadata: {}\n",
  );
  const [first, second, ...rest] = foldLines(`a:\n  - b: ${words}`).split('\n').slice(1);
  expect(first!.length).toBeGreaterThan(80);
  expect(first!.slice(0, first!.lastIndexOf(' ')).length).toBeLessThanOrEqual(80);
  expect(second).toMatch(/^ {6}word/);
  expect(rest).toHaveLength(1);
});

test('an item of a list goes on under its text', () => {
  expect(foldLines(`- ${words}`).split('\n')[1]).toMatch(/^ {2}word/);
});

test('texts with lines of their own, keys and words without spaces are left alone', () => {
  for (const text of [`a: |-\n  ${words}\n  ${words}`, `- |\n  ${words}`, `a: ${'x'.repeat(200)}`, `${words}: a`])
    expect(foldLines(text)).toBe(text);
  expect(foldLines(`a: |-\n  ${words}\nb: ${words}`).split('\n')).toHaveLength(5);
});

test('spaces that would be lost are kept', () => {
  const long = 'x'.repeat(90);
  expect(foldLines(`a: "${long}  b c"`)).toBe(`a: "${long}\n  \\ b c"`);
  expect(foldLines(`a: '${long}  b c'`)).toBe(`a: '${long}  b\n  c'`);
  expect(foldLines(`a: '${long} '`)).toBe(`a: '${long} '`);
});
