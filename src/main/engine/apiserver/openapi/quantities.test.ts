import { expect, test } from 'vitest';
import type { KindDefinition } from '../types.ts';
import { withQuantitiesOf } from './quantities.ts';

const kind = { schema: 'io.k8s.api.core.v1.Pod' } as KindDefinition;
const pod = (memory: string, env = 'x') => ({
  spec: { containers: [{ name: 'c', env: [{ name: 'A', value: env }], resources: { limits: { memory } } }] },
});

test('a quantity is written as it was where it is worth as much', () => {
  const now = pod('1073741824');
  expect(withQuantitiesOf(kind, now, pod('1Gi'))).toEqual(pod('1Gi'));
  expect(now).toEqual(pod('1073741824'));
});

test('nothing is copied where no quantity is written otherwise', () => {
  for (const old of [pod('1Gi'), pod('2Gi'), {}, { spec: null }]) {
    const now = pod('1Gi');
    expect(withQuantitiesOf(kind, now, old)).toBe(now);
  }
});

test('what only looks like a quantity stays', () => {
  const now = pod('1Gi', '1000m');
  expect(withQuantitiesOf(kind, now, pod('1Gi', '1'))).toBe(now);
  const custom = { ...kind, custom: {} } as KindDefinition;
  const other = pod('1073741824');
  expect(withQuantitiesOf(custom, other, pod('1Gi'))).toBe(other);
});
