/** Names in refusals where a request names nothing. */
import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { subjectOf } from './subject.ts';

const of = (metadata: KubeObject['metadata']) => ({ metadata }) as KubeObject;

test.each<[string, KubeObject | null, string]>([
  ['a', of({ name: 'b' }), 'a'],
  ['', of({ name: 'b', generateName: 'c-' }), 'b'],
  ['', of({ generateName: 'c-' }), 'c-'],
  ['', of({}), 'Unknown'],
  ['', null, 'Unknown'],
])('%j', (name, object, subject) => {
  expect(subjectOf({ name, object })).toBe(subject);
});
