import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf } from '../sim/objects.ts';
import { stillDisrupted } from './disruption-budget.ts';

test('an eviction that has come to nothing is looked at again when its time is over, and forgotten then', () => {
  const at = (seconds: number) => Date.parse('2026-01-01T00:00:00Z') + seconds * 1000;
  const pod = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name } });
  const pods = [pod('a'), pod('b'), pod('c')];
  const marked = { a: '2026-01-01T00:00:00Z', b: '2026-01-01T00:00:30Z', gone: '2026-01-01T00:00:00Z' };
  const early = stillDisrupted(marked, pods, at(60));
  expect(early).toMatchObject({ open: { a: marked.a, b: marked.b }, overdue: [], next: 60_001 });
  const late = stillDisrupted(marked, pods, at(60) + (early.next ?? 0));
  expect([Object.keys(late.open), late.overdue.map(nameOf)]).toEqual([['b'], ['a']]);
});
