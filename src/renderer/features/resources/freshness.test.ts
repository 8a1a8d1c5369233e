import { expect, test } from 'vitest';
import type { Freshness } from '#shared/contract/views.ts';
import { together } from './freshness.ts';

const of = (...states: Freshness['state'][]): Freshness[] =>
  states.map((state, place) => ({
    target: { kind: 'cluster', id: String(place) },
    state,
    since: '',
    reason: null,
    count: 1,
  }));
const ids = (groups: Freshness[][]) => groups.map((group) => group.map(({ target }) => target.id).join(''));

test('a few clusters are each told of', () => {
  expect(ids(together(of('live', 'live', 'stale', 'live')))).toEqual(['0', '1', '2', '3']);
});

test('of many, those in one state are told of together, and the exceptions by name', () => {
  expect(ids(together(of('live', 'stale', 'live', 'live', 'disconnected', 'live')))).toEqual(['0235', '1', '4']);
  const [first, ...others] = of('live', 'live', 'live', 'live', 'live') as [Freshness, ...Freshness[]];
  expect(ids(together([{ ...first, within: ['shop'] }, ...others]))).toEqual(['0', '1234']);
  expect(ids(together(of('stale', 'stale', 'stale', 'live', 'live')))).toEqual(['012', '3', '4']);
});
