import { expect, test } from 'vitest';
import { createRelation } from './relation.ts';

test('a target knows all that point at it, and no longer those that point elsewhere', () => {
  const relation = createRelation();
  relation.set('web', ['settings', 'secret', 'settings']);
  relation.set('api', ['settings']);
  expect(relation.sources('settings')).toEqual(['web', 'api']);

  relation.set('web', ['secret']);
  expect(relation.sources('settings')).toEqual(['api']);
  expect(relation.sources('secret')).toEqual(['web']);

  relation.set('web', []);
  expect(relation.sources('secret')).toEqual([]);
});

test('the answer may be walked while the relation changes', () => {
  const relation = createRelation();
  for (const source of ['a', 'b', 'c']) relation.set(source, ['x']);
  const walked: string[] = [];
  for (const source of relation.sources('x')) {
    relation.set(source, []);
    walked.push(source);
  }
  expect(walked).toEqual(['a', 'b', 'c']);
});
