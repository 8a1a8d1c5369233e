import { expect, test } from 'vitest';
import { labelName } from './meta.ts';

test('a label with dots is told of them alone, what a generated one begins with too', () => {
  expect(labelName('a.b')).toEqual(['must not contain dots']);
  expect(labelName('a.b-', true)).toEqual(['must not contain dots']);
  expect(labelName('a-', true)).toEqual([]);
  expect(labelName('a-')).toHaveLength(1);
});
